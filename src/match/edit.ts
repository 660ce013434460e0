// Changing IDs in /etc/passwd and /etc/group as usermod(8) and groupmod(8) do: bytes in, bytes out, every other byte kept.

import { GID as GROUP_GID, gidLine } from "../accounts/group.ts";
import { type Line, lineWithFields, withId } from "../accounts/lines.ts";
import { UID, GID as USER_GID, uidLine, userLine } from "../accounts/passwd.ts";
import { bytesOf, textOf } from "../text.ts";

/**
 * passwd with `uid` and `gid` in the first line of `name` that counts. If an earlier line has that UID, the user's line moves
 * right before it, so that the UID is looked up as this name. Returns the same buffer if nothing changes.
 */
export function editPasswd(passwd: Buffer, name: string, uid: number, gid: number): Buffer {
  const line = userLine(passwd, name);
  if (line === undefined) return passwd;
  const fields = withId(withId(line.fields, UID, uid), USER_GID, gid);
  const text = lineWithFields(passwd, line, fields);
  const first = uidLine(passwd, uid);
  if (first !== undefined && first.start < line.start) return withLineMoved(passwd, line, text, first.start);
  return withLine(passwd, line, text);
}

/**
 * group with the GID `to` in the first line that counts and has the GID `from`, unless some group already has `to`. Returns
 * the same buffer if nothing changes.
 */
export function editGroup(group: Buffer, from: number, to: number): Buffer {
  const line = gidLine(group, from);
  if (line === undefined || gidLine(group, to) !== undefined) return group;
  return withLine(group, line, lineWithFields(group, line, withId(line.fields, GROUP_GID, to)));
}

/** The file with `text` in place of the line. */
function withLine(file: Buffer, line: Line, text: string): Buffer {
  if (text === textOf(file, line.start, line.next)) return file;
  return Buffer.concat([file.subarray(0, line.start), bytesOf(text), file.subarray(line.next, file.length)]);
}

/** The file without the line, and with `text` inserted at the earlier offset `place`, where a line begins. */
function withLineMoved(file: Buffer, line: Line, text: string, place: number): Buffer {
  const before = file.subarray(0, place);
  if (text.endsWith("\n"))
    return Buffer.concat([
      before,
      bytesOf(text),
      file.subarray(place, line.start),
      file.subarray(line.next, file.length),
    ]);
  // The line was the last one and had no newline: it takes the newline of the line that is last now.
  const between = textOf(file, place, line.start);
  const ending = between.endsWith("\r\n") && !text.endsWith("\r") ? "\r\n" : "\n";
  return Buffer.concat([before, bytesOf(text + ending), bytesOf(between.slice(0, between.length - ending.length))]);
}

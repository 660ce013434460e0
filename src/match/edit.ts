// Changing IDs in /etc/passwd and /etc/group as usermod(8) and groupmod(8) do: files in, files out, every other byte kept.

import { fieldEnd, hasName, idIn, isText, type Line, lineAt } from "../accounts/lines.ts";
import { bytesOf } from "../text.ts";

const CARRIAGE_RETURN = 13;
/** No two IDs have more digits. */
const TWO_IDS = 20;

/**
 * passwd with `uid` and `gid` in the first line of `name` that parses. If a line before it has that UID, the user's line
 * moves right before that one, so that the UID belongs to this name first. The very same array where nothing changes.
 */
export function editPasswd(passwd: Uint8Array, name: string, uid: number, gid: number): Uint8Array {
  let before = -1;
  let offset = 0;
  while (offset < passwd.length) {
    const line = lineAt(passwd, offset);
    const nameEnd = fieldEnd(passwd, line.start, line.end);
    const passwordEnd = fieldEnd(passwd, nameEnd + 1, line.end);
    const uidEnd = fieldEnd(passwd, passwordEnd + 1, line.end);
    const gidEnd = fieldEnd(passwd, uidEnd + 1, line.end);
    const lineUid = idIn(passwd, passwordEnd + 1, uidEnd);
    const lineGid = idIn(passwd, uidEnd + 1, gidEnd);
    if (hasName(passwd, line.start, nameEnd) && lineUid >= 0 && lineGid >= 0) {
      if (isText(passwd, line.start, nameEnd, name)) {
        if (lineUid === uid && lineGid === gid && before < 0) return passwd;
        const text = new Draft(line.next - offset + TWO_IDS);
        text.add(passwd, offset, passwordEnd + 1);
        text.addId(passwd, passwordEnd + 1, uidEnd, lineUid, uid);
        text.add(passwd, uidEnd, uidEnd + 1);
        text.addId(passwd, uidEnd + 1, gidEnd, lineGid, gid);
        text.add(passwd, gidEnd, Math.min(line.next, passwd.length));
        return withLine(passwd, offset, line.next, text.bytes(), before < 0 ? offset : before);
      }
      if (lineUid === uid && before < 0) before = offset;
    }
    offset = line.next;
  }
  return passwd;
}

/** The file with the line from `start` to `next` replaced by `text`, which stands at `place`, there or further up. */
function withLine(file: Uint8Array, start: number, next: number, text: Uint8Array, place: number): Uint8Array {
  const whole = new Draft(file.length + TWO_IDS);
  whole.add(file, 0, place);
  whole.add(text, 0, text.length);
  if (place < start && next > file.length) {
    // The last line, which no newline ends: it takes the one of the line that becomes the last.
    const ending = file[start - 2] === CARRIAGE_RETURN && text[text.length - 1] !== CARRIAGE_RETURN ? 2 : 1;
    whole.add(file, start - ending, start);
    whole.add(file, place, start - ending);
  } else {
    whole.add(file, place, start);
    whole.add(file, Math.min(next, file.length), file.length);
  }
  return whole.bytes();
}

/**
 * group with `to` in the first line that parses and has GID `from`, unless some group has `to` already. The very same
 * array where nothing changes.
 */
export function editGroup(group: Uint8Array, from: number, to: number): Uint8Array {
  const line = groupLine(group, from);
  if (line === undefined || groupLine(group, to) !== undefined) return group;
  const [start, end] = gidField(group, line);
  const whole = new Draft(group.length + TWO_IDS);
  whole.add(group, 0, start);
  whole.addId(group, start, end, from, to);
  whole.add(group, end, group.length);
  return whole.bytes();
}

/** The name of the first group that has the GID; undefined where none has. */
export function hasGroup(group: Uint8Array, gid: number): boolean {
  return groupLine(group, gid) !== undefined;
}

/** The first line that parses (name:password:GID[:members]) and has the GID. */
function groupLine(group: Uint8Array, gid: number): Line | undefined {
  let offset = 0;
  while (offset < group.length) {
    const line = lineAt(group, offset);
    offset = line.next;
    if (!hasName(group, line.start, fieldEnd(group, line.start, line.end))) continue;
    const [start, end] = gidField(group, line);
    if (idIn(group, start, end) === gid) return line;
  }
  return undefined;
}

function gidField(group: Uint8Array, line: Line): [number, number] {
  const nameEnd = fieldEnd(group, line.start, line.end);
  const passwordEnd = fieldEnd(group, nameEnd + 1, line.end);
  return [passwordEnd + 1, fieldEnd(group, passwordEnd + 1, line.end)];
}

/** Whether a line of passwd other than that of `name` has this primary GID. */
export function sharesGroup(passwd: Uint8Array, name: string, gid: number): boolean {
  let offset = 0;
  while (offset < passwd.length) {
    const line = lineAt(passwd, offset);
    offset = line.next;
    const nameEnd = fieldEnd(passwd, line.start, line.end);
    if (!hasName(passwd, line.start, nameEnd) || isText(passwd, line.start, nameEnd, name)) continue;
    const passwordEnd = fieldEnd(passwd, nameEnd + 1, line.end);
    const uidEnd = fieldEnd(passwd, passwordEnd + 1, line.end);
    if (idIn(passwd, uidEnd + 1, fieldEnd(passwd, uidEnd + 1, line.end)) === gid) return true;
  }
  return false;
}

/** A file in the making. */
class Draft {
  private readonly room: Uint8Array;
  private length = 0;

  /** At most `most` bytes. */
  constructor(most: number) {
    this.room = new Uint8Array(most);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.room.set(bytes.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** The ID's digits, or the field as it stands if it says the same already. */
  addId(bytes: Uint8Array, start: number, end: number, is: number, wanted: number): void {
    const digits = bytesOf(`${wanted}`);
    if (is === wanted) this.add(bytes, start, end);
    else this.add(digits, 0, digits.length);
  }

  bytes(): Uint8Array {
    return this.room.subarray(0, this.length);
  }
}

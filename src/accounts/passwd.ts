// Who exists: the lines of /etc/passwd.

import { bytesOf, textOf } from "../text.ts";
import { fieldEnd, hasName, idIn, isText, type Line, lineWith } from "./lines.ts";

/** What a line of passwd(5) says of a user. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/**
 * The first line that has this name (moby/sys/user: the first match wins).
 * A line counts if it has a name and UID and GID are numbers from 0 to 4294967294; others are skipped.
 */
export function accountNamed(passwd: Buffer, name: string): Account | undefined {
  const text = bytesOf(name);
  let line = lineWith(passwd, text, 0);
  while (line !== undefined) {
    const nameEnd = fieldEnd(passwd, line.start, line.end);
    const uid = isText(passwd, line.start, nameEnd, name) ? uidOf(passwd, line, nameEnd) : -1;
    if (uid >= 0) return accountOf(passwd, line, nameEnd, uid);
    line = lineWith(passwd, text, line.next);
  }
  return undefined;
}

/** The first line that has this UID; it may have zeros in front. */
export function accountWithId(passwd: Buffer, id: number): Account | undefined {
  const text = bytesOf(`${id}`);
  let line = lineWith(passwd, text, 0);
  while (line !== undefined) {
    const nameEnd = fieldEnd(passwd, line.start, line.end);
    const uid = uidOf(passwd, line, nameEnd);
    if (uid === id) return accountOf(passwd, line, nameEnd, uid);
    line = lineWith(passwd, text, line.next);
  }
  return undefined;
}

/** The UID of a line that parses, else -1. */
function uidOf(passwd: Uint8Array, line: Line, nameEnd: number): number {
  if (!hasName(passwd, line.start, nameEnd)) return -1;
  const passwordEnd = fieldEnd(passwd, nameEnd + 1, line.end);
  const uidEnd = fieldEnd(passwd, passwordEnd + 1, line.end);
  const gidEnd = fieldEnd(passwd, uidEnd + 1, line.end);
  if (idIn(passwd, uidEnd + 1, gidEnd) < 0) return -1;
  return idIn(passwd, passwordEnd + 1, uidEnd);
}

function accountOf(passwd: Buffer, line: Line, nameEnd: number, uid: number): Account {
  const passwordEnd = fieldEnd(passwd, nameEnd + 1, line.end);
  const uidEnd = fieldEnd(passwd, passwordEnd + 1, line.end);
  const gidEnd = fieldEnd(passwd, uidEnd + 1, line.end);
  const commentEnd = fieldEnd(passwd, gidEnd + 1, line.end);
  const homeEnd = fieldEnd(passwd, commentEnd + 1, line.end);
  const shellEnd = fieldEnd(passwd, homeEnd + 1, line.end);
  return {
    name: textOf(passwd, line.start, nameEnd),
    uid,
    gid: idIn(passwd, uidEnd + 1, gidEnd),
    home: textOf(passwd, commentEnd + 1, homeEnd),
    shell: textOf(passwd, homeEnd + 1, shellEnd),
  };
}

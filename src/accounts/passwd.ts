// Who exists: the lines of /etc/passwd.

import { itemOf, numberOf } from "../text.ts";
import { fieldEnd, fieldsOf, hasName, idIn, isText, type Line, lineAt } from "./lines.ts";
import type { Wanted } from "./spec.ts";

/** What a line of passwd(5) says of a user. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/**
 * The first line that has the wanted name or UID (moby/sys/user: the first match wins).
 * A line counts if it has a name and UID and GID are numbers from 0 to 4294967294; others are skipped.
 */
export function findAccount(passwd: Uint8Array, wanted: Wanted): Account | undefined {
  let offset = 0;
  while (offset < passwd.length) {
    const line = lineAt(passwd, offset);
    offset = line.next;
    const nameEnd = fieldEnd(passwd, line.start, line.end);
    if (wanted.kind === "name" && !isText(passwd, line.start, nameEnd, wanted.name)) continue;
    const uid = uidOf(passwd, line, nameEnd);
    if (uid < 0 || (wanted.kind === "id" && uid !== wanted.id)) continue;
    return accountOf(passwd, line, uid);
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

function accountOf(passwd: Uint8Array, line: Line, uid: number): Account {
  const fields = fieldsOf(passwd, line, 7);
  return {
    name: itemOf(fields, 0),
    uid,
    gid: numberOf(itemOf(fields, 3)),
    home: itemOf(fields, 5),
    shell: itemOf(fields, 6),
  };
}

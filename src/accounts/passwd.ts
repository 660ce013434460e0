// Users: the lines of /etc/passwd.

import { field, findLine, hasName, idIn, type Line } from "./lines.ts";

/** The positions of the fields of passwd(5): name:password:UID:GID:comment:home:shell. */
const NAME = 0;
export const UID = 2;
export const GID = 3;
const HOME = 5;
const SHELL = 6;

/** What a line of passwd(5) says about a user. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/**
 * The first line with this name (moby/sys/user: the first match wins).
 * A line counts if it has a name and UID and GID are numbers from 0 to 4294967294; others are skipped.
 */
export function userLine(passwd: Buffer, name: string): Line | undefined {
  return findLine(passwd, `${name}:`, (line) => field(line, NAME) === name && isUser(line));
}

/** The first line that counts and has this UID, which may have leading zeros. */
export function uidLine(passwd: Buffer, uid: number): Line | undefined {
  return findLine(passwd, `${uid}:`, (line) => idIn(line, UID) === uid && isUser(line));
}

/** The account on the first line with this name. */
export function accountNamed(passwd: Buffer, name: string): Account | undefined {
  const line = userLine(passwd, name);
  return line === undefined ? undefined : accountOn(line);
}

/** The account on the first line with this UID. */
export function accountWithId(passwd: Buffer, uid: number): Account | undefined {
  const line = uidLine(passwd, uid);
  return line === undefined ? undefined : accountOn(line);
}

/** Whether a user other than `name` has this primary GID. */
export function sharesGroup(passwd: Buffer, name: string, gid: number): boolean {
  const isOther = (line: Line): boolean => hasName(line) && field(line, NAME) !== name && idIn(line, GID) === gid;
  return findLine(passwd, `${gid}`, isOther) !== undefined;
}

function isUser(line: Line): boolean {
  return hasName(line) && idIn(line, UID) >= 0 && idIn(line, GID) >= 0;
}

function accountOn(line: Line): Account {
  return {
    name: field(line, NAME),
    uid: idIn(line, UID),
    gid: idIn(line, GID),
    home: field(line, HOME),
    shell: field(line, SHELL),
  };
}

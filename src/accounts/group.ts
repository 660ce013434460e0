// Groups: the lines of /etc/group.

import { eachLineWith, field, findLine, hasName, idIn, type Line } from "./lines.ts";

/** The positions of the fields of group(5): name:password:GID:members. */
const NAME = 0;
export const GID = 2;
const MEMBERS = 3;

/** The GID of the first group called `name`, or -1 if there is none. A line counts if it has a name and a valid GID. */
export function findGroup(group: Buffer, name: string): number {
  const line = findLine(group, `${name}:`, (one) => field(one, NAME) === name && isGroup(one));
  return line === undefined ? -1 : idIn(line, GID);
}

/** The first line that counts and has this GID, which may have leading zeros. */
export function gidLine(group: Buffer, gid: number): Line | undefined {
  return findLine(group, `${gid}`, (line) => idIn(line, GID) === gid && isGroup(line));
}

/** The GIDs of all groups that list `member`, each once, in the file's order. */
export function groupsOf(group: Buffer, member: string): number[] {
  const gids = new Set<number>();
  eachLineWith(group, member, (line) => {
    if (isGroup(line) && field(line, MEMBERS).split(",").includes(member)) gids.add(idIn(line, GID));
  });
  return [...gids];
}

function isGroup(line: Line): boolean {
  return hasName(line) && idIn(line, GID) >= 0;
}

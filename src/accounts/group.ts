// Who belongs together: the lines of /etc/group.

import { fieldEnd, hasName, idIn, isText, type Line, lineAt } from "./lines.ts";

const COMMA = 44;

/** The GID of the first group called `name`, or -1 where there is none. */
export function findGroup(group: Uint8Array, name: string): number {
  let offset = 0;
  while (offset < group.length) {
    const line = lineAt(group, offset);
    offset = line.next;
    const nameEnd = fieldEnd(group, line.start, line.end);
    if (!isText(group, line.start, nameEnd, name)) continue;
    const gid = gidOf(group, line, nameEnd);
    if (gid >= 0) return gid;
  }
  return -1;
}

/** The GIDs of all groups whose member list names `member`, each once, in the file's order. */
export function groupsOf(group: Uint8Array, member: string): number[] {
  const gids: number[] = [];
  const seen = new Set<number>();
  let offset = 0;
  while (offset < group.length) {
    const line = lineAt(group, offset);
    offset = line.next;
    const nameEnd = fieldEnd(group, line.start, line.end);
    const gid = gidOf(group, line, nameEnd);
    if (gid < 0 || !lists(group, line, nameEnd, member)) continue;
    if (seen.has(gid)) continue;
    seen.add(gid);
    gids.push(gid);
  }
  return gids;
}

/** The GID of a line that parses (name:password:GID[:members]), else -1. */
function gidOf(group: Uint8Array, line: Line, nameEnd: number): number {
  if (!hasName(group, line.start, nameEnd)) return -1;
  const passwordEnd = fieldEnd(group, nameEnd + 1, line.end);
  return idIn(group, passwordEnd + 1, fieldEnd(group, passwordEnd + 1, line.end));
}

function lists(group: Uint8Array, line: Line, nameEnd: number, member: string): boolean {
  const passwordEnd = fieldEnd(group, nameEnd + 1, line.end);
  const gidEnd = fieldEnd(group, passwordEnd + 1, line.end);
  let start = gidEnd + 1;
  while (start < line.end) {
    let end = start;
    while (end < line.end && group[end] !== COMMA && group[end] !== 58) end++;
    if (isText(group, start, end, member)) return true;
    if (group[end] === 58) return false;
    start = end + 1;
  }
  return false;
}

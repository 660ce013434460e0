// Who belongs together: the lines of /etc/group.

import { bytesOf } from "../text.ts";
import { fieldEnd, hasName, idIn, isText, type Line, lineWith } from "./lines.ts";

const COMMA = 44;

/** The GID of the first group called `name`, or -1 where there is none. */
export function findGroup(group: Buffer, name: string): number {
  const text = bytesOf(name);
  let line = lineWith(group, text, 0);
  while (line !== undefined) {
    const nameEnd = fieldEnd(group, line.start, line.end);
    const gid = isText(group, line.start, nameEnd, name) ? gidOf(group, line, nameEnd) : -1;
    if (gid >= 0) return gid;
    line = lineWith(group, text, line.next);
  }
  return -1;
}

/** The GIDs of all groups whose member list names `member`, each once, in the file's order. */
export function groupsOf(group: Buffer, member: string): number[] {
  const gids: number[] = [];
  const text = bytesOf(member);
  let line = lineWith(group, text, 0);
  while (line !== undefined) {
    const nameEnd = fieldEnd(group, line.start, line.end);
    const gid = lists(group, line, nameEnd, member) ? gidOf(group, line, nameEnd) : -1;
    if (gid >= 0) gids.push(gid);
    line = lineWith(group, text, line.next);
  }
  return gids.length < 2 ? gids : onceEach(gids);
}

function onceEach(gids: readonly number[]): number[] {
  const seen = new Set<number>();
  const once: number[] = [];
  for (const gid of gids) {
    if (seen.has(gid)) continue;
    seen.add(gid);
    once.push(gid);
  }
  return once;
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

// What the kernel knows of a process's security: the facts that are judged and printed.

import type { Kernel } from "../kernel/kernel.ts";
import type { Ids } from "../kernel/layout.ts";
import { PR_GET_SECUREBITS } from "../kernel/linux.ts";
import { without } from "../privilege/capabilities.ts";
import { type Privileges, readPrivileges } from "../privilege/confine.ts";
import { readCredentials } from "../privilege/credentials.ts";
import { type IdRange, parseIdMap, readProc } from "../privilege/idmap.ts";
import { itemOf, numberOf } from "../text.ts";

/** What is not to be known: without /proc, or where a system call is forbidden. */
export const UNKNOWN = -1;

export interface Posture {
  readonly uids: Ids;
  readonly gids: Ids;
  readonly groups: readonly number[];
  /** What the command would have: after execve(2). */
  readonly privileges: Privileges;
  /** 0 none, 1 strict, 2 filter (seccomp(2)); UNKNOWN. */
  readonly seccomp: number;
  readonly uidMap: readonly IdRange[];
  readonly gidMap: readonly IdRange[];
  /** `allow`, `deny`, or empty. */
  readonly setgroups: string;
  /** 1 read-only, 0 writable; UNKNOWN. */
  readonly readOnlyRoot: number;
  readonly isInit: boolean;
}

/** The posture of a command that this process would execute now. Throws a Failure if its capabilities cannot be read. */
export function readPosture(kernel: Kernel): Posture {
  const { uids, gids, groups } = readCredentials(kernel);
  const secureBits = kernel.prctl(PR_GET_SECUREBITS, 0, 0);
  const isRoot = uids.effective === 0 && (secureBits < 0 || secureBits % 2 === 0);
  return {
    uids,
    gids,
    groups,
    privileges: afterExec(readPrivileges(kernel), isRoot),
    seccomp: statusNumber(readProc(kernel, "/proc/self/status"), "Seccomp"),
    uidMap: parseIdMap(readProc(kernel, "/proc/self/uid_map")),
    gidMap: parseIdMap(readProc(kernel, "/proc/self/gid_map")),
    setgroups: firstWord(readProc(kernel, "/proc/self/setgroups")),
    readOnlyRoot: Math.max(kernel.isReadOnly("/"), UNKNOWN),
    isInit: kernel.getpid() === 1,
  };
}

function firstWord(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? text : text.slice(0, end);
}

/**
 * What execve(2) of an ordinary file leaves (capabilities(7), "Transformation of capabilities during execve()"): to root
 * all of the bounding and inheritable sets, though no more than it has under no_new_privs; to others the ambient set.
 */
export function afterExec(now: Privileges, isRoot: boolean): Privileges {
  let permitted = now.ambient;
  if (isRoot) {
    permitted = now.bounding + without(now.inheritable, now.bounding);
    if (now.noNewPrivs) permitted -= without(permitted, now.permitted);
  }
  return {
    permitted,
    effective: permitted,
    inheritable: now.inheritable,
    bounding: now.bounding,
    ambient: now.ambient,
    noNewPrivs: now.noNewPrivs,
  };
}

/** The number that /proc/[pid]/status (proc(5)) has in field `name`; UNKNOWN where there is no such number. */
export function statusNumber(status: string, name: string): number {
  const lines = status.split("\n");
  const start = `${name}:\t`;
  for (let i = 0; i < lines.length; i++) {
    const line = itemOf(lines, i);
    if (!line.startsWith(start)) continue;
    const value = numberOf(line.slice(start.length));
    return value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : UNKNOWN;
  }
  return UNKNOWN;
}

/** Whether root in here is root outside of the user namespace: 1 or 0; UNKNOWN where the map is. */
export function rootIsRootOutside(uidMap: readonly IdRange[]): number {
  for (let i = 0; i < uidMap.length; i++) {
    const range = uidMap[i];
    if (range !== undefined && range.inside === 0) return range.outside === 0 ? 1 : 0;
  }
  return uidMap.length === 0 ? UNKNOWN : 0;
}

// The posture: what the kernel says about the security of a command that this process would execute.

import type { Kernel } from "../kernel/kernel.ts";
import type { Ids } from "../kernel/layout.ts";
import { PR_GET_SECUREBITS } from "../kernel/linux.ts";
import { without } from "../privilege/capabilities.ts";
import { type Privileges, readPrivileges } from "../privilege/confine.ts";
import { readCredentials } from "../privilege/credentials.ts";
import { type IdRange, parseIdMap, readProc } from "../privilege/idmap.ts";
import { itemOf } from "../text.ts";

/** How system calls are filtered: not at all ("none"), all but four are forbidden ("strict"), or a "filter" decides (seccomp(2)). */
export type SeccompMode = "none" | "strict" | "filter" | "unknown";

/** Whether a process of the user namespace may call setgroups(2) (user_namespaces(7)). */
export type SetgroupsRule = "allow" | "deny" | "unknown";

export interface Posture {
  readonly uids: Ids;
  readonly gids: Ids;
  /** The supplementary groups. */
  readonly groups: readonly number[];
  /** What the command has after execve(2), which is not what this process has. */
  readonly privileges: Privileges;
  readonly seccomp: SeccompMode;
  /** Empty if /proc is missing, as is `gidMap`. */
  readonly uidMap: readonly IdRange[];
  readonly gidMap: readonly IdRange[];
  readonly setgroups: SetgroupsRule;
  /** Whether the root file system is mounted read-only; undefined if that cannot be read. */
  readonly readOnlyRoot: boolean | undefined;
  /** Whether the process is PID 1. */
  readonly isInit: boolean;
}

/**
 * The posture of a command that this process would execute now. What cannot be read is "unknown", undefined or empty;
 * throws a Failure only if the IDs or the capabilities cannot be read.
 */
export function readPosture(kernel: Kernel): Posture {
  const { uids, gids, groups } = readCredentials(kernel);
  const secureBits = kernel.prctl(PR_GET_SECUREBITS, 0, 0);
  // If the bits cannot be read, UID 0 is taken to be special: the answer must not be better than the truth.
  const rootIsSpecial = secureBits < 0 || (secureBits & SECBIT_NOROOT) === 0;
  const readOnly = kernel.isReadOnly("/");
  return {
    uids,
    gids,
    groups,
    privileges: afterExec(readPrivileges(kernel), uids, rootIsSpecial),
    seccomp: seccompMode(statusField(readProc(kernel, "/proc/self/status"), "Seccomp")),
    uidMap: parseIdMap(readProc(kernel, "/proc/self/uid_map")),
    gidMap: parseIdMap(readProc(kernel, "/proc/self/gid_map")),
    setgroups: setgroupsRule(readProc(kernel, "/proc/self/setgroups")),
    readOnlyRoot: readOnly < 0 ? undefined : readOnly === 1,
    isInit: kernel.getpid() === 1,
  };
}

/** The secure bit under which UID 0 gains no capability by execve(2) (capabilities(7)). */
const SECBIT_NOROOT = 1;

/**
 * What execve(2) of an ordinary file leaves of `now` (capabilities(7), "Transformation of capabilities during execve()").
 * A process whose real or effective UID is 0 gets all of the bounding and inheritable sets, under no_new_privs only those it
 * already has; they are effective only if the effective UID is 0. Any other process gets the ambient set. `rootIsSpecial` is
 * false under SECBIT_NOROOT, where UID 0 is like any other.
 */
export function afterExec(now: Privileges, uids: Ids, rootIsSpecial: boolean): Privileges {
  const isRoot = rootIsSpecial && uids.effective === 0;
  let permitted = now.ambient;
  if (isRoot || (rootIsSpecial && uids.real === 0)) {
    permitted = now.bounding + without(now.inheritable, now.bounding);
    if (now.noNewPrivs) permitted -= without(permitted, now.permitted);
  }
  return {
    permitted,
    effective: isRoot ? permitted : now.ambient,
    inheritable: now.inheritable,
    bounding: now.bounding,
    ambient: now.ambient,
    noNewPrivs: now.noNewPrivs,
  };
}

/** The value of field `name` of /proc/[pid]/status (proc(5)); empty if there is no such field. */
export function statusField(status: string, name: string): string {
  const start = `${name}:\t`;
  const lines = status.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = itemOf(lines, i);
    if (line.startsWith(start)) return line.slice(start.length);
  }
  return "";
}

/** The mode that the field Seccomp of /proc/[pid]/status gives as a number. */
export function seccompMode(field: string): SeccompMode {
  switch (field) {
    case "0":
      return "none";
    case "1":
      return "strict";
    case "2":
      return "filter";
    default:
      return "unknown";
  }
}

/** What /proc/[pid]/setgroups says: one word and a newline. */
export function setgroupsRule(text: string): SetgroupsRule {
  if (text === "allow\n") return "allow";
  return text === "deny\n" ? "deny" : "unknown";
}

/** Whether UID 0 of this user namespace is UID 0 of its parent; undefined if the map is not known. */
export function isRootOutside(uidMap: readonly IdRange[]): boolean | undefined {
  if (uidMap.length === 0) return undefined;
  return uidMap.some((range) => range.inside === 0 && range.outside === 0);
}

// Who a process is to the kernel: three UIDs, three GIDs, and the supplementary groups (credentials(7)).

import type { Identity } from "../accounts/identity.ts";
import { Failure } from "../failure.ts";
import { errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Ids } from "../kernel/layout.ts";

export interface Credentials {
  readonly uids: Ids;
  readonly gids: Ids;
  readonly groups: readonly number[];
}

/** The credentials that the process has now. Throws a Failure if the kernel refuses to tell one of them. */
export function readCredentials(kernel: Kernel): Credentials {
  const uids = kernel.getresuid();
  if (typeof uids === "number") throw unreadable("getresuid", -uids);
  const gids = kernel.getresgid();
  if (typeof gids === "number") throw unreadable("getresgid", -gids);
  const groups = kernel.getgroups();
  if (typeof groups === "number") throw unreadable("getgroups", -groups);
  return { uids, gids, groups };
}

function unreadable(call: string, errno: number): Failure {
  return new Failure(
    `cannot read the IDs of this process: ${call}: ${errorText(errno)}`,
    "a seccomp profile or a sandbox refuses a call that needs no privilege",
  );
}

/**
 * Whether the process already is `identity` in all its IDs, with these supplementary groups and no others. The primary GID
 * may be among them or not: container engines put it there, and it gives no right that the process lacks.
 */
export function isIdentity(credentials: Credentials, identity: Identity): boolean {
  return hasIdentity(credentials, identity) && groupsBesides(credentials, identity).length === 0;
}

/**
 * Whether no switching call is needed: the process is `identity`; or it is a user with that identity and with more groups,
 * which a platform gives to every process of a pod (fsGroup, supplementalGroups). Root's group must not be among those.
 */
export function isAlready(credentials: Credentials, identity: Identity): boolean {
  if (!hasIdentity(credentials, identity)) return false;
  const besides = groupsBesides(credentials, identity);
  return besides.length === 0 || (credentials.uids.effective !== 0 && !besides.includes(0));
}

/** Whether the process has all IDs and supplementary groups of `identity`, and possibly other groups. */
function hasIdentity(credentials: Credentials, identity: Identity): boolean {
  return (
    areAll(credentials.uids, identity.uid) &&
    areAll(credentials.gids, identity.gid) &&
    without(identity.groups, credentials.groups, identity.gid).length === 0
  );
}

/** The supplementary groups that the process has and `identity` has not. */
export function groupsBesides(credentials: Credentials, identity: Identity): number[] {
  return without(credentials.groups, identity.groups, identity.gid);
}

function areAll(ids: Ids, id: number): boolean {
  return ids.real === id && ids.effective === id && ids.saved === id;
}

/** The GIDs that are only in the first list, without `primary`. A process may be in 65,536 groups. */
function without(some: readonly number[], others: readonly number[], primary: number): number[] {
  const rest: number[] = [];
  if (some.length === 0) return rest;
  const known = new Set(others);
  for (const gid of some) if (gid !== primary && !known.has(gid)) rest.push(gid);
  return rest;
}

/** The most groups named in a message; a user may be in 65,536. */
const MOST_NAMED = 16;

/** `1000:1000`, and the supplementary groups if there are any besides the primary one, for people. */
export function describeIds(uid: number, gid: number, groups: readonly number[]): string {
  const others = without(groups, [], gid);
  if (others.length === 0) return `${uid}:${gid}`;
  const named = others.slice(0, MOST_NAMED).join(",");
  return `${uid}:${gid} with groups ${others.length <= MOST_NAMED ? named : `${named}, … (${others.length})`}`;
}

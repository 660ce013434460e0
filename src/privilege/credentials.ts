// Who a process is, for the kernel: three UIDs, three GIDs, and the supplementary groups (credentials(7)).

import type { Identity } from "../accounts/identity.ts";
import type { Ids, Kernel } from "../kernel/kernel.ts";

export interface Credentials {
  readonly uids: Ids;
  readonly gids: Ids;
  readonly groups: readonly number[];
}

/** The credentials that the process has now. */
export function readCredentials(kernel: Kernel): Credentials {
  return { uids: kernel.getresuid(), gids: kernel.getresgid(), groups: kernel.getgroups() };
}

/**
 * Whether the process already is `identity` in all its IDs, with these supplementary groups and no other. The primary GID
 * may stand among them or not: container engines put it there, and it gives no right that the process does not have.
 */
export function isIdentity(credentials: Credentials, identity: Identity): boolean {
  return (
    areAll(credentials.uids, identity.uid) &&
    areAll(credentials.gids, identity.gid) &&
    sameGroups(credentials.groups, identity.groups, identity.gid)
  );
}

function areAll(ids: Ids, id: number): boolean {
  return ids.real === id && ids.effective === id && ids.saved === id;
}

/** Sets are compared, `primary` left out: the kernel keeps groups sorted, and a set of 65,536 is allowed. */
function sameGroups(some: readonly number[], others: readonly number[], primary: number): boolean {
  if (some.length === 0 && others.length === 0) return true;
  const first = new Set(some);
  const second = new Set(others);
  return (
    some.every((gid) => gid === primary || second.has(gid)) && others.every((gid) => gid === primary || first.has(gid))
  );
}

/** `1000:1000`, and the supplementary groups where there are any, for people. */
export function describeIds(uid: number, gid: number, groups: readonly number[]): string {
  return groups.length === 0 ? `${uid}:${gid}` : `${uid}:${gid} with groups ${groups.join(",")}`;
}

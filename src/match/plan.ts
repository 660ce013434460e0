// What a directory's owner means for the user: which IDs it takes over.

import { type IdRange, isMapped } from "../privilege/idmap.ts";

/** Who owns a file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Everything that decides. */
export interface Situation {
  readonly owner: Owner;
  /** The user's own IDs: of its passwd line, or of the user-spec where it has none. */
  readonly user: Owner;
  /** The effective UID that tsgosu runs as. */
  readonly current: number;
}

/**
 * `equal`: nothing to do. `root-owner`: the user keeps its IDs. `root-user`: root is not renumbered. `current`: tsgosu, not
 * root, is the owner already and runs the command as who it is. `not-permitted`: tsgosu would have to be root.
 * `take`: the user takes the owner's IDs over.
 */
export type Plan = "equal" | "root-owner" | "root-user" | "current" | "not-permitted" | "take";

/** What is to be done. The user never becomes root, and root never becomes somebody else. */
export function planMatch(situation: Situation): Plan {
  const { owner, user, current } = situation;
  if (owner.uid === 0) return "root-owner";
  if (current !== 0 && owner.uid === current) return "current";
  if (owner.uid === user.uid && owner.gid === user.gid) return "equal";
  if (user.uid === 0) return "root-user";
  return current === 0 ? "take" : "not-permitted";
}

/** The IDs of the initial user namespace, in which every ID is mapped. */
const ALL_IDS = 4294967295;

/**
 * Whether an owner is one that this user namespace has no ID for. The kernel then shows the overflow ID, which is a real
 * ID too where it is mapped (user_namespaces(7)): only where all IDs are mapped can it be told that it is the real one.
 */
export function isUnmapped(id: number, overflow: number, ranges: readonly IdRange[]): boolean {
  if (id !== overflow || ranges.length === 0) return false;
  return !isMapped(ranges, ALL_IDS - 1);
}

// What a directory's owner means for the user: which IDs it takes over.

import { accountNamed, sharesGroup } from "../accounts/passwd.ts";
import { editGroup, editPasswd } from "./edit.ts";
import { isSameOwner, type Owner } from "./owner.ts";

/** What is to be done. The user never becomes root, and root never becomes somebody else. */
export type Plan =
  /** The user has the owner's IDs: there is nothing to do. */
  | "already-matched"
  /** Root owns the directory: the user keeps its IDs. */
  | "owned-by-root"
  /** The user is root, which is not renumbered. */
  | "root-stays-root"
  /** tsgosu is not root, but the owner already: the command runs as the current user. */
  | "stay-current"
  /** Only root may give the user the owner's IDs. */
  | "not-permitted"
  /** The user takes the owner's IDs over, in its account where it has one. */
  | "take-over";

/** Decides what --match has to do for a user with these IDs; `currentUid` is the effective UID of tsgosu (DESIGN §6). */
export function planMatch(owner: Owner, user: Owner, currentUid: number): Plan {
  if (owner.uid === 0) return "owned-by-root";
  if (currentUid !== 0 && owner.uid === currentUid) return "stay-current";
  if (isSameOwner(owner, user)) return "already-matched";
  if (user.uid === 0) return "root-stays-root";
  return currentUid === 0 ? "take-over" : "not-permitted";
}

/** The new bytes of the account files; the same buffer for a file that does not change. */
export interface Edits {
  readonly passwd: Buffer;
  readonly group: Buffer;
}

/**
 * What the account files become when the user called `name` takes over the IDs of `owner`. The user's group gets the owner's
 * GID, unless that group is also root's or another user's, or the owner's GID already has a group: then the user joins that
 * group, and the former one stays as it is.
 */
export function planEdits(passwd: Buffer, group: Buffer, name: string, owner: Owner): Edits {
  const account = accountNamed(passwd, name);
  if (account === undefined) return { passwd, group };
  const keepsGroup = account.gid === 0 || sharesGroup(passwd, name, account.gid);
  return {
    passwd: editPasswd(passwd, name, owner.uid, owner.gid),
    group: keepsGroup ? group : editGroup(group, account.gid, owner.gid),
  };
}

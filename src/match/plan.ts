// What a directory's owner means for the user: which IDs it takes over.

import { type Account, accountNamed, sharesGroup } from "../accounts/passwd.ts";
import { editGroup, editPasswd } from "./edit.ts";
import { isSameOwner, type Owner } from "./owner.ts";

/** Everything that the decision depends on. */
export interface Situation {
  readonly owner: Owner;
  /** The user's line in /etc/passwd, if it has one. */
  readonly account: Account | undefined;
  /** The IDs that the command would have without --match. */
  readonly identity: Owner;
  /** The effective UID that tsgosu runs as. */
  readonly currentUid: number;
}

/** What to do. The user never becomes root, and root never becomes anybody else. */
export type Plan =
  /** The user has the owner's IDs: there is nothing to do. */
  | { readonly kind: "already-matched" }
  /** Root owns the directory: the user keeps these IDs. */
  | { readonly kind: "owned-by-root"; readonly user: Owner }
  /** The user is root, which is not renumbered. */
  | { readonly kind: "root-stays-root" }
  /** tsgosu is not root, but already the owner: the command runs as the current user. */
  | { readonly kind: "stay-current" }
  /** Only root may give the owner's IDs to the user, whose own IDs are these. */
  | { readonly kind: "not-permitted"; readonly user: Owner }
  /** The user is a number without a line, so there is nothing to change: the command runs as the owner. */
  | { readonly kind: "become-owner" }
  /** The account takes the owner's IDs over. */
  | { readonly kind: "take-over"; readonly account: Account };

/** Decides what --match has to do. */
export function planMatch(situation: Situation): Plan {
  const { owner, account, identity, currentUid } = situation;
  const user: Owner = account === undefined ? identity : account;
  if (owner.uid === 0) return { kind: "owned-by-root", user };
  if (currentUid !== 0 && owner.uid === currentUid) return { kind: "stay-current" };
  if (isSameOwner(owner, user)) return { kind: "already-matched" };
  if (user.uid === 0) return { kind: "root-stays-root" };
  if (currentUid !== 0) return { kind: "not-permitted", user };
  return account === undefined ? { kind: "become-owner" } : { kind: "take-over", account };
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

// From the user-spec on the command line to who the command will be, reading no file that is not needed.

import { findUser, type Identity, needsGroupFile, resolveIdentity } from "./identity.ts";
import type { Account } from "./passwd.ts";
import { type AccountFiles, GROUP } from "./read.ts";
import type { UserSpec } from "./spec.ts";

/** A user-spec and the user it names. */
export interface NamedUser {
  readonly spec: UserSpec;
  /** The user's line in /etc/passwd, if it has one. */
  readonly account: Account | undefined;
  readonly identity: Identity;
}

/**
 * Finds the user that `spec` names in the account files. What the spec leaves out comes from the current UID and GID.
 * Throws a Failure for an unknown name and for a file that cannot be read.
 */
export function identify(spec: UserSpec, files: AccountFiles, currentUid: number, currentGid: number): NamedUser {
  const user = findUser(spec, files.passwd(), currentUid);
  const group = needsGroupFile(spec, user) ? files.group() : { path: GROUP, exists: false, bytes: Buffer.alloc(0) };
  const identity = resolveIdentity(spec, user, group, currentGid);
  return { spec, account: user.account, identity };
}

// user-spec + passwd + group → who the command shall be (the rules of docker run --user, moby/sys/user GetExecUser).

import { Failure } from "../failure.ts";
import { findGroup, groupsOf } from "./group.ts";
import { type Account, accountNamed, accountWithId } from "./passwd.ts";
import type { UserSpec } from "./spec.ts";

/** Who a command runs as, and what its environment says of that. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** The supplementary groups besides the primary one, which every switch puts among them (privilege/credentials.ts). */
  readonly groups: readonly number[];
  readonly home: string;
  /** The name in /etc/passwd; the number where there is no line. */
  readonly name: string;
  readonly shell: string;
}

/** A file of accounts as it was read; `exists` is false where there is none. */
export interface AccountFile {
  readonly path: string;
  readonly exists: boolean;
  readonly bytes: Buffer;
}

/** The user half of a user-spec, found: the account where there is a line, the UID in any case. */
export interface FoundUser {
  readonly uid: number;
  readonly account: Account | undefined;
}

/**
 * Finds the user: by name it must have a line, by number it need not; no user means `currentUid`.
 * Throws a Failure for an unknown name.
 */
export function findUser(spec: UserSpec, passwd: AccountFile, currentUid: number): FoundUser {
  const user = spec.user;
  if (user.kind === "name") {
    const account = accountNamed(passwd.bytes, user.name);
    if (account === undefined) throw unknown("user", user.name, passwd);
    return { uid: account.uid, account };
  }
  const uid = user.kind === "id" ? user.id : currentUid;
  return { uid, account: accountWithId(passwd.bytes, uid) };
}

/** Whether /etc/group has a say: for a group's name, and for the supplementary groups of a user that has a line. */
export function needsGroupFile(spec: UserSpec, user: FoundUser): boolean {
  return spec.group.kind === "name" || (spec.group.kind === "none" && user.account !== undefined);
}

/**
 * Who the command shall be. With a group: that GID and no other group. Without: GID of the passwd line and all
 * groups that list the name; without a line `currentGid`, no other group, home `/`.
 * Throws a Failure for an unknown group name.
 */
export function resolveIdentity(spec: UserSpec, user: FoundUser, group: AccountFile, currentGid: number): Identity {
  const account = user.account;
  const home = account === undefined || account.home === "" ? "/" : account.home;
  const shell = account === undefined || account.shell === "" ? "/bin/sh" : account.shell;
  const name = account === undefined ? `${user.uid}` : account.name;
  let gid = account === undefined ? currentGid : account.gid;
  let groups: readonly number[] = [];
  if (spec.group.kind === "id") gid = spec.group.id;
  else if (spec.group.kind === "name") {
    gid = findGroup(group.bytes, spec.group.name);
    if (gid < 0) throw unknown("group", spec.group.name, group);
  } else if (account !== undefined) groups = groupsOf(group.bytes, account.name);
  return { uid: user.uid, gid, groups, home, name, shell };
}

function unknown(what: string, name: string, file: AccountFile): Failure {
  const why = file.exists ? `no such ${what} in ${file.path}` : `${file.path} does not exist`;
  return new Failure(
    `${what} '${name}': ${why}`,
    `create the ${what} in the image, or give its number, which needs no ${file.path}`,
  );
}

// user-spec + passwd + group → who the command will be (the rules of docker run --user, moby/sys/user GetExecUser).

import { Failure } from "../failure.ts";
import { findGroup, groupsOf } from "./group.ts";
import { field, findLine, hasName, idIn, lineNumber } from "./lines.ts";
import { type Account, accountNamed, accountWithId, GID, UID } from "./passwd.ts";
import { MAX_ID, type UserSpec } from "./spec.ts";

/** Who a command runs as, and what its environment says about that. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** The supplementary groups besides the primary one, which every switch puts among them (privilege/credentials.ts). */
  readonly groups: readonly number[];
  readonly home: string;
  /** The name in /etc/passwd; the number if there is no line. */
  readonly name: string;
  readonly shell: string;
}

/** An account file as it was read; `exists` is false if there is none. */
export interface AccountFile {
  readonly path: string;
  readonly exists: boolean;
  readonly bytes: Buffer;
}

/** The user half of a user-spec once found: the UID, and the account if there is a line. */
export interface FoundUser {
  readonly uid: number;
  readonly account: Account | undefined;
}

/**
 * Finds the user: a name must have a line, a number need not; no user means `currentUid`.
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

/**
 * The account that the user-spec names, for a process that stays as it is although the image has no name for its `uid`.
 * Undefined if there is no such account, or if the UID has a name. A line whose name is the number itself does not count: a
 * container engine has added it (podman, CRI-O).
 */
export function hostOf(spec: UserSpec, passwd: Buffer, uid: number): Account | undefined {
  const own = accountWithId(passwd, uid);
  if (own !== undefined && own.name !== `${uid}`) return undefined;
  const user = spec.user;
  if (user.kind === "name") return accountNamed(passwd, user.name);
  return user.kind === "id" && user.id !== uid ? accountWithId(passwd, user.id) : undefined;
}

/** Whether /etc/group is needed: for a group's name, and for the supplementary groups of a user that has a line. */
export function needsGroupFile(spec: UserSpec, user: FoundUser): boolean {
  return spec.group.kind === "name" || (spec.group.kind === "none" && user.account !== undefined);
}

/**
 * Who the command will be. With a group: that GID and no other group. Without one: the GID of the passwd line and all groups
 * that list the name; without a line, `currentGid`, no other group, and home `/`.
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

/** A name that no line has, or only lines that do not count, since their IDs are not numbers. */
function unknown(what: "user" | "group", name: string, file: AccountFile): Failure {
  const line = findLine(file.bytes, name, (one) => hasName(one) && field(one, 0) === name);
  if (line !== undefined) {
    // A group's GID is where a user's UID is.
    const isUid = what === "user" && idIn(line, UID) < 0;
    const index = isUid || what === "group" ? UID : GID;
    const id = `${isUid ? "UID" : "GID"} is '${field(line, index)}'`;
    return new Failure(
      `${what} '${name}': line ${lineNumber(file.bytes, line)} of ${file.path} is skipped, because its ${id}`,
      `correct the line: an ID is a number from 0 to ${MAX_ID}`,
    );
  }
  const why = file.exists ? `no such ${what} in ${file.path}` : `${file.path} does not exist`;
  return new Failure(
    `${what} '${name}': ${why}`,
    `create the ${what} in the image, or give its number, which needs no ${file.path}`,
  );
}

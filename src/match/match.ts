// Volumes and users that fit: the user takes over the IDs of a directory's owner (--match), or gets the directory (--chown).

import { groupsOf } from "../accounts/group.ts";
import { type AccountFile, findUser, type Identity, resolveIdentity } from "../accounts/identity.ts";
import type { Account } from "../accounts/passwd.ts";
import { GROUP, PASSWD, readAccountFile } from "../accounts/read.ts";
import { parseUserSpec, type UserSpec } from "../accounts/spec.ts";
import type { Mode, Request } from "../cli.ts";
import { Failure, printable } from "../failure.ts";
import { heldSignals } from "../init/signals.ts";
import { EROFS, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { STATX_GID, STATX_LENGTH, STATX_UID, sameFile, u32 } from "../kernel/layout.ts";
import type { Credentials } from "../privilege/credentials.ts";
import { describeRanges, parseIdMap, readProc } from "../privilege/idmap.ts";
import { bytesOf, cString, numberOf } from "../text.ts";
import { changeFile, locked } from "./apply.ts";
import { editGroup, editPasswd, hasGroup, sharesGroup } from "./edit.ts";
import { type Found, findPath } from "./path.ts";
import { isUnmapped, type Owner, planMatch } from "./plan.ts";
import { cannotGive, handOver, type Walk } from "./reown.ts";

/** What the command line asks for. */
export interface Fitting {
  /** With `check` nothing is changed. */
  readonly action: Request["action"];
  readonly userSpec: string;
  /** --match PATH; empty where it is not given. */
  readonly match: string;
  readonly noChown: boolean;
  /** --chown PATH, in order. */
  readonly chown: readonly string[];
  readonly verbose: boolean;
  readonly mode: Mode;
}

const AT_FDCWD = -100;
const AS_IT_IS = -1;
const NO_PATHS = ["/", "/proc", "/sys", "/dev", "/etc"];
const MATCH = "--match";
const CHOWN = "--chown";

/**
 * Makes user and volumes fit; who the command shall be, then. Throws a Failure where that cannot be done. Each step can be
 * repeated, and what says that it is done is written last: whoever is killed meanwhile starts again and ends up the same.
 */
export function fit(kernel: Kernel, fitting: Fitting, identity: Identity, current: Credentials): Identity {
  const path = matchedPath(kernel, fitting.match);
  const fitted = path === "" ? identity : matched(kernel, fitting, path, identity, current);
  if (fitting.action === "run") for (const volume of fitting.chown) own(kernel, fitting, volume, fitted, current);
  return fitted;
}

/** TSGOSU_MATCH has a say where --match is given: `no`, or another PATH. */
function matchedPath(kernel: Kernel, path: string): string {
  const said = path === "" ? undefined : kernel.environment("TSGOSU_MATCH");
  if (said === undefined || said === "") return path;
  return said === "no" ? "" : said;
}

function matched(kernel: Kernel, fitting: Fitting, path: string, identity: Identity, current: Credentials): Identity {
  const found = findPath(kernel, MATCH, path);
  kernel.close(found.fd);
  const owner = ownerOf(found);
  if (owner.uid === identity.uid && owner.gid === identity.gid) return identity;
  refuseUnmapped(kernel, MATCH, path, owner);

  const passwd = readAccountFile(kernel, PASSWD);
  const account = findUser(parseUserSpec(fitting.userSpec), passwd, current.uids.effective).account;
  const user: Owner = account === undefined ? identity : account;
  switch (planMatch({ owner, user, current: current.uids.effective })) {
    case "equal":
      return identity;
    case "root-owner":
      notice(kernel, `${MATCH} ${path}: ${identity.name} keeps ${ids(user)}: root owns it`);
      return identity;
    case "root-user":
      notice(kernel, `${MATCH} ${path}: root stays root, although ${ids(owner)} own it`);
      return identity;
    case "current":
      return withIds(identity, current.uids.effective, current.gids.effective, current.groups);
    case "not-permitted":
      throw new Failure(
        `${MATCH} ${path}: ${ids(owner)} own it, and only root may make ${identity.name} (${ids(user)}) that`,
        `start the container as root (no --user, no runAsUser), or as the owner: --user ${ids(owner)}`,
      );
    case "take":
      if (account === undefined) return asNumber(kernel, passwd, owner);
      return takeOver(kernel, fitting, path, owner, account, identity, passwd.bytes);
  }
}

/** `1000:1000` */
function ids(owner: Owner): string {
  return `${owner.uid}:${owner.gid}`;
}

function ownerOf(found: Found): Owner {
  return { uid: u32(found.stat, STATX_UID), gid: u32(found.stat, STATX_GID) };
}

function refuseUnmapped(kernel: Kernel, option: string, path: string, owner: Owner): void {
  refuseUnmappedId(kernel, option, path, "UID", owner.uid, "uid");
  refuseUnmappedId(kernel, option, path, "GID", owner.gid, "gid");
}

function refuseUnmappedId(kernel: Kernel, option: string, path: string, what: string, id: number, file: string): void {
  const overflow = readProc(kernel, `/proc/sys/kernel/overflow${file}`);
  if (id !== numberOf(overflow === "" ? "65534" : overflow.slice(0, overflow.length - 1))) return;
  const ranges = parseIdMap(readProc(kernel, `/proc/self/${file}_map`));
  if (!isUnmapped(id, id, ranges)) return;
  throw new Failure(
    `${option} ${path}: the owner's ${what} is not mapped in this user namespace, which shows it as ${id} (mapped: ${describeRanges(ranges)})`,
    "give the directory to an ID that is mapped, as seen from outside, or map the owner's (--userns=keep-id, --uidmap, subuid)",
  );
}

/** A number that has no line is nobody whose files there are: the command runs as the owner, who may have a line. */
function asNumber(kernel: Kernel, passwd: AccountFile, owner: Owner): Identity {
  const spec: UserSpec = { user: { kind: "id", id: owner.uid }, group: { kind: "none" } };
  const found = resolveIdentity(spec, findUser(spec, passwd, 0), readAccountFile(kernel, GROUP), owner.gid);
  return withIds(found, owner.uid, owner.gid, found.groups);
}

/** The user gets the owner's IDs: first the files in its home, then its group, its passwd line last. */
function takeOver(
  kernel: Kernel,
  fitting: Fitting,
  path: string,
  owner: Owner,
  user: Account,
  identity: Identity,
  passwd: Uint8Array,
): Identity {
  const name = user.name;
  const group = readAccountFile(kernel, GROUP);
  // Root's group and one that is others' too stay what they are, and so does the user's own where the owner's exists.
  const renumbers = user.gid !== 0 && !sharesGroup(passwd, name, user.gid) && !hasGroup(group.bytes, owner.gid);
  const changeGroup = (bytes: Uint8Array): Uint8Array => (renumbers ? editGroup(bytes, user.gid, owner.gid) : bytes);
  if (fitting.action === "run") {
    holdStops(kernel, fitting);
    if (!fitting.noChown) ownHome(kernel, fitting, user.home, user, owner);
    let groupResult = 0;
    let passwdResult = 0;
    locked(kernel, () => {
      if (group.exists) groupResult = changeFile(kernel, GROUP, changeGroup);
      passwdResult = changeFile(kernel, PASSWD, (bytes) => editPasswd(bytes, name, owner.uid, owner.gid));
    });
    releaseStops(kernel, fitting);
    sayUnwritten(kernel, GROUP, groupResult, owner);
    sayUnwritten(kernel, PASSWD, passwdResult, owner);
  }
  if (fitting.verbose) notice(kernel, `${name} takes over ${ids(owner)}, who own ${path}`);
  const groups =
    parseUserSpec(fitting.userSpec).group.kind === "none" ? groupsOf(Buffer.from(changeGroup(group.bytes)), name) : [];
  return withIds(identity, owner.uid, identity.gid === user.gid ? owner.gid : identity.gid, groups);
}

function sayUnwritten(kernel: Kernel, file: string, result: number, owner: Owner): void {
  if (result < 0)
    notice(kernel, `${file}: cannot be written: ${errorText(-result)}; going on with the numbers ${ids(owner)}`);
}

function withIds(identity: Identity, uid: number, gid: number, groups: readonly number[]): Identity {
  return { uid, gid, groups, home: identity.home, name: identity.name, shell: identity.shell };
}

/** What the user's old IDs own in its home gets the new ones. A home that is none, or not the user's alone, is left. */
function ownHome(kernel: Kernel, fitting: Fitting, home: string, user: Owner, owner: Owner): void {
  if (!home.startsWith("/")) return;
  let top: Found;
  try {
    top = findPath(kernel, "home", home);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (fitting.verbose) notice(kernel, error.message);
    return;
  }
  if (isForbidden(kernel, top)) {
    kernel.close(top.fd);
    notice(kernel, `home directory ${home}: not re-owned: it is the system's`);
    return;
  }
  const outcome = handOver(kernel, top, home, { fromUid: user.uid, fromGid: user.gid, uid: owner.uid, gid: owner.gid });
  report(kernel, fitting, home, outcome);
  // A file system that is read-only will not be otherwise at the next start. Anything else ends here, before the user has its
  // new IDs, so that the next start tries again.
  if (outcome.errno === EROFS) notice(kernel, `${outcome.errorPath}: not re-owned: ${errorText(outcome.errno)}`);
  else if (outcome.errno !== 0) throw cannotGive(MATCH, outcome.errorPath, outcome.errno);
}

/** --chown: PATH and everything under it becomes the user's, unless PATH is already. */
function own(kernel: Kernel, fitting: Fitting, path: string, identity: Identity, current: Credentials): void {
  const top = findPath(kernel, CHOWN, path);
  const owner = ownerOf(top);
  if (owner.uid === identity.uid && owner.gid === identity.gid) {
    kernel.close(top.fd);
    return;
  }
  if (isForbidden(kernel, top))
    throw new Failure(`${CHOWN} ${path}: that is the system's`, "name the directory of the volume");
  if (current.uids.effective !== 0)
    throw new Failure(
      `${CHOWN} ${path}: ${ids(owner)} own it, and only root may give it to ${ids(identity)}`,
      "start the container as root (no --user, no runAsUser), or let the platform do it (fsGroup in Kubernetes)",
    );
  refuseUnmapped(kernel, CHOWN, path, owner);
  holdStops(kernel, fitting);
  const outcome = handOver(kernel, top, path, {
    fromUid: AS_IT_IS,
    fromGid: AS_IT_IS,
    uid: identity.uid,
    gid: identity.gid,
  });
  releaseStops(kernel, fitting);
  report(kernel, fitting, path, outcome);
  if (outcome.errno !== 0) throw cannotGive(CHOWN, outcome.errorPath, outcome.errno);
}

function report(kernel: Kernel, fitting: Fitting, path: string, outcome: Walk): void {
  if (outcome.linked > 0)
    notice(
      kernel,
      `${path}: ${outcome.linked} files with several links left alone, since fs.protected_hardlinks is 0: ${outcome.linkedPath}`,
    );
  if (outcome.bared > 0)
    notice(kernel, `${path}: ${outcome.bared} files have lost the setuid or setgid bit that another user had set`);
  if (fitting.verbose) notice(kernel, `${path}: ${outcome.changed} files re-owned`);
}

/** PID 1 is not ended by a signal that it does not hold: not even while it works before the command runs. */
function holdStops(kernel: Kernel, fitting: Fitting): void {
  if (mustHold(kernel, fitting)) kernel.holdSignals(heldSignals());
}

function releaseStops(kernel: Kernel, fitting: Fitting): void {
  if (mustHold(kernel, fitting)) kernel.restoreSignals();
}

/** As init tsgosu holds them from its start on. */
function mustHold(kernel: Kernel, fitting: Fitting): boolean {
  return fitting.mode === "exec" && kernel.getpid() === 1;
}

/** Whether it is a directory that no option may name, under whatever name. */
function isForbidden(kernel: Kernel, found: Found): boolean {
  const stat = new Uint8Array(STATX_LENGTH);
  for (const path of NO_PATHS) {
    const fd = kernel.openPath(AT_FDCWD, cString(path));
    if (fd < 0) continue;
    const isIt = kernel.statInto(fd, stat) >= 0 && sameFile(stat, found.stat);
    kernel.close(fd);
    if (isIt) return true;
  }
  return false;
}

function notice(kernel: Kernel, text: string): void {
  kernel.write(2, bytesOf(`tsgosu: ${printable(text)}\n`));
}

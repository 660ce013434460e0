// --match PATH: the user takes over the IDs of whoever owns PATH (DESIGN §6).

import { groupsOf } from "../accounts/group.ts";
import type { NamedUser } from "../accounts/identify.ts";
import { type AccountFile, findUser, type Identity, resolveIdentity } from "../accounts/identity.ts";
import { type Account, accountNamed } from "../accounts/passwd.ts";
import { AccountFiles } from "../accounts/read.ts";
import type { UserSpec } from "../accounts/spec.ts";
import { Failure } from "../failure.ts";
import { EROFS, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Credentials } from "../privilege/credentials.ts";
import { notice, say } from "../report.ts";
import { changeFile, releaseLock, takeLock } from "./apply.ts";
import type { VolumeOptions } from "./options.ts";
import { describeOwner, isSameOwner, type Owner, ownerOf, refuseUnmapped } from "./owner.ts";
import { type Found, findOrFail, isSystems, refuseChosen, Search } from "./path.ts";
import { type Edits, planEdits, planMatch } from "./plan.ts";
import { holdSignalsForWork, releaseSignalsAfterWork } from "./progress.ts";
import { describeRefusal, type Refusal } from "./refusal.ts";
import { reown } from "./reown.ts";

const MATCH = "--match";

/**
 * Who the command shall be after --match: `user`, with the IDs of the owner of PATH where it takes them over. `files` are
 * the account files as `user` was found in them, `current` is who tsgosu is now. Throws a Failure where the match cannot be
 * made. Each step can be repeated, and what says that the work is done is written last: whoever is killed meanwhile starts
 * again, and ends up the same.
 */
export function matchIdentity(
  kernel: Kernel,
  options: VolumeOptions,
  user: NamedUser,
  files: AccountFiles,
  current: Credentials,
): Identity {
  const path = matchedPath(kernel, options.match);
  if (path === "") return user.identity;
  const found = findOrFail(kernel, MATCH, path);
  kernel.close(found.fd);
  if (isSameOwner(ownerOf(found.stat), user.identity)) return user.identity;
  return followOwner(kernel, options, user, files, current, path, found);
}

function followOwner(
  kernel: Kernel,
  options: VolumeOptions,
  user: NamedUser,
  files: AccountFiles,
  current: Credentials,
  path: string,
  found: Found,
): Identity {
  const identity = user.identity;
  const owner = ownerOf(found.stat);
  const what = `${MATCH} ${path}`;
  refuseUnmapped(kernel, what, owner);
  const account = user.account;
  const before =
    account === undefined ? { uid: identity.uid, gid: identity.gid } : { uid: account.uid, gid: account.gid };
  const plan = planMatch(owner, before, current.uids.effective);
  switch (plan) {
    case "already-matched":
      break;
    case "owned-by-root":
      notice(kernel, `${what}: ${identity.name} keeps ${describeOwner(before)}: root owns it`);
      break;
    case "root-stays-root":
      notice(kernel, `${what}: root stays root, although ${describeOwner(owner)} own it`);
      break;
    case "stay-current":
      return withIds(identity, { uid: current.uids.effective, gid: current.gids.effective }, current.groups);
    case "not-permitted":
      throw new Failure(
        `${what}: ${describeOwner(owner)} own it, and only root may make ${identity.name} (${describeOwner(before)}) that`,
        `start the container as root (no --user, no runAsUser), or as the owner: --user ${describeOwner(owner)}`,
      );
    case "take-over":
      refuseChosen(kernel, what, found);
      return takeOver(kernel, options, user, files, owner, path);
    default:
      plan satisfies never;
  }
  return identity;
}

/** The PATH of --match. Where the option is given, TSGOSU_MATCH has a say: `no` turns it off, another word replaces PATH. */
function matchedPath(kernel: Kernel, path: string): string {
  const said = path === "" ? undefined : kernel.environment("TSGOSU_MATCH");
  if (said === undefined || said === "") return path;
  return said === "no" ? "" : said;
}

/** A number without a line has no files to hand over: the command runs as the owner, who may have a line. */
function becomeOwner(files: AccountFiles, owner: Owner): Identity {
  const spec: UserSpec = { user: { kind: "id", id: owner.uid }, group: { kind: "none" } };
  const found = resolveIdentity(spec, findUser(spec, files.passwd(), owner.uid), files.group(), owner.gid);
  return withIds(found, owner, found.groups);
}

/** Gives the account the owner's IDs: first the files in its home, then its group, and its passwd line last. */
function takeOver(
  kernel: Kernel,
  options: VolumeOptions,
  user: NamedUser,
  files: AccountFiles,
  owner: Owner,
  path: string,
): Identity {
  const account = user.account;
  if (account === undefined) return becomeOwner(files, owner);
  let edits: Edits;
  if (options.changesFiles) {
    holdSignalsForWork(kernel, options.holdsSignals);
    if (!options.noChown) handOverHome(kernel, options, account, owner);
    edits = changeAccountFiles(kernel, files, account.name, owner);
    releaseSignalsAfterWork(kernel, options.holdsSignals);
  } else edits = planEdits(files.passwd().bytes, files.group().bytes, account.name, owner);
  say(kernel, options.verbose, `${account.name} takes over ${describeOwner(owner)}, who own ${path}`);
  return afterTakeOver(user, account, owner, edits);
}

/** The files in the home that the user's old IDs own get the new ones. A home that is none, or the system's, is left. */
function handOverHome(kernel: Kernel, options: VolumeOptions, account: Account, owner: Owner): void {
  const home = account.home;
  if (!home.startsWith("/")) return;
  const what = `home directory ${home}: cannot be re-owned`;
  const hint = "--no-chown leaves it alone";
  const top = new Search(kernel, what, hint).find(home);
  if (top === undefined) {
    say(kernel, options.verbose, `home directory ${home}: there is none`);
    return;
  }
  if (isSystems(kernel, top)) notice(kernel, `home directory ${home}: not re-owned: it is the system's`);
  // It will be read-only at the next start, too.
  else if (kernel.isReadOnly(home) === 1) notice(kernel, `home directory ${home}: not re-owned: ${errorText(EROFS)}`);
  else {
    if (top.chooser !== "") throw new Failure(`${what}: ${top.chooser}`, hint);
    const from = { uid: account.uid, gid: account.gid };
    reown(kernel, top, { option: MATCH, path: home, from, to: owner, verbose: options.verbose });
  }
  kernel.close(top.fd);
}

/**
 * Renumbers the user and its group in the account files, as they are once nobody else may change them; `before` is how they
 * were found before that. A file that cannot be written is left, and a line says so: the command runs all the same.
 */
function changeAccountFiles(kernel: Kernel, before: AccountFiles, name: string, owner: Owner): Edits {
  const lock = takeLock(kernel);
  const files = new AccountFiles(kernel);
  const passwd = files.passwd();
  const group = files.group();
  if (accountNamed(passwd.bytes, name) === undefined) throw vanished(passwd, `the line of '${name}'`);
  if (before.group().exists && !group.exists) throw vanished(group, "the file");
  const edits = planEdits(passwd.bytes, group.bytes, name, owner);
  const unwrittenGroup = changeFile(kernel, group, edits.group, lock);
  // The passwd line says that the work is done. It is left as long as the group may still be written by a later start.
  const isLeft = unwrittenGroup !== undefined && unwrittenGroup.errno !== EROFS;
  const unwrittenPasswd = isLeft ? undefined : changeFile(kernel, passwd, edits.passwd, lock);
  releaseLock(kernel, lock);
  if (unwrittenGroup !== undefined) sayUnwritten(kernel, unwrittenGroup, owner);
  if (unwrittenPasswd !== undefined) sayUnwritten(kernel, unwrittenPasswd, owner);
  if (isLeft) notice(kernel, `${passwd.path}: is left as it is until a start can write ${group.path}`);
  return edits;
}

function vanished(file: AccountFile, what: string): Failure {
  return new Failure(
    `${file.path}: ${what} has vanished while tsgosu was working`,
    "is some other program changing users?",
  );
}

function sayUnwritten(kernel: Kernel, refusal: Refusal, owner: Owner): void {
  notice(
    kernel,
    `${refusal.path}: cannot be written: ${describeRefusal(refusal)}; going on with the numbers ${describeOwner(owner)}`,
  );
}

/** Who the user is with its account's new IDs. A group of the user-spec's own choice stays. */
function afterTakeOver(user: NamedUser, account: Account, owner: Owner, edits: Edits): Identity {
  const { spec, identity } = user;
  const gid = identity.gid === account.gid ? owner.gid : identity.gid;
  const groups = spec.group.kind === "none" ? groupsOf(edits.group, account.name) : [];
  return withIds(identity, { uid: owner.uid, gid }, groups);
}

function withIds(identity: Identity, ids: Owner, groups: readonly number[]): Identity {
  return { uid: ids.uid, gid: ids.gid, groups, home: identity.home, name: identity.name, shell: identity.shell };
}

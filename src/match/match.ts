// --match PATH: the user takes over the IDs of PATH's owner.

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
import { lowerCase } from "../text.ts";
import { changeFile, releaseLock, takeLock } from "./apply.ts";
import type { VolumeOptions } from "./options.ts";
import { describeOwner, isSameOwner, type Owner, ownerOf, refuseUnmapped } from "./owner.ts";
import { type Found, findOrFail, findPath, isSystems, whyNot } from "./path.ts";
import { type Edits, planEdits, planMatch } from "./plan.ts";
import { holdSignalsForWork, releaseSignalsAfterWork } from "./progress.ts";
import { describeRefusal, type Refusal } from "./refusal.ts";
import { reown } from "./reown.ts";
import { describeStop, sayOutcome } from "./say.ts";

const MATCH = "--match";
const VARIABLE = "TSGOSU_MATCH";

/**
 * Who the command will be after --match: `user`, with the IDs of PATH's owner if it takes them over. `files` are the account
 * files in which `user` was found, `current` is who tsgosu is now. Throws a Failure if the match cannot be made. Each step
 * can be repeated, and the mark that the work is done is written last: a start that is killed halfway can be made again, with
 * the same result.
 */
export function matchIdentity(
  kernel: Kernel,
  options: VolumeOptions,
  user: NamedUser,
  files: AccountFiles,
  current: Credentials,
): Identity {
  const identity = user.identity;
  const path = matchedPath(kernel, options.match);
  if (path === "") return identity;
  const option = path === options.match ? MATCH : VARIABLE;
  const owner = ownerAt(kernel, option, path);
  if (isSameOwner(owner, identity)) return identity;
  refuseUnmapped(kernel, option, path, owner);

  const plan = planMatch({ owner, account: user.account, identity, currentUid: current.uids.effective });
  switch (plan.kind) {
    case "already-matched":
      return identity;
    case "owned-by-root":
      notice(
        kernel,
        `${option} ${path}: root owns it, so ${identity.name} keeps ${describeOwner(plan.user)}`,
        `chown it on the host to the user it is for, or give it to ${identity.name} with --chown ${path}; in a rootless container, where your files are root's, use --userns=keep-id`,
      );
      return identity;
    case "root-stays-root":
      notice(kernel, `${option} ${path}: root stays root, although it belongs to ${describeOwner(owner)}`);
      return identity;
    case "stay-current":
      return withIds(identity, { uid: current.uids.effective, gid: current.gids.effective }, current.groups);
    case "not-permitted":
      throw new Failure(
        `${option} ${path}: it belongs to ${describeOwner(owner)}, and only root may give these IDs to ${identity.name} (${describeOwner(plan.user)})`,
        `start the container as root (no --user, no runAsUser), or as the owner: --user ${describeOwner(owner)}`,
      );
    case "become-owner":
      return becomeOwner(files, owner);
    case "take-over": {
      const edits = options.changesFiles
        ? takeOver(kernel, options, files, plan.account, owner)
        : planEdits(files.passwd().bytes, files.group().bytes, plan.account.name, owner);
      say(kernel, options.verbose, `${plan.account.name} takes over ${describeOwner(owner)}, the owner of ${path}`);
      return afterTakeOver(user, plan.account, owner, edits);
    }
  }
}

/** What turns --match off as the value of TSGOSU_MATCH, in upper or lower case: YAML makes `false` of `no`. */
const NO = ["no", "false", "off", "0"];

/**
 * The PATH of --match; empty if there is nothing to match. If the option is given, TSGOSU_MATCH can turn it off or name another
 * PATH. Throws a Failure for any other value of the variable.
 */
function matchedPath(kernel: Kernel, path: string): string {
  const value = path === "" ? "" : (kernel.environment(VARIABLE) ?? "");
  if (value === "") return path;
  if (NO.includes(lowerCase(value))) return "";
  if (value.startsWith("/")) return value;
  throw new Failure(
    `${VARIABLE} '${value}': neither an absolute path nor 'no'`,
    "set it to a path such as /app, or to no (also false, off or 0) to turn --match off",
  );
}

function ownerAt(kernel: Kernel, option: string, path: string): Owner {
  const found = findOrFail(kernel, option, path);
  kernel.close(found.fd);
  return ownerOf(found.stat);
}

/** A number without a line has no home to hand over: the command runs as the owner, who may have a line. */
function becomeOwner(files: AccountFiles, owner: Owner): Identity {
  const spec: UserSpec = { user: { kind: "id", id: owner.uid }, group: { kind: "none" } };
  const found = resolveIdentity(spec, findUser(spec, files.passwd(), owner.uid), files.group(), owner.gid);
  return withIds(found, owner, found.groups);
}

/** Gives the owner's IDs to the account: first to the files in its home, then to its group, last to its passwd line. */
function takeOver(kernel: Kernel, options: VolumeOptions, files: AccountFiles, account: Account, owner: Owner): Edits {
  holdSignalsForWork(kernel, options.holdsSignals);
  if (!options.noChown) handOverHome(kernel, options, account, owner);
  const edits = changeAccountFiles(kernel, files, account.name, owner);
  releaseSignalsAfterWork(kernel, options.holdsSignals);
  return edits;
}

/** The files in the home that belong to the user's old IDs get the new ones. A missing or system directory is left alone. */
function handOverHome(kernel: Kernel, options: VolumeOptions, account: Account, owner: Owner): void {
  const home = account.home;
  if (!home.startsWith("/")) return;
  const lookup = findPath(kernel, home);
  switch (lookup.kind) {
    case "missing":
      say(kernel, options.verbose, `home directory ${home}: ${whyNot(lookup)}`);
      return;
    case "foreign-link":
      notice(kernel, `home directory ${home}: not chowned: ${whyNot(lookup)}`);
      return;
    case "refused":
      throw new Failure(`home directory ${home}: cannot be chowned: ${whyNot(lookup)}`, "--no-chown leaves it alone");
    case "found":
      handOverFound(kernel, options, lookup, account, owner);
  }
}

function handOverFound(kernel: Kernel, options: VolumeOptions, top: Found, account: Account, owner: Owner): void {
  const home = account.home;
  if (isSystems(kernel, top)) {
    kernel.close(top.fd);
    notice(kernel, `home directory ${home}: not chowned: it is a system directory`);
    return;
  }
  const outcome = reown(kernel, top, home, { from: { uid: account.uid, gid: account.gid }, to: owner });
  sayOutcome(kernel, options.verbose, home, outcome);
  const stop = outcome.stop;
  if (stop === undefined) return;
  // A read-only file system will be read-only at the next start too. Any other refusal ends the start here, before the user
  // has its new IDs, so that the next start tries again.
  if (stop.kind === "moved-away" || stop.refusal.errno !== EROFS) throw describeStop(MATCH, stop);
  notice(kernel, `${stop.refusal.path}: not chowned: ${errorText(EROFS)}`);
}

/**
 * Renumbers the user and its group in the account files, read again under the lock; `before` is how they were before that. If
 * a file cannot be written, a line says so, and the command runs all the same.
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
  // The passwd line marks the work as done, so it is left unchanged while a later start may still write the group.
  const isLeft = unwrittenGroup !== undefined && unwrittenGroup.errno !== EROFS;
  const unwrittenPasswd = isLeft ? undefined : changeFile(kernel, passwd, edits.passwd, lock);
  releaseLock(kernel, lock);
  if (unwrittenGroup !== undefined) sayUnwritten(kernel, unwrittenGroup, owner);
  if (unwrittenPasswd !== undefined) sayUnwritten(kernel, unwrittenPasswd, owner);
  if (isLeft) notice(kernel, `${passwd.path}: left unchanged until a start can write ${group.path}`);
  return edits;
}

function vanished(file: AccountFile, what: string): Failure {
  return new Failure(
    `${file.path}: ${what} has vanished while tsgosu was working`,
    "is another program changing users?",
  );
}

function sayUnwritten(kernel: Kernel, refusal: Refusal, owner: Owner): void {
  notice(
    kernel,
    `${refusal.path}: cannot be written: ${describeRefusal(refusal)}; continuing with the IDs ${describeOwner(owner)}`,
  );
}

/** Who the user is with its account's new IDs. A group named in the user-spec stays. */
function afterTakeOver(user: NamedUser, account: Account, owner: Owner, edits: Edits): Identity {
  const { spec, identity } = user;
  const gid = identity.gid === account.gid ? owner.gid : identity.gid;
  const groups = spec.group.kind === "none" ? groupsOf(edits.group, account.name) : [];
  return withIds(identity, { uid: owner.uid, gid }, groups);
}

function withIds(identity: Identity, ids: Owner, groups: readonly number[]): Identity {
  return { uid: ids.uid, gid: ids.gid, groups, home: identity.home, name: identity.name, shell: identity.shell };
}

// --match PATH and --puid: the user takes over the IDs of PATH's owner, or those that the environment names.

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
import { type Found, findOrFail, isSystems, refuseChosen, refuseSystems, Search } from "./path.ts";
import { type Edits, planEdits, planMatch } from "./plan.ts";
import { holdSignalsForWork, releaseSignalsAfterWork } from "./progress.ts";
import { ownerInEnvironment, PUID, refuseUnmappedVariables } from "./puid.ts";
import { describeRefusal, type Refusal } from "./refusal.ts";
import { reown } from "./reown.ts";

const MATCH = "--match";
const VARIABLE = "TSGOSU_MATCH";

/**
 * Who the command will be after --match or --puid: `user`, with the IDs that these ask for if it takes them over. `files` are
 * the account files in which `user` was found, `current` is who tsgosu is now. Throws a Failure if the match cannot be made.
 * Each step can be repeated, and the mark that the work is done is written last: a start that is killed halfway can be made
 * again, with the same result.
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
  const named = options.puid ? ownerInEnvironment(kernel, user.account ?? identity) : undefined;
  if (named !== undefined) {
    if (path !== "") say(kernel, options.verbose, `PUID and PGID win over ${MATCH} ${path}`);
    if (isSameOwner(named, identity)) return identity;
    refuseUnmappedVariables(kernel, named);
    return follow(kernel, options, user, files, current, {
      owner: named,
      what: PUID,
      path: "",
      claim: "PUID and PGID are",
      found: undefined,
    });
  }
  if (path === "") return identity;
  const option = path === options.match ? MATCH : VARIABLE;
  const found = findOrFail(kernel, option, path);
  kernel.close(found.fd);
  const owner = ownerOf(found.stat);
  if (isSameOwner(owner, identity)) return identity;
  const what = `${option} ${path}`;
  refuseUnmapped(kernel, what, owner);
  return follow(kernel, options, user, files, current, { owner, what, path, claim: "it belongs to", found });
}

/** Whose IDs the user is to get, and who says so. */
interface Source {
  readonly owner: Owner;
  /** The option, and its PATH if it has one. */
  readonly what: string;
  /** The option's PATH; empty for --puid. */
  readonly path: string;
  /** What comes before the IDs in a sentence about them. */
  readonly claim: string;
  /** The file whose owner it is; undefined for --puid. */
  readonly found: Found | undefined;
}

function follow(
  kernel: Kernel,
  options: VolumeOptions,
  user: NamedUser,
  files: AccountFiles,
  current: Credentials,
  source: Source,
): Identity {
  const identity = user.identity;
  const { owner, what, claim, found } = source;
  const account = user.account;
  const before =
    account === undefined ? { uid: identity.uid, gid: identity.gid } : { uid: account.uid, gid: account.gid };
  const plan = planMatch(owner, before, current.uids.effective);
  switch (plan) {
    case "already-matched":
      break;
    case "owned-by-root":
      // With --puid, only root gets here, who is asked for another group.
      if (found === undefined) notice(kernel, `${what}: root keeps ${describeOwner(before)}`);
      else {
        refuseSystems(kernel, what, found);
        notice(
          kernel,
          `${what}: root owns it, so ${identity.name} keeps ${describeOwner(before)}`,
          `chown it on the host to the user it is for, or give it to ${identity.name} with --chown ${source.path}; in a rootless container, where your files are root's, use --userns=keep-id`,
        );
      }
      break;
    case "root-stays-root":
      notice(kernel, `${what}: root stays root, although ${claim} ${describeOwner(owner)}`);
      break;
    case "stay-current":
      return withIds(identity, { uid: current.uids.effective, gid: current.gids.effective }, current.groups);
    case "not-permitted":
      throw new Failure(
        `${what}: ${claim} ${describeOwner(owner)}, and only root may give these IDs to ${identity.name} (${describeOwner(before)})`,
        `start the container as root (no --user, no runAsUser), or as the owner: --user ${describeOwner(owner)}`,
      );
    case "take-over":
      if (found !== undefined) refuseChosen(kernel, what, found);
      return takeOver(kernel, options, user, files, owner, what);
    default:
      plan satisfies never;
  }
  return identity;
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

/** A number without a line has no home to hand over: the command runs as the owner, who may have a line. */
function becomeOwner(files: AccountFiles, owner: Owner): Identity {
  const spec: UserSpec = { user: { kind: "id", id: owner.uid }, group: { kind: "none" } };
  const found = resolveIdentity(spec, findUser(spec, files.passwd(), owner.uid), files.group(), owner.gid);
  return withIds(found, owner, found.groups);
}

/** Gives the owner's IDs to the account: first to the files in its home, then to its group, last to its passwd line. */
function takeOver(
  kernel: Kernel,
  options: VolumeOptions,
  user: NamedUser,
  files: AccountFiles,
  owner: Owner,
  what: string,
): Identity {
  const account = user.account;
  if (account === undefined) return becomeOwner(files, owner);
  let edits: Edits;
  if (options.changesFiles) {
    holdSignalsForWork(kernel, options.holdsSignals);
    if (!options.noChown) handOverHome(kernel, options, what === PUID ? PUID : MATCH, account, owner);
    edits = changeAccountFiles(kernel, files, account.name, owner);
    releaseSignalsAfterWork(kernel, options.holdsSignals);
  } else edits = planEdits(files.passwd().bytes, files.group().bytes, account.name, owner);
  say(kernel, options.verbose, `${what}: ${account.name} takes over ${describeOwner(owner)}`);
  return afterTakeOver(user, account, owner, edits);
}

/** The files in the home that belong to the user's old IDs get the new ones. A missing or system directory is left alone. */
function handOverHome(kernel: Kernel, options: VolumeOptions, option: string, account: Account, owner: Owner): void {
  const home = account.home;
  if (!home.startsWith("/")) return;
  const what = `home directory ${home}: cannot be chowned`;
  const hint = "--no-chown leaves it alone";
  const top = new Search(kernel, what, hint).find(home);
  if (top === undefined) {
    say(kernel, options.verbose, `home directory ${home}: there is none`);
    return;
  }
  if (isSystems(kernel, top)) notice(kernel, `home directory ${home}: not chowned: it is a system directory`);
  // A read-only home will be read-only at the next start too.
  else if (kernel.isReadOnly(home) === 1) notice(kernel, `home directory ${home}: not chowned: ${errorText(EROFS)}`);
  else {
    if (top.chooser !== "") throw new Failure(`${what}: ${top.chooser}`, hint);
    const from = { uid: account.uid, gid: account.gid };
    reown(kernel, top, { option, path: home, from, to: owner, isAlone: true, verbose: options.verbose });
  }
  kernel.close(top.fd);
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
  const left = isLeft ? `${passwd.path} is left unchanged until a start can write ${group.path}` : "";
  if (unwrittenGroup !== undefined) sayUnwritten(kernel, unwrittenGroup, owner, left);
  if (unwrittenPasswd !== undefined) sayUnwritten(kernel, unwrittenPasswd, owner, "");
  return edits;
}

function vanished(file: AccountFile, what: string): Failure {
  return new Failure(
    `${file.path}: ${what} has vanished while tsgosu was working`,
    "is another program changing users?",
  );
}

function sayUnwritten(kernel: Kernel, refusal: Refusal, owner: Owner, hint: string): void {
  notice(
    kernel,
    `${refusal.path}: cannot be written: ${describeRefusal(refusal)}; continuing with the IDs ${describeOwner(owner)}`,
    hint,
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

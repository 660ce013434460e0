// tsgosu: the first program in a container. It starts as root, becomes the user the image names, and runs the command.

import { identify } from "./accounts/identify.ts";
import { hostOf, type Identity } from "./accounts/identity.ts";
import { AccountFiles } from "./accounts/read.ts";
import { parseUserSpec } from "./accounts/spec.ts";
import { checkPosture, explainMessage } from "./check/check.ts";
import { helpText } from "./cli/help.ts";
import { calledAs, parseCommandLine } from "./cli/names.ts";
import type { CheckRequest, Request, RunRequest, Settings } from "./cli/request.ts";
import { Failure } from "./failure.ts";
import { watchParent } from "./init/parent.ts";
import { heldSignals } from "./init/signals.ts";
import { pause, superviseCommand } from "./init/start.ts";
import { inItsWords, OWN } from "./init/voice.ts";
import { errorText } from "./kernel/errno.ts";
import type { Kernel, Threads } from "./kernel/kernel.ts";
import { chownVolumes } from "./match/chown.ts";
import { joinGroups } from "./match/groups.ts";
import { matchIdentity } from "./match/match.ts";
import type { VolumeOptions } from "./match/options.ts";
import { wantedUmask } from "./match/puid.ts";
import { becomeUser, confineInPlace } from "./privilege/become.ts";
import {
  describeConfinement,
  planConfinement,
  readPrivileges,
  refuseRoot,
  wantsConfinement,
} from "./privilege/confine.ts";
import { type Credentials, describeIds, readCredentials } from "./privilege/credentials.ts";
import { refusePrivilegedFile } from "./privilege/installation.ts";
import { guarded, print, say } from "./report.ts";
import { LISTEN_PID, ROOM_FOR_PID } from "./run/listen.ts";
import { execCommand } from "./run/run.ts";
import { beginSession, leadsSession, terminalStream } from "./run/session.ts";
import { bytesOf } from "./text.ts";
import { VERSION } from "./version.ts";

/** Runs tsgosu. Returns only if a Node event loop has to go on: as init, or with nothing to run. */
export function main(kernel: Kernel): void {
  guarded(kernel, tsgosu);
}

function tsgosu(kernel: Kernel): void {
  const words = {
    count: kernel.argumentCount(),
    at: (index: number) => kernel.argument(index),
    variable: (name: string) => kernel.environment(name),
  };
  const tool = calledAs(words);
  try {
    perform(kernel, parseCommandLine(words));
  } catch (error) {
    if (tool === OWN || !(error instanceof Failure)) throw error;
    throw inItsWords(tool, error, kernel.getpid());
  }
}

function perform(kernel: Kernel, request: Request): void {
  switch (request.action) {
    case "help":
      print(kernel, helpText());
      kernel.exit(0);
      break;
    case "version":
      print(kernel, `tsgosu ${VERSION}\n`);
      kernel.exit(0);
      break;
    case "print":
      if (request.fd === 1) print(kernel, request.text);
      else kernel.write(request.fd, bytesOf(request.text));
      kernel.exit(0);
      break;
    case "pause":
      holdSignals(kernel);
      refusePrivilegedFile(kernel, readCredentials(kernel));
      pause(kernel);
      break;
    case "explain":
      explainMessage(kernel, request.message);
      break;
    case "check":
      check(kernel, request);
      break;
    case "run":
      run(kernel, request);
      break;
    default:
      request satisfies never;
  }
}

function run(kernel: Kernel, request: RunRequest): void {
  const asInit = request.mode === "init" || (request.mode === "auto" && kernel.getpid() === 1);
  if (asInit) holdSignals(kernel);
  const parent = request.parentDeath > 0 ? kernel.getppid() : 0;

  const current = readCredentials(kernel);
  refusePrivilegedFile(kernel, current);
  const umask = wantedUmask(kernel, request.settings);
  become(kernel, request, current, asInit ? "all" : "calling");

  if (umask >= 0) setUmask(kernel, umask, request.settings.verbose);
  if (request.parentDeath > 0) watchParent(kernel, request.parentDeath, parent);
  const newSession = request.settings.newSession;
  if (!newSession) sayTerminal(kernel, request.settings.verbose, current.uids.effective);
  else if (!asInit) beginSession(kernel);
  if (asInit) superviseCommand(kernel, request.firstWord, request.init, newSession);
  else execCommand(kernel, request.firstWord);
}

/** From here on no signal is lost: the kernel drops a signal to PID 1 that is neither held nor handled. */
function holdSignals(kernel: Kernel): void {
  const held = kernel.holdSignals(heldSignals());
  if (held < 0)
    throw new Failure(
      `cannot hold signals: ${errorText(-held)}`,
      "a seccomp profile or a sandbox refuses rt_sigprocmask or rt_sigaction, which tsgosu --exec does not need",
    );
}

/** Reports the posture of what this process has become; nothing runs after that. */
function check(kernel: Kernel, request: CheckRequest): void {
  const current = readCredentials(kernel);
  refusePrivilegedFile(kernel, current);
  become(kernel, request, current, "calling");
  checkPosture(kernel, request.json);
}

/** Becomes the user, or stays who the process is, with no more privilege than is asked for. */
function become(kernel: Kernel, request: RunRequest | CheckRequest, current: Credentials, threads: Threads): void {
  const settings = request.settings;
  const userSpec = request.userSpec;
  const uid = current.uids.effective;
  const plan = wantsConfinement(settings) ? planConfinement(settings, readPrivileges(kernel)) : undefined;
  if (userSpec === undefined || (settings.ifRoot && uid !== 0)) {
    if (plan !== undefined) {
      refuseRoot(plan, uid);
      confineInPlace(kernel, plan);
    }
    if (userSpec !== undefined) describeStranger(kernel, userSpec, uid, settings);
  } else {
    const files = new AccountFiles(kernel);
    const spec = parseUserSpec(userSpec);
    const user = identify(spec, files, uid, current.gids.effective);
    if (plan !== undefined) refuseRoot(plan, user.identity.uid);
    const volumes = volumeOptions(settings, request.action === "run", threads === "all");
    const matched = matchIdentity(kernel, volumes, user, files, current);
    const identity = joinGroups(kernel, settings, matched, current);
    chownVolumes(kernel, volumes, identity, uid);
    const handsOverStreams = !settings.keepStdioOwner && request.action === "run";
    const how = becomeUser(kernel, identity, current, plan, { handsOverStreams, threads });
    if (settings.verbose) sayIdentity(kernel, identity, how);
    describeUser(kernel, identity, settings.login);
  }
  if (plan !== undefined) say(kernel, settings.verbose, describeConfinement(plan));
}

/** Says that the user can reach root's shell, if the user gets the terminal that the shell goes on with. */
function sayTerminal(kernel: Kernel, verbose: boolean, uidBefore: number): void {
  if (!verbose || uidBefore !== 0 || readCredentials(kernel).uids.effective === 0) return;
  if (leadsSession(kernel) || terminalStream(kernel) < 0) return;
  say(kernel, true, "the command shares a terminal with the shell above it, and could type into it: see --new-session");
}

function volumeOptions(settings: Settings, changesFiles: boolean, holdsSignals: boolean): VolumeOptions {
  const { match, puid, noChown, chown, verbose } = settings;
  return { match, puid, noChown, chown, verbose, changesFiles, holdsSignals };
}

function sayIdentity(kernel: Kernel, identity: Identity, how: "already" | "switched"): void {
  const { groups } = readCredentials(kernel);
  const ids = describeIds(identity.uid, identity.gid, groups);
  say(kernel, true, how === "already" ? `already ${ids}, nothing to switch` : `became ${identity.name}, ${ids}`);
}

/** Tells the command by its environment who it is: HOME always, as gosu does; with --login what login(1) sets. */
function describeUser(kernel: Kernel, identity: Identity, login: boolean): void {
  setVariable(kernel, "HOME", identity.home);
  if (!login) return;
  setUser(kernel, identity.name);
  setVariable(kernel, "SHELL", identity.shell);
}

/**
 * A platform may start the image as a UID that the image has no name for (OpenShift, docker run --user 1234:0). If it has no
 * home, it gets that of the image's user, provided that it may write there, and with --login that user's name.
 */
function describeStranger(kernel: Kernel, userSpec: string, uid: number, settings: Settings): void {
  const home = kernel.environment("HOME") ?? "";
  if (home !== "" && home !== "/") return;
  const host = hostOf(parseUserSpec(userSpec), new AccountFiles(kernel).passwd().bytes, uid);
  if (host === undefined) return;
  if (host.home.startsWith("/") && kernel.mayWriteIn(host.home) === 0) {
    setVariable(kernel, "HOME", host.home);
    say(kernel, settings.verbose, `UID ${uid} has no home, and gets that of ${host.name}: ${host.home}`);
  }
  if (settings.login) setUser(kernel, host.name);
}

function setUser(kernel: Kernel, name: string): void {
  setVariable(kernel, "USER", name);
  setVariable(kernel, "LOGNAME", name);
}

function setVariable(kernel: Kernel, name: string, value: string): void {
  const result = kernel.setenv(name, value);
  if (result < 0) throw new Failure(`cannot set ${name} for the command: ${errorText(-result)}`);
}

/** Sets the command's umask once tsgosu has written what it writes itself. */
function setUmask(kernel: Kernel, umask: number, verbose: boolean): void {
  const result = kernel.umask(umask);
  if (result < 0) throw new Failure(`cannot set the umask: ${errorText(-result)}`);
  say(kernel, verbose, `umask ${umask >> 6}${(umask >> 3) & 7}${umask & 7}`);
}

/**
 * Whether this process is the child of an init, started to put its own PID into LISTEN_PID. The first word alone does not
 * show that, since a user-spec may read the same.
 */
export function isListener(kernel: Kernel, firstWord: string): boolean {
  return kernel.argument(1) === firstWord && kernel.environment(LISTEN_PID) === ROOM_FOR_PID;
}

/** Becomes the command of an init that has already switched, and names this process in LISTEN_PID. */
export function becomeListener(kernel: Kernel): void {
  refusePrivilegedFile(kernel, readCredentials(kernel));
  setVariable(kernel, LISTEN_PID, `${kernel.getpid()}`);
  execCommand(kernel, 2);
}

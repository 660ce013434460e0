// tsgosu: the first program in a container. It starts as root, becomes the user the image names, and runs the command.

import { findUser, type Identity, needsGroupFile, resolveIdentity } from "./accounts/identity.ts";
import { GROUP, PASSWD, readAccountFile } from "./accounts/read.ts";
import { parseUserSpec } from "./accounts/spec.ts";
import { checkPosture, explainMessage } from "./check/check.ts";
import { helpText, parseCommandLine, type Request } from "./cli.ts";
import { Failure, failureLines } from "./failure.ts";
import { watchParent } from "./init/parent.ts";
import { heldSignals } from "./init/signals.ts";
import { errorText } from "./kernel/errno.ts";
import { type Kernel, SIGNALS_REFUSED } from "./kernel/kernel.ts";
import { fit } from "./match/match.ts";
import {
  type Confinement,
  confineAfterSwitch,
  confineBeforeSwitch,
  describeConfinement,
  NO_CONFINEMENT,
  planConfinement,
  readPrivileges,
  refuseRoot,
} from "./privilege/confine.ts";
import { type Credentials, describeIds, isAlready, readCredentials } from "./privilege/credentials.ts";
import { refusePrivilegedFile } from "./privilege/installation.ts";
import { handOverStreams } from "./privilege/streams.ts";
import { dropOtherGroups, switchTo } from "./privilege/switch.ts";
import { execCommand, superviseCommand } from "./run/run.ts";
import { bytesOf } from "./text.ts";
import { VERSION } from "./version.ts";

/** Runs tsgosu. Comes back only where a Node event loop has to go on: as init, and with nothing to run. */
export function main(kernel: Kernel): void {
  guarded(kernel, obey);
}

function obey(kernel: Kernel): void {
  const request = parseCommandLine({ count: kernel.argumentCount(), at: (index: number) => kernel.argument(index) });
  if (request.action === "help") print(kernel, helpText());
  else if (request.action === "version") print(kernel, `tsgosu ${VERSION}\n`);
  else if (request.action === "explain") explainMessage(kernel, request.message);
  else if (request.action === "check") check(kernel, request);
  else run(kernel, request);
}

/** Does `story`, and reports how it fails. */
export function guarded(kernel: Kernel, story: (kernel: Kernel) => void): void {
  try {
    story(kernel);
  } catch (error) {
    if (error instanceof Failure) fail(kernel, error);
    else fail(kernel, new Failure(`internal error: ${error instanceof Error ? error.message : "unknown"}`));
  }
}

function run(kernel: Kernel, request: Request): void {
  const asInit = request.mode === "init" || (request.mode === "auto" && kernel.getpid() === 1);
  // From here on no signal is lost: as PID 1, one that nobody holds or handles is dropped by the kernel.
  const held = asInit ? kernel.holdSignals(heldSignals()) : 0;
  if (held < 0) throw new Failure(`cannot hold signals: ${errorText(-held)}`, SIGNALS_REFUSED);

  const parent = request.init.parentDeath > 0 ? kernel.getppid() : 0;
  const current = readCredentials(kernel);
  refusePrivilegedFile(kernel, current);
  becomeConfinedUser(kernel, request, current);

  if (request.init.parentDeath > 0) watchParent(kernel, request.init.parentDeath, parent);
  if (asInit) superviseCommand(kernel, request.firstWord, request.init);
  else execCommand(kernel, request.firstWord);
}

/** Reports the posture of what it has become; nothing runs after that, so there is no way back to take. */
function check(kernel: Kernel, request: Request): void {
  const current = readCredentials(kernel);
  refusePrivilegedFile(kernel, current);
  becomeConfinedUser(kernel, request, current);
  checkPosture(kernel, request.json);
}

/** Becomes the user, if that is wanted, with no more privilege than is asked for. */
function becomeConfinedUser(kernel: Kernel, request: Request, current: Credentials): void {
  const uid = current.uids.effective;
  const stays = (request.ifRoot && uid !== 0) || (request.action === "check" && request.firstWord === 0);
  if (!request.noNewPrivs && !request.restricted && request.caps === "") {
    if (!stays) becomeUser(kernel, request, current, NO_CONFINEMENT);
    return;
  }

  const plan = planConfinement(request.caps, request.noNewPrivs, request.restricted, readPrivileges(kernel));
  if (stays) {
    refuseRoot(plan, uid);
    confineBeforeSwitch(kernel, plan);
  } else becomeUser(kernel, request, current, plan);
  confineAfterSwitch(kernel, plan);
  say(kernel, request, describeConfinement(plan));
}

/** Becomes who the user-spec names, unless the process is already, and says so in the environment. */
function becomeUser(kernel: Kernel, request: Request, current: Credentials, plan: Confinement): void {
  const named = identify(kernel, request, current);
  refuseRoot(plan, named.uid);
  const wantsFit = request.match !== "" || request.chown.length > 0;
  const identity = wantsFit ? fit(kernel, request, named, current) : named;
  confineBeforeSwitch(kernel, plan);
  const already = isAlready(current, identity);
  if (already) dropOtherGroups(kernel, identity, current);
  else {
    if (!request.keepStdioOwner && request.action === "run") handOverStreams(kernel, identity.uid);
    switchTo(kernel, identity, current);
  }
  if (request.verbose) {
    const ids = describeIds(identity.uid, identity.gid, kernel.getgroups());
    say(kernel, request, already ? `already ${ids}, nothing to switch` : `became ${identity.name}, ${ids}`);
  }
  describeUser(kernel, identity, request.login);
}

function identify(kernel: Kernel, request: Request, current: Credentials): Identity {
  const spec = parseUserSpec(request.userSpec);
  const user = findUser(spec, readAccountFile(kernel, PASSWD), current.uids.effective);
  const group = needsGroupFile(spec, user)
    ? readAccountFile(kernel, GROUP)
    : { path: GROUP, exists: false, bytes: Buffer.alloc(0) };
  return resolveIdentity(spec, user, group, current.gids.effective);
}

/** What the environment says of who the command is: HOME always, as gosu does; with --login what login(1) sets. */
function describeUser(kernel: Kernel, identity: Identity, login: boolean): void {
  kernel.setenv("HOME", identity.home);
  if (!login) return;
  kernel.setenv("USER", identity.name);
  kernel.setenv("LOGNAME", identity.name);
  kernel.setenv("SHELL", identity.shell);
}

function say(kernel: Kernel, request: Request, text: string): void {
  if (request.verbose) kernel.write(2, bytesOf(`tsgosu: ${text}\n`));
}

function print(kernel: Kernel, text: string): void {
  kernel.write(1, bytesOf(text));
  kernel.exit(0);
}

function fail(kernel: Kernel, failure: Failure): void {
  kernel.write(2, bytesOf(failureLines(failure.message, failure.hint)));
  kernel.exit(failure.code);
}

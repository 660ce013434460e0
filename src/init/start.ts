// Starting the command as a child of init, which then holds no descriptor above 2 and no directory.

import { Failure } from "../failure.ts";
import { ENOEXEC, EPERM, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PR_GET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE } from "../kernel/linux.ts";
import { SIGINT, SIGTERM } from "../kernel/signals.ts";
import { notice } from "../report.ts";
import { isMeantForUs, LISTEN_PID, ROOM_FOR_PID } from "../run/listen.ts";
import { cannotRun, findCommand } from "../run/lookup.ts";
import { listenDescriptors } from "../run/run.ts";
import { leadsSession, terminalStream } from "../run/session.ts";
import { openChildren, readChildren, sayOrphansUnknown } from "./children.ts";
import type { InitOptions } from "./options.ts";
import { FOR_EVER, supervise, type Terminal } from "./supervise.ts";
import { INFORMATION, OWN, TINI, type Tool, tell, WARNING } from "./voice.ts";

/** The program to which execvp(3) passes a script that does not name its interpreter. */
const SHELL = "/bin/sh";

/**
 * Runs the command as a child, in its own session if `newSession` is given, and stays as its init. Throws a Failure if that
 * fails before the command runs. Once it runs, init reports what else is refused and goes on, since the container ends with
 * PID 1. It ends only if it can no longer do its work: wait for signals and for children (supervise.ts).
 */
export function superviseCommand(kernel: Kernel, firstWord: number, options: InitOptions, newSession: boolean): void {
  const at = startOfCommand(kernel, firstWord, options.tool);
  const word = kernel.argument(at);
  const file = findCommand(kernel, word);
  closeToUser(kernel);
  const pid = kernel.getpid();
  const first = pid === 1;
  const adopts = first || becomeSubreaper(kernel, options);
  // A program that replaced itself with tsgosu may have left children, which are not the command's.
  const looks = options.orphans === "reap" || (adopts && !first);
  const children = looks ? openChildren(kernel) : NO_LIST;
  if (looks && children < 0) sayOrphansUnknown(kernel, -children);
  const spared = childrenBefore(kernel, children);
  const terminal = controllingTerminal(kernel);
  const session = newSession && !keepsSession(kernel, terminal);

  const how = {
    session,
    own: children,
    terminal: !session && isInForeground(kernel, terminal) ? terminal.fd : -1,
    pidVariable: makeRoomForPid(kernel, pid),
    inherited: listenDescriptors(kernel),
  };
  let command = kernel.spawn(file, at, how);
  // The other inits start their command with execvp(3), which passes a file without a known format to the shell.
  if (command === -ENOEXEC && options.tool !== OWN) {
    kernel.setArgument(at, file);
    kernel.setArgument(at - 1, SHELL);
    command = kernel.spawn(SHELL, at - 1, how);
  }
  if (command < 0) throw cannotRun(word, -command);
  tell(kernel, options, INFORMATION, `Spawned child process '${word}' with pid '${command}'`);

  letGo(kernel, children);
  const jobControl = terminal.fd >= 0 && !first;
  supervise(kernel, { command, first, adopts, jobControl, session, options }, { terminal, children, spared });
}

/** Where the command begins: tini's manual also has `tini PROGRAM -- ARGS`, where tini itself drops the `--`. */
function startOfCommand(kernel: Kernel, firstWord: number, tool: Tool): number {
  const next = firstWord + 1;
  if (tool !== TINI || kernel.argument(next) !== "--" || kernel.argument(firstWord - 1) === "--") return firstWord;
  kernel.setArgument(next, kernel.argument(firstWord));
  return next;
}

/** Reaps orphans until SIGTERM or SIGINT ends it: the first process of a pod, whose containers share its namespaces. */
export function pause(kernel: Kernel): void {
  if (kernel.getpid() !== 1) kernel.prctl(PR_SET_CHILD_SUBREAPER, 1, 0);
  letGo(kernel, NO_LIST);
  kernel.onSignals((signal) => {
    if (signal === SIGTERM || signal === SIGINT) kernel.exit(0);
    while (kernel.reap().pid > 0);
    return FOR_EVER;
  });
}

/** The children from before the command. */
function childrenBefore(kernel: Kernel, list: number): readonly number[] {
  const pids = readChildren(kernel, list);
  return typeof pids === "number" ? [] : pids;
}

/** No list of the children: init never looks at it. */
const NO_LIST = -1;

/** Releases what only the start needed: descriptors above 2 except `kept`, the working directory, and memory. */
function letGo(kernel: Kernel, kept: number): void {
  const closed = kernel.releaseResources(kept);
  if (closed < 0) notice(kernel, `inherited descriptors stay open: ${errorText(-closed)}`);
  const moved = kernel.chdir("/");
  if (moved < 0) notice(kernel, `the working directory stays in use: chdir /: ${errorText(-moved)}`);
}

/** The variable in which the command's PID has to replace tsgosu's, made wide enough for it; empty if there is none. */
function makeRoomForPid(kernel: Kernel, pid: number): string {
  if (!isMeantForUs(kernel.environment(LISTEN_PID), pid)) return "";
  const result = kernel.setenv(LISTEN_PID, ROOM_FOR_PID);
  if (result < 0) throw new Failure(`cannot set ${LISTEN_PID}: ${errorText(-result)}`);
  return LISTEN_PID;
}

/**
 * Keeps the command out of this process: as the same user, it could otherwise stop tsgosu for ever or control it (ptrace(2),
 * /proc/1/mem). In the static executable a switch of user already has this effect (PR_SET_DUMPABLE in prctl(2)). Throws a
 * Failure if the kernel refuses.
 */
function closeToUser(kernel: Kernel): void {
  if (kernel.prctl(PR_GET_DUMPABLE, 0, 0) === 0) return;
  // Whether this worked is read back below.
  kernel.prctl(PR_SET_DUMPABLE, 0, 0);
  if (kernel.prctl(PR_GET_DUMPABLE, 0, 0) === 0) return;
  throw new Failure(
    "the command could stop tsgosu, or read its memory: PR_SET_DUMPABLE is refused",
    "a seccomp profile or a sandbox refuses it: --exec leaves no tsgosu behind",
  );
}

/**
 * Becomes a subreaper (PR_SET_CHILD_SUBREAPER in prctl(2)) if that is asked for, also by an option that stops orphans. Says so
 * if orphans cannot be reaped, because it is not asked for or because the kernel refuses.
 */
function becomeSubreaper(kernel: Kernel, options: InitOptions): boolean {
  // A program that replaced itself with tsgosu may have been a subreaper.
  if (kernel.isSubreaper()) return true;
  if (!options.subreaper && options.orphans === "leave") {
    const { tool } = options;
    const text =
      tool === TINI
        ? "Tini is not running as PID 1 and isn't registered as a child subreaper (-s, TINI_SUBREAPER)."
        : `orphans cannot be reaped: init is neither PID 1 nor a subreaper${tool === OWN ? " (--subreaper)" : ""}`;
    tell(kernel, options, WARNING, text);
    return false;
  }
  const result = kernel.prctl(PR_SET_CHILD_SUBREAPER, 1, 0);
  if (result >= 0 && kernel.isSubreaper()) return true;
  tell(
    kernel,
    options,
    WARNING,
    `orphans cannot be reaped: the kernel refuses to make init a subreaper: ${errorText(result < 0 ? -result : EPERM)}`,
  );
  return false;
}

/** tsgosu's controlling terminal, whichever group is in its foreground. */
function controllingTerminal(kernel: Kernel): Terminal {
  return { fd: terminalStream(kernel), group: kernel.getpgrp() };
}

/**
 * Whether the command may stay in tsgosu's session. If tsgosu leads the session, as PID 1 of a container does, no shell above
 * it shares the terminal, and the command keeps its job control.
 */
function keepsSession(kernel: Kernel, terminal: Terminal): boolean {
  return terminal.fd >= 0 && leadsSession(kernel);
}

function isInForeground(kernel: Kernel, terminal: Terminal): boolean {
  return terminal.fd >= 0 && kernel.tcgetpgrp(terminal.fd) === terminal.group;
}

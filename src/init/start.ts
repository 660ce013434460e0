// Starting the command as a child of init, which then holds no descriptor above 2 and no directory.

import { Failure } from "../failure.ts";
import { ENOEXEC, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PR_GET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE } from "../kernel/linux.ts";
import { SIGINT, SIGTERM } from "../kernel/signals.ts";
import { notice } from "../report.ts";
import { isMeantForUs, LISTEN_PID, ROOM_FOR_PID } from "../run/listen.ts";
import { cannotRun, findCommand } from "../run/lookup.ts";
import { listenDescriptors } from "../run/run.ts";
import { readChildren } from "./children.ts";
import type { InitOptions } from "./options.ts";
import { FOR_EVER, supervise, type Terminal } from "./supervise.ts";
import { INFORMATION, OWN, TINI, type Tool, tell, WARNING } from "./voice.ts";

/** What execvp(3) gives a script to that does not name its interpreter. */
const SHELL = "/bin/sh";

/**
 * Runs the command as a child and stays as its init. Throws a Failure if that fails before the command runs. Once it runs,
 * init reports what else is refused and goes on, since the container ends with PID 1. It ends only if it can no longer do its
 * work: wait for signals and for children (supervise.ts).
 */
export function superviseCommand(kernel: Kernel, firstWord: number, options: InitOptions): void {
  const at = startOfCommand(kernel, firstWord, options.tool);
  const word = kernel.argument(at);
  const file = findCommand(kernel, word);
  if (!kernel.hasOneThread()) closeToUser(kernel);
  const pid = kernel.getpid();
  const first = pid === 1;
  const adopts = first || becomeSubreaper(kernel, options);
  // A program that replaced itself with tsgosu may have left children, which are not the command's.
  const spared = options.orphans === "reap" || (adopts && !first) ? readChildren(kernel) : [];
  const terminal = controllingTerminal(kernel);

  const how = {
    terminal: isInForeground(kernel, terminal) ? terminal.fd : -1,
    pidVariable: makeRoomForPid(kernel, pid),
    inherited: listenDescriptors(kernel),
  };
  let command = kernel.spawn(file, at, how);
  // The other inits start their command by execvp(3), which takes a file that is no program for a script of the shell.
  if (command === -ENOEXEC && options.tool !== OWN) {
    kernel.setArgument(at, file);
    kernel.setArgument(at - 1, SHELL);
    command = kernel.spawn(SHELL, at - 1, how);
  }
  if (command < 0) throw cannotRun(word, -command);
  tell(kernel, options, INFORMATION, `Spawned child process '${word}' with pid '${command}'`);

  letGo(kernel);
  const jobControl = terminal.fd >= 0 && !first;
  supervise(kernel, { command, first, adopts, jobControl, options }, terminal, spared);
}

/** Where the command begins: `tini PROGRAM -- ARGS` is how tini's manual has it, with the `--` for tini itself. */
function startOfCommand(kernel: Kernel, firstWord: number, tool: Tool): number {
  const next = firstWord + 1;
  if (tool !== TINI || kernel.argument(next) !== "--" || kernel.argument(firstWord - 1) === "--") return firstWord;
  kernel.setArgument(next, kernel.argument(firstWord));
  return next;
}

/** Waits until SIGTERM or SIGINT ends it, and reaps: the first process of a pod, whose containers share its namespaces. */
export function pause(kernel: Kernel): void {
  if (kernel.getpid() !== 1) kernel.prctl(PR_SET_CHILD_SUBREAPER, 1, 0);
  letGo(kernel);
  kernel.onSignals((signal) => {
    if (signal === SIGTERM || signal === SIGINT) kernel.exit(0);
    while (kernel.reap().pid > 0);
    return FOR_EVER;
  });
}

/** Lets go of what only the start has needed: descriptors above 2, the working directory, and memory. */
function letGo(kernel: Kernel): void {
  const closed = kernel.releaseResources();
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
 * Keeps the user out of this process (ptrace(2), /proc/1/mem). Only the calling thread is confined as the command will be; a
 * user who reached one of the other threads could make it run a setuid program. Throws a Failure if the kernel refuses.
 */
function closeToUser(kernel: Kernel): void {
  // Whether this worked is read back below.
  kernel.prctl(PR_SET_DUMPABLE, 0, 0);
  if (kernel.prctl(PR_GET_DUMPABLE, 0, 0) === 0) return;
  throw new Failure(
    "the command could reach tsgosu's other threads: PR_SET_DUMPABLE is refused",
    "a seccomp profile or a sandbox refuses it; tsgosu-static has no other threads, and --exec leaves none",
  );
}

/**
 * Becomes a subreaper (PR_SET_CHILD_SUBREAPER in prctl(2)) if that is asked for, also by an option that stops orphans. Says so
 * if orphans cannot be reaped, because it is not asked for or because the kernel refuses.
 */
function becomeSubreaper(kernel: Kernel, options: InitOptions): boolean {
  // A program that replaced itself by tsgosu may have been one.
  if (kernel.isSubreaper()) return true;
  if (!options.subreaper && options.orphans === "leave") {
    const { tool } = options;
    const text =
      tool === TINI
        ? "Tini is not running as PID 1 and isn't registered as a child subreaper (-s, TINI_SUBREAPER)."
        : "orphans cannot be reaped: init is neither PID 1 nor a subreaper (--subreaper)";
    tell(kernel, options, WARNING, text);
    return false;
  }
  const result = kernel.prctl(PR_SET_CHILD_SUBREAPER, 1, 0);
  if (result >= 0) return true;
  tell(
    kernel,
    options,
    WARNING,
    `orphans cannot be reaped: the kernel refuses to make init a subreaper: ${errorText(-result)}`,
  );
  return false;
}

/** The standard stream that is tsgosu's controlling terminal, whichever group is in its foreground. */
function controllingTerminal(kernel: Kernel): Terminal {
  const group = kernel.getpgrp();
  for (let fd = 0; fd <= 2; fd++) if (kernel.tcgetpgrp(fd) >= 0) return { fd, group };
  return { fd: -1, group };
}

function isInForeground(kernel: Kernel, terminal: Terminal): boolean {
  return terminal.fd >= 0 && kernel.tcgetpgrp(terminal.fd) === terminal.group;
}

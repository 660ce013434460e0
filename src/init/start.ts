// Starting the command as a child of init, with nothing held: no descriptor above 2, no directory.

import { Failure } from "../failure.ts";
import { errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PR_GET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE } from "../kernel/linux.ts";
import { notice } from "../report.ts";
import { isMeantForUs, LISTEN_PID, ROOM_FOR_PID } from "../run/listen.ts";
import { cannotRun, findCommand } from "../run/lookup.ts";
import { listenDescriptors } from "../run/run.ts";
import { readChildren } from "./children.ts";
import type { InitOptions } from "./options.ts";
import { supervise, type Terminal } from "./supervise.ts";

/** Runs the command as a child and stays as its init. */
export function superviseCommand(kernel: Kernel, firstWord: number, options: InitOptions): void {
  const word = kernel.argument(firstWord);
  const file = findCommand(kernel, word);
  if (!kernel.hasOneThread()) closeToUser(kernel);
  const pid = kernel.getpid();
  const first = pid === 1;
  const adopts = first || becomeSubreaper(kernel, options);
  const spared = options.orphans === "reap" || (adopts && !first) ? readChildren(kernel) : [];
  const terminal = controllingTerminal(kernel);
  const isForeground = terminal.fd >= 0 && kernel.tcgetpgrp(terminal.fd) === terminal.group;
  const listens = isMeantForUs(kernel.environment(LISTEN_PID), pid);
  if (listens) kernel.setenv(LISTEN_PID, ROOM_FOR_PID);
  const command = kernel.spawn(file, firstWord, {
    terminal: isForeground ? terminal.fd : -1,
    pidVariable: listens ? LISTEN_PID : "",
    inherited: listenDescriptors(kernel),
  });
  if (command < 0) throw cannotRun(word, -command);
  kernel.releaseResources();
  kernel.chdir("/");
  supervise(kernel, { command, first, adopts, jobControl: terminal.fd >= 0 && !first, options }, terminal, spared);
}

/**
 * Keeps the user out of this process: ptrace(2), /proc/1/mem. What confines the command confines the thread that calls,
 * and the others stay as they were: who reached one of them could have it run a setuid program. Throws a Failure where the
 * kernel refuses.
 */
function closeToUser(kernel: Kernel): void {
  kernel.prctl(PR_SET_DUMPABLE, 0, 0);
  if (kernel.prctl(PR_GET_DUMPABLE, 0, 0) === 0) return;
  throw new Failure(
    "the command could reach tsgosu's other threads: PR_SET_DUMPABLE is refused",
    "a seccomp profile or a sandbox refuses it: tsgosu-static has no other threads, and --exec leaves none",
  );
}

/** Becomes a subreaper (prctl(2)), which stopping orphans needs; false where nobody wants that, with a warning. */
function becomeSubreaper(kernel: Kernel, options: InitOptions): boolean {
  if (options.subreaper || options.orphans !== "leave") {
    const result = kernel.prctl(PR_SET_CHILD_SUBREAPER, 1, 0);
    if (result >= 0) return true;
    notice(kernel, `orphans cannot be reaped: the kernel refuses a subreaper: ${errorText(-result)}`);
    return false;
  }
  notice(kernel, "orphans cannot be reaped: init is neither PID 1 nor a subreaper (--subreaper)");
  return false;
}

/** The standard stream that is tsgosu's controlling terminal, whoever is in its foreground. */
function controllingTerminal(kernel: Kernel): Terminal {
  const group = kernel.getpgrp();
  for (let fd = 0; fd <= 2; fd++) if (kernel.tcgetpgrp(fd) >= 0) return { fd, group };
  return { fd: -1, group };
}

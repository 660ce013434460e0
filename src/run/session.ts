// The command's session: who shares it has the same terminal, and may push input into it (TIOCSTI in ioctl_tty(2)), which the
// shell of root reads when the command has ended (CVE-2016-2779).

import { Failure } from "../failure.ts";
import { EPERM, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";

/** Whether this process leads its session, so that no shell above it shares the terminal. */
export function leadsSession(kernel: Kernel): boolean {
  return kernel.getsid() === kernel.getpid();
}

/**
 * Makes this process, which becomes the command, lead a session of its own. A shell with job control makes each command lead a
 * process group, and the leader of a group may not call setsid(2): it joins the group of the shell before. Throws a Failure where
 * the kernel refuses, as it does where other processes are in the group that tsgosu leads.
 */
export function beginSession(kernel: Kernel): void {
  if (leadsSession(kernel)) return;
  let result = kernel.setsid();
  if (result === -EPERM && kernel.setpgrp(kernel.getsid()) >= 0) result = kernel.setsid();
  if (result >= 0) return;
  throw new Failure(
    `--new-session: setsid: ${errorText(-result)}`,
    "tsgosu leads a process group that others are in, such as a pipeline of a shell; --init starts the command as a child, which can have a session",
  );
}

/** The standard stream that is the controlling terminal of this process; -1: there is none. */
export function terminalStream(kernel: Kernel): number {
  for (let fd = 0; fd <= 2; fd++) if (kernel.tcgetpgrp(fd) >= 0) return fd;
  return -1;
}

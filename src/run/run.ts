// Running the command: in place of tsgosu, or as its child.

import { supervise } from "../init/supervise.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { cannotRun, findCommand } from "./lookup.ts";

/** Replaces tsgosu by the command. Returns only by throwing a Failure. */
export function execCommand(kernel: Kernel, firstWord: number): void {
  const command = kernel.argument(firstWord);
  const file = findCommand(kernel, command);
  throw cannotRun(command, -kernel.execve(file, firstWord));
}

/** Runs the command as a child and stays as its init, with nothing held: no descriptor above 2, no directory. */
export function superviseCommand(kernel: Kernel, firstWord: number): void {
  const command = kernel.argument(firstWord);
  const file = findCommand(kernel, command);
  const pid = kernel.spawn(file, firstWord, foregroundTerminal(kernel));
  if (pid < 0) throw cannotRun(command, -pid);
  kernel.releaseDescriptors();
  kernel.chdir("/");
  supervise(kernel, pid);
}

/** The standard stream that is tsgosu's terminal, if tsgosu is in its foreground; -1: there is no terminal to hand on. */
function foregroundTerminal(kernel: Kernel): number {
  const own = kernel.getpgrp();
  for (let fd = 0; fd <= 2; fd++) if (kernel.tcgetpgrp(fd) === own) return fd;
  return -1;
}

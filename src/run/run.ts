// Running the command in place of tsgosu.

import type { Kernel } from "../kernel/kernel.ts";
import { countListenDescriptors, LISTEN_FDS, LISTEN_PID } from "./listen.ts";
import { cannotRun, findCommand } from "./lookup.ts";

/** Replaces tsgosu with the command. Returns only by throwing a Failure. */
export function execCommand(kernel: Kernel, firstWord: number): void {
  const command = kernel.argument(firstWord);
  const file = findCommand(kernel, command);
  throw cannotRun(command, -kernel.execve(file, firstWord, listenDescriptors(kernel)));
}

/** How many descriptors from 3 on are handed on to the command because the environment says so. */
export function listenDescriptors(kernel: Kernel): number {
  const count = kernel.environment(LISTEN_FDS);
  return count === undefined ? 0 : countListenDescriptors(count, kernel.environment(LISTEN_PID), kernel.getpid());
}

// Which children there are: the kernel tells nobody when it gives a process another one's orphans (prctl(2)).

import type { Kernel } from "../kernel/kernel.ts";

const MOST_BYTES = 67108864;

/**
 * The PIDs of the children, oldest first; none where /proc does not say (proc(5), CONFIG_PROC_CHILDREN). The list
 * is right as long as nobody reaps a child meanwhile, which only the process itself can.
 */
export function readChildren(kernel: Kernel): number[] {
  const bytes = kernel.readFile(`/proc/self/task/${kernel.getpid()}/children`, MOST_BYTES);
  const pids: number[] = [];
  if (typeof bytes === "number") return pids;
  let pid = 0;
  for (let i = 0; i < bytes.length; i++) {
    const digit = (bytes[i] ?? 0) - 48;
    if (digit >= 0) pid = pid * 10 + digit;
    else {
      pids.push(pid);
      pid = 0;
    }
  }
  return pids;
}

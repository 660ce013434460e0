// The children of this process. The kernel does not notify a process that becomes the parent of an orphan
// (PR_SET_CHILD_SUBREAPER in prctl(2)), so init has to read the list.

import type { Kernel } from "../kernel/kernel.ts";

/** 64 MiB: more than the list of four million PIDs, which is as many as a system may have (proc(5), pid_max). */
const MOST_BYTES = 67108864;

/**
 * The PIDs of the children, oldest first; none if /proc does not list them (/proc/PID/task/TID/children in proc(5)). The list
 * may lack children if one is reaped while it is read. Only this process reaps, and it does not meanwhile.
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

// The children of this process. The kernel does not notify a process that becomes the parent of an orphan
// (PR_SET_CHILD_SUBREAPER in prctl(2)), so init has to read the list.

import type { Kernel } from "../kernel/kernel.ts";
import { O_RDONLY } from "../kernel/linux.ts";
import { byteAt } from "../text.ts";

/** 64 MiB: more than the list of four million PIDs, which is as many as a system may have (proc(5), pid_max). */
const MOST_BYTES = 67108864;

/**
 * Opens the list of the children (/proc/PID/task/TID/children in proc(5)), for as long as init runs: the command may leave init
 * no descriptor to open it with (prlimit(2)). −errno where /proc does not have it.
 */
export function openChildren(kernel: Kernel): number {
  return kernel.open(`/proc/self/task/${kernel.getpid()}/children`, O_RDONLY, 0);
}

/**
 * The PIDs of the children, oldest first, in the list that `openChildren` has opened; none where it could not. The list may
 * lack children if one is reaped while it is read. Only this process reaps, and not meanwhile.
 */
export function readChildren(kernel: Kernel, list: number): number[] {
  const bytes = list < 0 || kernel.rewind(list) < 0 ? list : kernel.readToEnd(list, 0, MOST_BYTES);
  const pids: number[] = [];
  if (typeof bytes === "number") return pids;
  let pid = 0;
  for (let i = 0; i < bytes.length; i++) {
    const digit = byteAt(bytes, i) - 48;
    if (digit >= 0) pid = pid * 10 + digit;
    else {
      pids.push(pid);
      pid = 0;
    }
  }
  return pids;
}

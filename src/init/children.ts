// The children of this process. The kernel does not notify a process that becomes the parent of an orphan
// (PR_SET_CHILD_SUBREAPER in prctl(2)), so init has to read the list.

import { errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { O_RDONLY } from "../kernel/linux.ts";
import { notice } from "../report.ts";
import { byteAt } from "../text.ts";

/** 64 MiB: more than the list of four million PIDs, which is as many as a system may have (proc(5), pid_max). */
const MOST_BYTES = 67108864;

/**
 * Opens the list of the children (/proc/PID/task/TID/children in proc(5)) for as long as init runs, since the command can take
 * away init's right to open a file (prlimit(2)). −errno if /proc does not have the list.
 */
export function openChildren(kernel: Kernel): number {
  return kernel.open(`/proc/self/task/${kernel.getpid()}/children`, O_RDONLY, 0);
}

/**
 * The PIDs of the children, oldest first, from the list that `openChildren` opened, or −errno. The list may lack children if
 * one is reaped while it is read. Only this process reaps, and it does not meanwhile.
 */
export function readChildren(kernel: Kernel, list: number): number[] | number {
  if (list < 0) return list;
  const rewound = kernel.rewind(list);
  if (rewound < 0) return rewound;
  const bytes = kernel.readToEnd(list, 0, MOST_BYTES);
  if (typeof bytes === "number") return bytes;
  const pids: number[] = [];
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

/** Says that init cannot find the orphans that it has to stop. */
export function sayOrphansUnknown(kernel: Kernel, errno: number): void {
  notice(kernel, `orphans cannot be found: /proc/self/task/${kernel.getpid()}/children: ${errorText(errno)}`);
}

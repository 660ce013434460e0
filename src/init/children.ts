// Which children there are: the kernel tells nobody when it gives a process another one's orphans (prctl(2)).

import { type Kernel, O_RDONLY } from "../kernel/kernel.ts";

const CHUNK = 4096;

/**
 * The PIDs of the children, oldest first; none where /proc does not say (proc(5), CONFIG_PROC_CHILDREN). The list
 * is right as long as nobody reaps a child meanwhile, which only the process itself can.
 */
export function readChildren(kernel: Kernel): number[] {
  const fd = kernel.open(`/proc/self/task/${kernel.getpid()}/children`, O_RDONLY);
  const pids: number[] = [];
  if (fd < 0) return pids;
  const bytes = new Uint8Array(CHUNK);
  let pid = 0;
  for (;;) {
    const count = kernel.read(fd, bytes);
    if (count <= 0) break;
    for (let i = 0; i < count; i++) {
      const digit = (bytes[i] ?? 0) - 48;
      if (digit >= 0) pid = pid * 10 + digit;
      else {
        pids.push(pid);
        pid = 0;
      }
    }
  }
  kernel.close(fd);
  return pids;
}

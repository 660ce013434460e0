// --parent-death: a signal when tsgosu's own parent dies.

import { Failure } from "../failure.ts";
import { errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PR_SET_PDEATHSIG } from "../kernel/linux.ts";

/**
 * Asks the kernel to send this process `signal` when its parent dies (PR_SET_PDEATHSIG in prctl(2)). The kernel clears
 * this setting when the process changes its user, so this is called after the switch. The kernel sends nothing for a
 * parent that died before this call: if the parent is no longer the process `parent`, this function sends the signal. Throws
 * a Failure if the kernel refuses.
 */
export function watchParent(kernel: Kernel, signal: number, parent: number): void {
  const result = kernel.prctl(PR_SET_PDEATHSIG, signal, 0);
  if (result < 0) throw new Failure(`--parent-death: ${errorText(-result)}`, "does a seccomp profile forbid prctl?");
  if (kernel.getppid() !== parent) kernel.kill(kernel.getpid(), signal);
}

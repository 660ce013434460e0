// The death of tsgosu's own parent.

import { Failure } from "../failure.ts";
import { errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PR_SET_PDEATHSIG } from "../kernel/linux.ts";

/**
 * Asks for `signal` when the parent dies (prctl(2)). A change of user takes the wish back, so this comes after it; a
 * parent that has died since it was `parent` sends nothing any more, so the signal is sent here.
 * Throws a Failure where the kernel refuses.
 */
export function watchParent(kernel: Kernel, signal: number, parent: number): void {
  const result = kernel.prctl(PR_SET_PDEATHSIG, signal, 0);
  if (result < 0) throw new Failure(`--parent-death: ${errorText(-result)}`, "does a seccomp profile forbid prctl?");
  if (kernel.getppid() !== parent) kernel.kill(kernel.getpid(), signal);
}

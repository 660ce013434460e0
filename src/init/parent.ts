// The death of tsgosu's own parent.

import type { Kernel } from "../kernel/kernel.ts";

const PR_SET_PDEATHSIG = 1;

/**
 * Asks for `signal` when the parent dies (prctl(2)). A change of user takes the wish back, so this comes after it; a
 * parent that has died since it was `parent` sends nothing any more, so the signal is sent here.
 */
export function watchParent(kernel: Kernel, signal: number, parent: number): void {
  kernel.prctl(PR_SET_PDEATHSIG, signal, 0);
  if (kernel.getppid() !== parent) kernel.kill(kernel.getpid(), signal);
}

// Becoming the user with no more privilege than was asked for. The order of the steps matters.

import type { Identity } from "../accounts/identity.ts";
import type { Kernel, Threads } from "../kernel/kernel.ts";
import { type Confinement, confineAfterSwitch, confineBeforeSwitch } from "./confine.ts";
import { type Credentials, isAlready } from "./credentials.ts";
import { handOverStreams } from "./streams.ts";
import { dropOtherGroups, switchTo } from "./switch.ts";

/** How a switch is made. */
export interface SwitchOptions {
  /** Whether the user gets the standard streams. */
  readonly handsOverStreams: boolean;
  readonly threads: Threads;
}

/**
 * Makes the process `identity`, confined as `plan` says (undefined: not at all). Returns "already" if it was that identity,
 * so that no switching call was made. Throws a Failure if the kernel refuses a step, or reports a success that did not happen.
 */
export function becomeUser(
  kernel: Kernel,
  identity: Identity,
  current: Credentials,
  plan: Confinement | undefined,
  options: SwitchOptions,
): "already" | "switched" {
  // What only root may do comes before root is given up.
  if (plan !== undefined) confineBeforeSwitch(kernel, plan);
  const already = isAlready(current, identity);
  if (already) dropOtherGroups(kernel, identity, current, options.threads);
  else {
    if (options.handsOverStreams) handOverStreams(kernel, identity.uid);
    switchTo(kernel, identity, current, options.threads);
  }
  if (plan !== undefined) confineAfterSwitch(kernel, plan);
  return already ? "already" : "switched";
}

/** Confines the process as `plan` says, without changing its IDs. Throws a Failure as `becomeUser` does. */
export function confineInPlace(kernel: Kernel, plan: Confinement): void {
  confineBeforeSwitch(kernel, plan);
  confineAfterSwitch(kernel, plan);
}

// The kernel for the static executable.

import { Kernel } from "../kernel.ts";
import { StaticCalls } from "./calls.ts";
import { StaticEngine } from "./engine.ts";

/** The kernel, as the static executable reaches it. */
export function staticKernel(): Kernel {
  const calls = new StaticCalls();
  return new Kernel(calls, new StaticEngine(calls));
}

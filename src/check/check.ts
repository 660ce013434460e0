// --check and --explain: what tsgosu says instead of running a command.

import type { Kernel } from "../kernel/kernel.ts";

export function checkPosture(kernel: Kernel, json: boolean): void {
  kernel.exit(json ? 1 : 0);
}

export function explainMessage(kernel: Kernel, message: string, json: boolean): void {
  kernel.exit(json && message !== "" ? 1 : 0);
}

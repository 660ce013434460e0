// What tsgosu says to people on standard error while it goes on, a line each.

import { printable } from "./failure.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { bytesOf } from "./text.ts";

/** Says something that the user has to know. Names that come from files or words are made printable. */
export function notice(kernel: Kernel, text: string): void {
  kernel.write(2, bytesOf(`tsgosu: ${printable(text)}\n`));
}

/** Says what is done, where --verbose asks for that. */
export function say(kernel: Kernel, verbose: boolean, text: string): void {
  if (verbose) notice(kernel, text);
}

/** Shows on a terminal how far some work is, in place of what was shown before. */
export function showProgress(kernel: Kernel, text: string): void {
  kernel.write(2, bytesOf(`\rtsgosu: ${printable(text)}\x1b[K`));
}

/** Ends the line that `showProgress` has written. */
export function endProgress(kernel: Kernel): void {
  kernel.write(2, bytesOf("\n"));
}

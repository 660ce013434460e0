// What tsgosu says to people on standard error: while it goes on, a line each; and when it cannot go on.

import { Failure, failureLines, printable } from "./failure.ts";
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

/** Does `story`. Where it throws, says why, and ends tsgosu with the exit code of that failure. */
export function guarded(kernel: Kernel, story: (kernel: Kernel) => void): void {
  try {
    story(kernel);
  } catch (error) {
    if (error instanceof Failure) endWith(kernel, error);
    else endWith(kernel, new Failure(`internal error: ${error instanceof Error ? error.message : "unknown"}`));
  }
}

/** Says why tsgosu cannot go on, and ends it with the exit code of that failure. */
export function endWith(kernel: Kernel, failure: Failure): void {
  kernel.write(2, bytesOf(failureLines(failure.message, failure.hint, failure.start)));
  kernel.exit(failure.code);
}

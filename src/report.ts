// What tsgosu tells people on standard error: one line at a time while it works, and why if it cannot go on.

import { Failure, failureLines, printable } from "./failure.ts";
import { errorText } from "./kernel/errno.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { bytesOf } from "./text.ts";

/** Says something that the user has to know, and what to do about it. Names that come from files or the command line are made printable. */
export function notice(kernel: Kernel, text: string, hint: string = ""): void {
  kernel.write(2, bytesOf(failureLines(text, hint)));
}

/** Prints an answer on standard output. Throws a Failure if it cannot be written. */
export function print(kernel: Kernel, text: string): void {
  const result = kernel.write(1, bytesOf(text));
  if (result < 0) throw new Failure(`standard output: cannot be written: ${errorText(-result)}`);
}

/** Says what is done, if --verbose is given. */
export function say(kernel: Kernel, verbose: boolean, text: string): void {
  if (verbose) notice(kernel, text);
}

/** Shows progress on a terminal, in place of what was shown before. */
export function showProgress(kernel: Kernel, text: string): void {
  kernel.write(2, bytesOf(`\rtsgosu: ${printable(text)}\x1b[K`));
}

/** Ends the line that `showProgress` wrote. */
export function endProgress(kernel: Kernel): void {
  kernel.write(2, bytesOf("\n"));
}

/** Runs `story`. If it throws, says why and ends tsgosu with the exit code of that failure. */
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

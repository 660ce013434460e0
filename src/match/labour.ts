// Work that may take long: it ends when tsgosu is told to stop, and shows on a terminal how far it is.

import { printable } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { bytesOf } from "../text.ts";

/** How many files are done between two looks at the clock and at the signals. */
const STRIDE = 128;
const FIRST_SHOWN_MS = 1000;
const SHOWN_EVERY_MS = 200;

/** Ends tsgosu with 128 + N if one of the signals that end a container is held back. */
export function stopIfTold(kernel: Kernel, milliseconds: number): void {
  const signal = kernel.takeStop(milliseconds);
  if (signal > 0) kernel.exit(128 + signal);
}

/** One piece of work on many files; calls `step` for each. */
export class Labour {
  private readonly kernel: Kernel;
  private readonly what: string;
  private readonly started: number;
  private done = 0;
  private nextShown = FIRST_SHOWN_MS;
  private shown = false;

  constructor(kernel: Kernel, what: string) {
    this.kernel = kernel;
    this.what = what;
    this.started = kernel.monotonic();
  }

  step(): void {
    this.done++;
    if (this.done % STRIDE === 0) this.look();
  }

  private look(): void {
    stopIfTold(this.kernel, 0);
    const elapsed = this.kernel.monotonic() - this.started;
    if (elapsed < this.nextShown) return;
    this.nextShown = elapsed + SHOWN_EVERY_MS;
    if (this.shown || this.kernel.isatty(2)) {
      this.shown = true;
      this.show(elapsed);
    } else this.nextShown = Number.POSITIVE_INFINITY;
  }

  private show(elapsed: number): void {
    const rate = Math.floor((this.done * 1000) / elapsed);
    this.kernel.write(2, bytesOf(`\rtsgosu: ${printable(this.what)}: ${this.done} files, ${rate} a second\x1b[K`));
  }

  /** Leaves the last line complete, where one was shown. */
  finish(): void {
    if (!this.shown) return;
    this.show(this.kernel.monotonic() - this.started);
    this.kernel.write(2, bytesOf("\n"));
  }
}

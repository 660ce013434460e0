// Work that may take long: it ends when tsgosu is told to stop, and shows its progress on a terminal.

import { Failure } from "../failure.ts";
import { asksToEnd, heldSignals } from "../init/signals.ts";
import { errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { endProgress, showProgress } from "../report.ts";
import { counted } from "../text.ts";

/** The most files that are done between two looks at the clock and the signals. */
export const STRIDE = 128;
const FIRST_SHOWN_MS = 1000;
const SHOWN_EVERY_MS = 200;

/**
 * Holds signals during work that may take long, so that one that asks to end does end tsgosu: PID 1 is not ended by a signal
 * that it neither holds nor handles. Does nothing if tsgosu already holds them as init (`areHeld`).
 */
export function holdSignalsForWork(kernel: Kernel, areHeld: boolean): void {
  if (!areHeld && kernel.getpid() === 1) check(kernel.holdSignals(heldSignals()), "hold");
}

/** Undoes `holdSignalsForWork`, so that the command finds the signals as tsgosu did. */
export function releaseSignalsAfterWork(kernel: Kernel, areHeld: boolean): void {
  if (!areHeld && kernel.getpid() === 1) check(kernel.restoreSignals(), "restore");
}

function check(result: number, what: string): void {
  if (result < 0) throw new Failure(`cannot ${what} signals: ${errorText(-result)}`);
}

/** Waits for so many milliseconds, and ends tsgosu with 128 + N if signal N asks it to end. */
export function endIfTold(kernel: Kernel, milliseconds: number): void {
  endOn(kernel, signalsThatEnd(), milliseconds);
}

function endOn(kernel: Kernel, signals: readonly number[], milliseconds: number): void {
  const signal = kernel.takeSignal(signals, milliseconds);
  if (signal > 0) kernel.exit(128 + signal);
}

function signalsThatEnd(): number[] {
  const signals: number[] = [];
  for (const signal of heldSignals()) if (asksToEnd(signal)) signals.push(signal);
  return signals;
}

/** The progress of work on many files. */
export class Progress {
  private readonly kernel: Kernel;
  private readonly what: string;
  private readonly signals: readonly number[];
  private readonly started: number;
  private done = 0;
  private nextLook = STRIDE;
  private nextShown = FIRST_SHOWN_MS;
  private isShown = false;

  constructor(kernel: Kernel, what: string) {
    this.kernel = kernel;
    this.what = what;
    this.signals = signalsThatEnd();
    this.started = kernel.monotonic();
  }

  /** Reports that so many more files are done; at most STRIDE. */
  add(count: number): void {
    this.done += count;
    if (this.done < this.nextLook) return;
    this.nextLook = this.done + STRIDE;
    this.look();
  }

  private look(): void {
    endOn(this.kernel, this.signals, 0);
    const elapsed = this.kernel.monotonic() - this.started;
    if (elapsed < this.nextShown) return;
    this.nextShown = elapsed + SHOWN_EVERY_MS;
    if (this.isShown || this.kernel.isatty(2)) {
      this.isShown = true;
      this.show(elapsed);
    } else this.nextShown = Number.POSITIVE_INFINITY;
  }

  private show(elapsed: number): void {
    const rate = Math.floor((this.done * 1000) / elapsed);
    showProgress(this.kernel, `${this.what}: ${counted(this.done, "file")}, ${rate} a second`);
  }

  /** Completes the line, if one was shown. */
  finish(): void {
    if (!this.isShown) return;
    this.show(this.kernel.monotonic() - this.started);
    endProgress(this.kernel);
  }
}

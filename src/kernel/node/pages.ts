// Giving memory back. By the time the command runs, Node has read most of its own file, and needs little of that as an init.
// Pages that it needs again are read from the file again.

import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Calls } from "../calls.ts";

const MADV_DONTNEED = 4;
/** How long nothing must happen before memory is given back, so that starting or ending a command is not slowed down. */
const QUIET_MS = 500;
/** How long V8 takes to finish what a garbage collection leaves to its threads. */
const SETTLED_MS = 50;

/** A range of the process's memory, in bytes. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/**
 * The ranges of memory in /proc/PID/smaps (proc(5)) that hold nothing but the contents of a file: they are mapped from a file,
 * are not writable, and have no page that was written earlier, as the dynamic loader does before RELRO, whether it is in memory
 * or in swap now. Lines that do not look like smaps yield no range.
 */
export function cleanRanges(smaps: string): Range[] {
  const ranges: Range[] = [];
  for (const mapping of smaps.split(START)) {
    const [, start = "", end = ""] = OF_FILE.exec(mapping) ?? [];
    if (start === "" || !UNWRITTEN.test(mapping)) continue;
    ranges.push({ start: Number.parseInt(start, 16), length: Number.parseInt(end, 16) - Number.parseInt(start, 16) });
  }
  return ranges;
}

/** Each mapping begins with a line such as `7f1200000000-7f1200021000 r-xp 00001000 08:01 123  /usr/bin/node`. */
const START = /^(?=[0-9a-f]+-[0-9a-f]+ )/m;
const OF_FILE = /^([0-9a-f]+)-([0-9a-f]+) [r-]-[x-]p [0-9a-f]+ \S+ \d+ +\//;
const UNWRITTEN = /^Private_Dirty: +0 kB\n[\s\S]*^Anonymous: +0 kB\n[\s\S]*^Swap: +0 kB$/m;

/** Gives memory back whenever the event loop has been quiet for a while. */
export class SparePages {
  private readonly calls: Calls;
  private timer: NodeJS.Timeout | undefined;
  private collectGarbage: (() => void) | undefined;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  /** Notes that something has been done; once nothing more comes, the memory it needed is given back. */
  releaseSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.prepare(), QUIET_MS);
  }

  /**
   * Collects garbage first: otherwise V8 would do so soon afterwards, and bring much of its code back into memory. For the same
   * reason the pages are given back in a separate turn of the event loop.
   */
  private prepare(): void {
    const ranges = cleanRanges(readSmaps());
    // The largest goes last: it holds Node's own code, which this loop brings back into memory.
    ranges.sort((a, b) => a.length - b.length);
    this.collectGarbage ??= garbageCollector();
    this.collectGarbage();
    this.timer = setTimeout(() => {
      for (const { start, length } of ranges) this.calls.madvise(start, length, MADV_DONTNEED);
    }, SETTLED_MS);
  }
}

/** V8's own function, which exists only in a context that is created while the option is set. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function" ? () => collect() : () => {};
}

/** The text of /proc/self/smaps; empty if it cannot be read. */
function readSmaps(): string {
  try {
    return readFileSync("/proc/self/smaps", "latin1");
  } catch {
    return "";
  }
}

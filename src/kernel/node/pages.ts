// Giving memory back. Node has read most of its file by the time the command runs, and needs little of it to be an init. What
// it needs again comes back from the file.

import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Calls } from "../calls.ts";

const MADV_DONTNEED = 4;
/** How long nothing has to happen before memory is given back: a command that is being started or ended needs Node awake. */
const QUIET_MS = 500;
/** How long V8 takes to finish what a garbage collection leaves to its threads. */
const SETTLED_MS = 50;

/** A range of the process's memory, in bytes. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/**
 * The ranges of memory that hold nothing but what stands in a file, of those that /proc/PID/smaps (proc(5)) lists: they belong
 * to a file, nobody can write to them, and none of their pages was written before that, as the dynamic loader does (RELRO), and
 * is in memory or in the swap area since. Lines that do not read as smaps does make no range.
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

  /** Something has been done: when nothing more comes, what it needed is given back. */
  releaseSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.prepare(), QUIET_MS);
  }

  /**
   * Collects garbage first. Else V8 would do so soon after the pages are gone, and call much of its code back into memory.
   * The pages go in a turn of the event loop of their own, for the same reason.
   */
  private prepare(): void {
    const ranges = cleanRanges(readSmaps());
    // The largest last: it holds Node's own code, which the loop calls back into memory.
    ranges.sort((a, b) => a.length - b.length);
    this.collectGarbage ??= garbageCollector();
    this.collectGarbage();
    this.timer = setTimeout(() => {
      for (const { start, length } of ranges) this.calls.madvise(start, length, MADV_DONTNEED);
    }, SETTLED_MS);
  }
}

/** V8's own function, which is there in a context that is made while the option is set. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function" ? () => collect() : () => {};
}

/** What /proc/self/smaps says; nothing where it cannot be read. */
function readSmaps(): string {
  try {
    return readFileSync("/proc/self/smaps", "latin1");
  } catch {
    return "";
  }
}

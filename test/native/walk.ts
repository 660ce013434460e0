// The walk over a tree, through a kernel that answers as a tape decides.

import { Failure } from "../../src/failure.ts";
import { Kernel } from "../../src/kernel/kernel.ts";
import { reown } from "../../src/match/reown.ts";
import { Ended, TapeCalls } from "./calls.ts";
import { TapeEngine } from "./engine.ts";
import { holds } from "./invariant.ts";
import type { Tape } from "./random.ts";

/** Hands over a tree that the tape describes; what came of it, and every call. */
export function walkBy(tape: Tape): string {
  const calls = new TapeCalls(tape);
  const kernel = new Kernel(calls, new TapeEngine(["tsgosu"], [], tape));
  const fd = kernel.openPath("/data");
  if (fd < 0) return "";
  const stat = kernel.fstat(fd);
  if (typeof stat === "number") return "";
  const from = tape.below(2) === 0 ? undefined : { uid: 8, gid: 8 };
  try {
    const way: string[] = [];
    const top = { fd, stat, mount: stat.mount, way, chooser: "" };
    reown(kernel, top, {
      option: "--chown",
      path: "/data",
      from,
      to: { uid: 7, gid: 7 },
      isAlone: true,
      verbose: true,
    });
    holds(calls.openCount() === 1, "a walk closes what it has opened");
    calls.notes.push("done");
  } catch (error) {
    if (error instanceof Failure) calls.notes.push(`${error.message} ${error.hint}`);
    else if (!(error instanceof Ended)) throw error;
  }
  return calls.notes.join("\n");
}

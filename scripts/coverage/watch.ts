// Appends the places of the functions that have run, in the script of the executable, to a file that is there before the
// container is.

import { appendFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector";
import { LibcCalls } from "../../src/kernel/node/libc.ts";

const FILE = "/reached/sea";
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: false });

/** Writes what has run so far, and the name of the call that comes next. */
function write(next: string): void {
  let scripts: readonly Profiler.ScriptCoverage[] = [];
  session.post("Profiler.takePreciseCoverage", (_error, coverage) => {
    scripts = coverage.result;
  });
  // Its own script is the one that has this function.
  const own = scripts.find(({ functions }) => functions.some(({ functionName }) => functionName === "nodeKernel"));
  const places = (own?.functions ?? []).flatMap(({ ranges }) =>
    ranges.flatMap(({ startOffset, count }) => (count > 0 ? [startOffset] : [])),
  );
  try {
    appendFileSync(FILE, [...places, next, ""].join("\n"));
  } catch {
    // What is not written is not counted, which the report shows.
  }
}

const { execve, exit_group } = LibcCalls.prototype;
LibcCalls.prototype.execve = function (this: LibcCalls, ...words) {
  write("execve");
  return execve.apply(this, words);
};
LibcCalls.prototype.exit_group = function (this: LibcCalls, ...words) {
  write("exit_group");
  return exit_group.apply(this, words);
};

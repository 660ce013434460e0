// docs/coverage.md: what the tests run of src/, and why they do not run the rest.

import type { EngineFunction } from "./functions.ts";
import type { FileLines } from "./lines.ts";

/** Why lines or functions are not run; each is `FILE: TEXT` or `FILE: NAME`. */
export interface Reason {
  readonly reason: string;
  readonly what: readonly string[];
}

/** The document. */
export function coverageText(
  lines: readonly FileLines[],
  functions: readonly EngineFunction[],
  reasons: readonly Reason[],
): string {
  const text = [
    "# Coverage",
    "",
    "Written by `npm run coverage`. How good the tests are at noticing mistakes in what they run is in [mutation.md](mutation.md).",
    "",
    "## Lines, in unit tests",
    "",
    "The unit tests of `test/unit` have no privilege and meet a kernel that is made up. V8 counts what they run of `src/`, without",
    "the engines. A line counts if code is left on it without types, comments, imports and brackets. The tests of whole executables",
    "and of native code (`executable`, `fuzz`) have no part in this.",
    "",
    "| room | lines | run | left out |",
    "|---|---:|---:|---:|",
    ...rows(
      lines,
      ({ file }) => roomOf(file),
      ({ count }) => count,
      ({ missed }) => missed.length,
    ),
    "",
    "## Functions of the engines, in container tests",
    "",
    "The tests of `test/container` run once per executable, on builds that write down each function that runs: the compiler puts a",
    "call in front of every function of the static executable (`-finstrument-functions`), and V8 counts in the Node executable.",
    "An arrow function belongs to the function that it stands in. Counting takes memory and writes to a file, so on these builds the",
    "tests of memory as PID 1 and of limits on the size of files fail (`init`, `inits`, `match`, `writing`).",
    "",
    "| file | functions | run | left out |",
    "|---|---:|---:|---:|",
    ...rows(
      functions,
      ({ file }) => file,
      () => 1,
      ({ isReached }) => (isReached ? 0 : 1),
    ),
    "",
    "## What is left out, and why",
    "",
    ...reasons.flatMap(({ reason, what }) => [`### ${reason}`, "", ...what.map((one) => `- \`${one}\``), ""]),
  ];
  return `${text.join("\n").trimEnd()}\n`;
}

/** `src/match` of `src/match/plan.ts`; a file right in src/ is its own room. */
function roomOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}

/** A row of a table for each group, and one for all. */
function rows<T>(
  all: readonly T[],
  groupOf: (one: T) => string,
  countOf: (one: T) => number,
  missedOf: (one: T) => number,
): string[] {
  const groups: (readonly [string, readonly T[]])[] = [...Map.groupBy(all, groupOf), ["**all**", all]];
  return groups.map(([name, those]) => {
    const count = those.reduce((sum, one) => sum + countOf(one), 0);
    const missed = those.reduce((sum, one) => sum + missedOf(one), 0);
    return `| ${name} | ${count} | ${count - missed} | ${missed} |`;
  });
}

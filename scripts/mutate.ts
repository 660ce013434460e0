// npm run mutate: changes decisions one at a time, and counts how many such changes the unit tests notice. Fails where that are too
// few, and where a change that they do not notice has no reason in scripts/mutation/survivors.json.
// Without results of an earlier run it took 25 minutes on two processors that had much else to do.
// usage: node scripts/mutate.ts [pattern of files ...]; docs/mutation.md is written where none is named.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join, relative } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { BUILD, PROJECT, tell } from "./host.ts";
import { mutationText, percentage, scoreOf } from "./mutation/report.ts";
import { nameOf, REASONS_FILE, readReasons } from "./mutation/survivors.ts";

const ROOMS = ["src/{accounts,init,match,privilege}/*.ts"];
const LEAST_PERCENT = 85;

/** The unit tests of these rooms that take no long and start no other program. */
const UNIT_TESTS = [
  ..."accounts capabilities check command-line decisions init init-options init-start inits lookup main".split(" "),
  ..."match match-files match-runs match-walk privilege refusals supervisor supervisor-steps user-spec".split(" "),
].map((name) => `test/unit/${name}.test.ts`);

const REPORTS = join("build", "mutation");

const patterns = process.argv.slice(2);
const started = Date.now();
process.chdir(PROJECT);
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
mkdirSync(BUILD, { recursive: true });
const mutants = await new Stryker({
  mutate: patterns.length === 0 ? ROOMS : patterns,
  checkers: ["types"],
  testRunner: "staying",
  unitTests: UNIT_TESTS,
  plugins: ["./scripts/mutation/runner.ts", "./scripts/mutation/types.ts"],
  coverageAnalysis: "perTest",
  concurrency: 2,
  // A test takes some milliseconds. This is for those that never end.
  timeoutMS: 5000,
  timeoutFactor: 0.2,
  // What neither the source nor the tests have changed since is not tried again; npm run clean forgets it.
  incremental: true,
  incrementalFile: join(REPORTS, "incremental.json"),
  tempDirName: "build/stryker",
  ignorePatterns: ["build", "dist", "docker", "docs"],
  reporters: ["html", "progress-append-only"],
  htmlReporter: { fileName: join(REPORTS, "mutation.html") },
  // Stryker would read it with what TypeScript 7 no longer has.
  tsconfigFile: "none.json",
  // Of unitTests, which Stryker does not know.
  warnings: false,
  disableTypeChecks: false,
}).runMutationTest();

const texts = new Map<string, string>();
const textOf = (file: string): string => {
  const text = texts.get(file) ?? readFileSync(file, "utf8");
  texts.set(file, text);
  return text;
};
const byFile = Map.groupBy(mutants, ({ fileName }) => relative(PROJECT, fileName));
const scores = new Map([...byFile].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, those]) => [file, scoreOf(those)]));
const reasons = new Map(readReasons().flatMap(({ reason, mutants: names }) => names.map((name) => [name, reason])));
const names = mutants
  .filter(({ status }) => status === "Survived" || status === "NoCoverage")
  .map((mutant) => nameOf(mutant, textOf(mutant.fileName)));
const unexplained = names.filter((name) => !reasons.has(name));
const survivors = names.map((name) => ({ name, reason: reasons.get(name) ?? "" }));
const minutes = (Date.now() - started) / 60_000;

for (const [file, score] of scores)
  console.log(`${file}: ${score.survived} survive, ${percentage(score).toFixed(1)} % killed`);
const total = scoreOf(mutants);
console.log(`${mutants.length} mutants, ${percentage(total).toFixed(1)} % killed, ${minutes.toFixed(1)} minutes`);
for (const name of unexplained) console.log(`survives without a reason: ${name}`);
writeFileSync(join(REPORTS, "unexplained.json"), `${JSON.stringify(unexplained, undefined, 2)}\n`);
if (unexplained.length > 0)
  tell(`${unexplained.length} survivors need a test, or a reason in ${REASONS_FILE}`, "build");
if (percentage(total) < LEAST_PERCENT) tell(`fewer than ${LEAST_PERCENT} % are killed`, "build");
const isWell = unexplained.length === 0 && percentage(total) >= LEAST_PERCENT;
if (patterns.length === 0) {
  const gone = [...reasons.keys()].filter((name) => !names.includes(name));
  for (const name of gone) console.log(`does not survive any more: ${name}`);
  if (isWell) writeFileSync(join("docs", "mutation.md"), mutationText(scores, survivors));
}
process.exitCode = isWell ? 0 : 1;

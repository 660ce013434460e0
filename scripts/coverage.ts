// npm run coverage: which lines of src/ the unit tests run, outside the engines, and which functions of the engines the container
// tests run. Writes docs/coverage.md. Fails where a line or a function is left out that has no reason in scripts/coverage/left-out.json.
// usage: node scripts/coverage.ts [lines | functions]; the document is written where neither is named.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINES, type EngineFunction, reachedFunctions, runWatched } from "./coverage/functions.ts";
import { type FileLines, linesOfUnitTests } from "./coverage/lines.ts";
import { coverageText, type Reason } from "./coverage/report.ts";
import { PROJECT, tell } from "./host.ts";

const REASONS_FILE = "scripts/coverage/left-out.json";

const [only] = process.argv.slice(2);
const reasons = JSON.parse(readFileSync(join(PROJECT, REASONS_FILE), "utf8")) as Reason[];
process.chdir(PROJECT);
const lines: FileLines[] = only === "functions" ? [] : linesOfUnitTests();
let functions: EngineFunction[] = [];
if (only !== "lines") {
  await runWatched();
  functions = ENGINES.flatMap(reachedFunctions);
}

const missed = [
  ...lines.flatMap(({ file, missed }) => missed.map(({ text }) => `${file}: ${text}`)),
  ...functions.filter(({ isReached }) => !isReached).map(({ file, name }) => `${file}: ${name}`),
];
const explained = new Set(reasons.flatMap(({ what }) => what));
const unexplained = missed.filter((what) => !explained.has(what));
for (const { file, missed } of lines)
  for (const { number, text } of missed)
    if (!explained.has(`${file}: ${text}`)) console.log(`not run: ${file}:${number}: ${text}`);
for (const { file, name, isReached } of functions)
  if (!isReached && !explained.has(`${file}: ${name}`)) console.log(`not run: ${file}: ${name}`);
if (only === undefined) {
  for (const what of explained) if (!missed.includes(what)) console.log(`is run now: ${what}`);
  if (unexplained.length === 0) writeFileSync(join("docs", "coverage.md"), coverageText(lines, functions, reasons));
}
const count = lines.reduce((sum, file) => sum + file.count, 0);
const missedLines = lines.reduce((sum, file) => sum + file.missed.length, 0);
if (only !== "functions") console.log(`${count - missedLines} of ${count} lines run in unit tests`);
for (const engine of ENGINES) {
  const those = functions.filter((one) => one.engine === engine);
  if (those.length > 0)
    console.log(
      `${engine}: ${those.filter((one) => one.isReached).length} of ${those.length} functions run in containers`,
    );
}
if (unexplained.length > 0) tell(`what is not run needs a test, or a reason in ${REASONS_FILE}`, "build");
process.exitCode = unexplained.length === 0 ? 0 : 1;

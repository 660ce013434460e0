// npm run faults: every system call of tsgosu is failed in turn, and nothing may happen that was not asked for.
// usage: node scripts/faults.ts [--short] [static|sea]

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, RESULTS, type Run, tryFaults } from "../test/faults/faults.ts";
import { hasHeld } from "../test/faults/judge.ts";
import { summary, table } from "../test/faults/table.ts";

const words = process.argv.slice(2);
const isShort = words.includes("--short");
const started = Date.now();
let count = 0;
const report = await tryFaults(
  isShort ? "short" : "full",
  words.filter((word) => word !== "--short"),
  (run) => {
    count++;
    if (!hasHeld(run.verdict)) console.log(line(run));
    else if (count % 1000 === 0) console.log(`${count} starts, ${Math.round((Date.now() - started) / 1000)} s`);
  },
);

function line(run: Run): string {
  const { outcome, detail } = run.verdict;
  return `violated: ${describe(run)}: ${outcome}: ${JSON.stringify(detail.slice(0, 500))}`;
}

mkdirSync(RESULTS, { recursive: true });
const violations = report.runs.filter(({ verdict }) => !hasHeld(verdict));
writeFileSync(join(RESULTS, "violations.txt"), violations.map((run) => `${line(run)}\n`).join(""));
writeFileSync(join(RESULTS, "table.md"), table(report.runs));
writeFileSync(join(RESULTS, "summary.md"), summary(report.runs));
// Only a run over everything is worth keeping.
if (words.length === 0) {
  mkdirSync("docs", { recursive: true });
  writeFileSync("docs/faults.md", summary(report.runs));
}
for (const executable of new Set(report.runs.map((run) => run.executable))) {
  const runs = report.runs.filter((run) => run.executable === executable);
  const violated = runs.filter(({ verdict }) => !hasHeld(verdict)).length;
  console.log(`${executable}: ${runs.length - violated} held, ${violated} violated`);
}
for (const run of report.missed) console.log(`met nothing: ${describe(run)}`);
console.log(`${report.missed.length} faults met nothing; ${Math.round((Date.now() - started) / 1000)} s; ${RESULTS}`);
console.log(`${report.runs.length - violations.length} held, ${violations.length} violated`);
process.exitCode = violations.length === 0 ? 0 : 1;

// What came of all faults, for people.

import type { Run } from "./faults.ts";
import { hasHeld } from "./judge.ts";

/** A table in Markdown: call, error, and how often each outcome came of it, for each executable. */
export function table(runs: readonly Run[]): string {
  const rows = new Map<string, Map<string, number>>();
  for (const { executable, fault, verdict } of runs) {
    if (fault === undefined) continue;
    const key = `| ${executable} | ${fault.site.call} | ${fault.answer.replace("error=", "").replace("retval=0", "says 0, does nothing")} |`;
    const counts = rows.get(key) ?? new Map<string, number>();
    counts.set(verdict.outcome, (counts.get(verdict.outcome) ?? 0) + 1);
    rows.set(key, counts);
  }
  const lines = [...rows].sort().map(([key, counts]) => {
    const outcomes = [...counts].sort().map(([outcome, count]) => `${outcome} ${count}`);
    return `${key} ${outcomes.join(", ")} |\n`;
  });
  return `| executable | call | answer | outcomes |\n|---|---|---|---|\n${lines.join("")}`;
}

/** docs/faults.md: for each executable and call, how many starts ended in which of the ways that are right, and how many did not. */
export function summary(runs: readonly Run[]): string {
  const executables = [...new Set(runs.map(({ executable }) => executable))].sort();
  return `${ABOUT}${executables
    .map((name) =>
      section(
        name,
        runs.filter(({ executable }) => executable === name),
      ),
    )
    .join("")}`;
}

const ABOUT = `# What comes of a system call that fails

Written by \`npm run faults\`, which starts tsgosu again and again, and fails one system call of each start: every occurrence of
every call, with the errors that its manual lists, and with some lies (\`setresuid\` answers 0 and does nothing). A start
**went on** where nothing was lost by the fault, **said** so in one line and went on, or **refused**: exit code 125 to 127, and
one message. All else is a violation: another identity than was asked for, a crash, a hang, silence, two messages, files
that a second start does not put right.
`;

function section(executable: string, runs: readonly Run[]): string {
  const calls = [...new Set(runs.map(callOf))].sort();
  const rows = calls.map((call) =>
    row(
      call,
      runs.filter((run) => callOf(run) === call),
    ),
  );
  return `
## ${executable === "static" ? "dist/tsgosu-static" : "dist/tsgosu"}

| call | starts | went on | said | refused | violated |
|---|---|---|---|---|---|
${rows.join("")}${row("**all**", runs)}`;
}

function callOf({ fault }: Run): string {
  return fault === undefined ? "(no fault)" : fault.site.call;
}

function row(name: string, runs: readonly Run[]): string {
  const count = (outcome: string): number => runs.filter(({ verdict }) => verdict.outcome === outcome).length;
  const violated = runs.filter(({ verdict }) => !hasHeld(verdict)).length;
  const cells = [runs.length, count("went on"), count("said"), count("refused"), violated];
  return `| ${name} | ${cells.join(" | ")} |\n`;
}

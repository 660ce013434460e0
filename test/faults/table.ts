// What came of all faults, for people: a row for each call and error.

import type { Run } from "./faults.ts";

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

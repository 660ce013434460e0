// npm run bench: how fast, how small, how quiet, against the others, on the machine it stands on.
// `npm run bench -- 100` for fewer rounds. Writes scripts/bench/results.json and start.svg.

import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { chart, table } from "./bench/report.ts";
import { ensurePeers, measureStart, type Row } from "./bench/start.ts";

const rounds = Number(process.argv[2] ?? "400");
ensurePeers();
const rows = await measureStart(rounds);
console.log(table(rows));
console.log(`\n${targets(rows).join("\n")}`);

const directory = join(import.meta.dirname, "bench");
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
writeFileSync(join(directory, "results.json"), `${JSON.stringify({ machine, rounds, start: rows }, null, 2)}\n`);
writeFileSync(join(directory, "start.svg"), chart(rows));

/** What is promised, what was measured, and whether the one holds the other. */
function targets(rows: readonly Row[]): string[] {
  const row = (name: string): Row => {
    const found = rows.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} was not measured`);
    return found;
  };
  const ours = row("tsgosu-static");
  const init = row("tsgosu-static --init");
  const others = rows.filter((one) => !one.name.startsWith("tsgosu"));
  const ratio = (name: string, value: number, other: number, most: number): string =>
    line(`${name}: ${(value / other).toFixed(2)} ×`, value / other <= most, `at most ${most} ×`);
  return [
    ...others
      .filter((one) => one.kind === "switcher")
      .map((one) => ratio(`start, against ${one.name}`, ours.median, one.median, one.name === "gosu" ? 0.4 : 0.7)),
    ...others
      .filter((one) => one.kind === "init")
      .map((one) => ratio(`start as init, against ${one.name}`, init.median, one.median, 0.9)),
    ratio(
      "start of the Node one, against node empty.js",
      row("tsgosu (Node)").median,
      row("node empty.js").median,
      1.1,
    ),
    line(`size: ${ours.size} bytes`, ours.size <= 250_000, "at most 250,000"),
    line(`resident as PID 1: ${init.resident} kB`, init.resident <= 300, "at most 300"),
  ];
}

function line(what: string, reached: boolean, target: string): string {
  return `${reached ? "reached" : "MISSED "}  ${what} (${target})`;
}

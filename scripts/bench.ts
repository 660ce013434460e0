// npm run bench: how fast, how small, how quiet, against the others, on the machine it stands on.
// `npm run bench -- start`, `match` or `init` for one part. Writes scripts/bench/results.json and start.svg.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { benchInits, describeInits, type InitFigures } from "./bench/init.ts";
import { describeMatch, measureMatch } from "./bench/match.ts";
import { chart, table } from "./bench/report.ts";
import { ensurePeers, measureStart, type Row } from "./bench/start.ts";

const ROUNDS = 400;
const FILES = 100_000;
const ORPHANS = 1_000_000;

const directory = join(import.meta.dirname, "bench");
const results = join(directory, "results.json");
const measured: Record<string, unknown> = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : {};
measured["machine"] = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
const parts = process.argv.length > 2 ? process.argv.slice(2) : ["start", "match", "init"];

ensurePeers();
if (parts.includes("start")) {
  const rows = await measureStart(ROUNDS);
  console.log(`${table(rows)}\n\n${targets(rows).join("\n")}\n`);
  measured["start"] = rows;
  writeFileSync(join(directory, "start.svg"), chart(rows));
}
if (parts.includes("match")) {
  const medians = measureMatch(FILES);
  console.log(`${describeMatch(medians)}\n`);
  measured["match"] = medians;
}
if (parts.includes("init")) {
  const figures: InitFigures[] = [];
  for await (const one of benchInits(ORPHANS)) figures.push(one);
  console.log(`${describeInits(figures)}\n`);
  measured["init"] = figures;
}
writeFileSync(results, `${JSON.stringify(measured, null, 2)}\n`);

/** What is promised, what was measured, and whether the one holds the other. */
function targets(rows: readonly Row[]): string[] {
  const row = (name: string): Row => {
    const found = rows.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} was not measured`);
    return found;
  };
  const ours = row("tsgosu-static");
  const init = row("tsgosu-static --init");
  const node = row("tsgosu (Node) --init");
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
    line(`size: ${ours.size} bytes`, ours.size <= 320_000, "at most 320,000"),
    line(`resident as PID 1: ${init.resident} kB`, init.resident <= 260, "at most 260"),
    line(`resident as PID 1, the Node one: ${node.resident} kB`, node.resident <= 30_000, "at most 30,000"),
  ];
}

function line(what: string, reached: boolean, target: string): string {
  return `${reached ? "reached" : "MISSED "}  ${what} (${target})`;
}

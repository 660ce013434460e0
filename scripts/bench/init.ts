// What it costs to be PID 1, for tsgosu and its peers, in containers

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compiled } from "../../test/support/compile.ts";
import { ensureContainers } from "../containers.ts";
import { attempt, must, PROJECT } from "../host.ts";
import { markdown } from "./report.ts";
import { SETTLED_MS } from "./start.ts";

/** What was measured of one init; undefined where it could not be. */
export interface InitFigures {
  readonly name: string;
  /** Milliseconds from the end of a parent of 10,000 zombies until all are reaped: median of five. */
  readonly reapMs: number | undefined;
  /** Microseconds from kill(1) to the command's handler. */
  readonly latencyMedian: number | undefined;
  readonly latencyP99: number | undefined;
  readonly latencyP999: number | undefined;
  /** How often a thread of it woke up in ten idle seconds. */
  readonly wakeUps: number | undefined;
  /** Resident kB once 1,000 orphans were reaped and 1,000 signals forwarded, and after a million and 100,000. */
  readonly residentBefore: number | undefined;
  readonly residentAfter: number | undefined;
}

interface Init {
  readonly name: string;
  /** Where its executable stands on this machine. */
  readonly file: string;
  /** What stands before the command. */
  readonly words: readonly string[];
}

const INITS: readonly Init[] = [
  { name: "tsgosu-static", file: join(PROJECT, "dist", "tsgosu-static"), words: ["0"] },
  { name: "tsgosu (Node)", file: join(PROJECT, "dist", "tsgosu"), words: ["0"] },
  { name: "catatonit", file: "/usr/bin/catatonit", words: ["--"] },
  { name: "tini", file: "/usr/bin/tini", words: ["--"] },
  { name: "dumb-init", file: "/usr/bin/dumb-init", words: ["--"] },
];

const ORPHANS = 10_000;
/** In each round: a thousandth of all is what p99.9 stands on. */
const LATENCIES = 10_000;
/** The inits take turns, so that other work on the machine meets all of them. */
const ROUNDS = 5;
const IDLE_SECONDS = 10;

const { engine, baseImage } = ensureContainers();

/** What was measured in the rounds, in microseconds. */
interface Rounds {
  readonly reaps: number[];
  readonly latencies: number[];
}

/** Measures every init that is installed here, in turns; `many` orphans go through it for the memory figures. */
export async function* benchInits(many: number): AsyncGenerator<InitFigures> {
  const installed = INITS.filter(({ file }) => existsSync(file)).map((init) => ({
    init,
    rounds: { reaps: [], latencies: [] } as Rounds,
  }));
  for (let round = 0; round < ROUNDS; round++)
    for (const { init, rounds } of installed) {
      rounds.reaps.push(...numbersFrom(init, ["target", "orphans", `${ORPHANS}`]));
      rounds.latencies.push(...numbersFrom(init, ["target", "latency", `${LATENCIES}`]));
    }
  for (const { init, rounds } of installed) yield await benchInit(init, rounds, many);
}

function runWords(init: Init, more: readonly string[], command: readonly string[]): string[] {
  const mounts = ["-v", `${init.file}:/usr/local/bin/init:ro`, "-v", `${compiled("target")}:/usr/local/bin/target:ro`];
  const limits = ["--pids-limit=-1", "--ulimit=nofile=1024:1024", "--ulimit=nproc=12000:12000"];
  const run = [engine.name, "run", "--pull=never", "--network=none", ...limits, ...mounts, ...more];
  return [...run, "--entrypoint", "init", baseImage, ...init.words, ...command];
}

/** The numbers that a command writes, a line each. */
function numbersFrom(init: Init, command: readonly string[]): number[] {
  const { code, stdout } = attempt(runWords(init, ["--rm"], command), { ...engine, timeout: 60_000 });
  return code === 0 ? stdout.trim().split("\n").map(Number) : [];
}

function percentile(values: readonly number[], share: number): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];
}

async function benchInit(init: Init, { reaps, latencies }: Rounds, many: number): Promise<InitFigures> {
  const reapUs = percentile(reaps, 0.5);
  return {
    name: init.name,
    reapMs: reapUs === undefined ? undefined : reapUs / 1000,
    latencyMedian: percentile(latencies, 0.5),
    latencyP99: percentile(latencies, 0.99),
    latencyP999: percentile(latencies, 0.999),
    ...(await benchResident(init, many)),
  };
}

type Resident = Pick<InitFigures, "wakeUps" | "residentBefore" | "residentAfter">;

async function benchResident(init: Init, many: number): Promise<Resident> {
  const name = `tsgosu-bench-${process.pid}`;
  must(runWords(init, ["-d", "--name", name], ["target", "sink", "40"]), engine);
  const inside = (words: readonly string[]): string => must([engine.name, "exec", name, ...words], engine);
  const status = (field: string): number =>
    inside(["sh", "-c", "cat /proc/1/task/*/status"])
      .split("\n")
      .filter((line) => line.includes(field))
      .reduce((sum, line) => sum + Number(/\d+/.exec(line)?.[0]), 0);
  const threads = (): number => Number(/^Threads:\s+(\d+)/m.exec(inside(["cat", "/proc/1/status"]))?.[1]);
  const resident = (): number => status("VmRSS:") / threads();
  const load = (orphans: number, signals: number): void => {
    inside(["target", "churn", `${orphans}`]);
    inside(["target", "burst", "1", "40", `${signals}`]);
  };
  try {
    await sleep(1000);
    const before = status("ctxt_switches");
    await sleep(IDLE_SECONDS * 1000);
    const wakeUps = status("ctxt_switches") - before;
    // Node has no real-time signals: one would end it.
    const signals = init.name.includes("Node") ? 0 : many / 10;
    load(1000, Math.min(signals, 1000));
    await sleep(SETTLED_MS);
    const residentBefore = resident();
    load(many, signals);
    await sleep(SETTLED_MS);
    return { wakeUps, residentBefore, residentAfter: resident() };
  } finally {
    attempt([engine.name, "rm", "-f", ...(engine.name === "podman" ? ["-t", "0"] : []), name], engine);
  }
}

/** The table that `npm run bench` shows. */
export function describeInits(figures: readonly InitFigures[]): string {
  const text = (value: number | undefined, digits = 0): string => (value === undefined ? "" : value.toFixed(digits));
  const head = [
    "",
    "10,000 reaped, ms",
    "kill to handler, median / p99 / p99.9 µs",
    "wake-ups in 10 s",
    "resident kB, before / after",
  ];
  const rows = figures.map((one) => [
    one.name,
    text(one.reapMs),
    `${text(one.latencyMedian)} / ${text(one.latencyP99)} / ${text(one.latencyP999)}`,
    text(one.wakeUps),
    `${text(one.residentBefore)} / ${text(one.residentAfter)}`,
  ]);
  return markdown([head, ...rows]);
}

// PID 1 for a long time, and PID 1 for a very short one.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Executable } from "../support/builds.ts";
import { Arena } from "./arena.ts";

/** What PID 1 holds at one moment. */
interface Sample {
  /** Memory of its own, in kB. */
  readonly anonymous: number;
  readonly resident: number;
  readonly descriptors: number;
  readonly zombies: number;
}

/** What came of it; `wrong` is empty where all is as it has to be. */
export interface Soaked {
  readonly summary: string;
  readonly wrong: readonly string[];
}

/** How much more memory of its own PID 1 may have at the end than after its first third, in kB. Node's is collected now and then. */
const GROWTH_KB = { static: 16, sea: 16_384 };

/** One PID 1 for so many seconds, whose command leaves it orphans and asks it for signals all the time (arena.c). */
export async function soakOne(executable: Executable, seconds: number): Promise<Soaked> {
  const arena = new Arena(executable);
  try {
    arena.reset();
    const realTime = executable.name === "static" ? "1" : "0";
    const words = ["app", "/bin/arena", "command", "churn", `${seconds}`, realTime];
    const { pid, ending } = arena.launch({ words }, [], "", seconds + 60);
    const samples: Sample[] = [];
    const watch = { ended: false };
    void ending.finally(() => {
      watch.ended = true;
    });
    while (!watch.ended) {
      const sample = sampleOf(descendant(pid, 3));
      if (sample !== undefined) samples.push(sample);
      await sleep(Math.min(1000, seconds * 20));
    }
    const { code, stdout, stderr } = await ending;
    const after = samples.slice(Math.floor(samples.length / 3));
    const early = most(after.slice(0, Math.ceil(after.length / 2)));
    const last = samples.at(-1);
    const wrong: string[] = [];
    const asked = /^asked (\d+) came (\d+) orphans (\d+)$/m.exec(stdout);
    if (code !== 6 || stderr !== "" || asked === null || asked[1] !== asked[2])
      wrong.push(`exit code ${code}: ${stdout}${stderr}`);
    if (last === undefined) return { summary: "", wrong: ["PID 1 was not seen"] };
    const late = most(samples.slice(-Math.ceil(samples.length / 3)));
    // The command has been quiet for a while then, and the very last sample may show it as it ends.
    if (samples.slice(-4).every(({ zombies }) => zombies > 0)) wrong.push(`${last.zombies} zombies at the end`);
    if (last.descriptors > (samples[1] ?? last).descriptors) wrong.push(`${last.descriptors} descriptors at the end`);
    if (late.anonymous > early.anonymous + GROWTH_KB[executable.name])
      wrong.push(`its memory grew from ${early.anonymous} to ${late.anonymous} kB`);
    const memory = `${early.anonymous} kB of its own, later ${late.anonymous}, resident ${last.resident}`;
    return { summary: `${stdout.trim()}; ${memory}; ${last.descriptors} descriptors, ${last.zombies} zombies`, wrong };
  } finally {
    arena.remove();
  }
}

function most(samples: readonly Sample[]): Sample {
  const largest = (key: keyof Sample): number => Math.max(0, ...samples.map((sample) => sample[key]));
  return {
    anonymous: largest("anonymous"),
    resident: largest("resident"),
    descriptors: largest("descriptors"),
    zombies: largest("zombies"),
  };
}

/** The process so many generations below, each the first child; -1 where there is none (yet). */
function descendant(pid: number, generations: number): number {
  let at = pid;
  for (let i = 0; i < generations && at > 0; i++) at = childrenOf(at)[0] ?? -1;
  return at;
}

function childrenOf(pid: number): number[] {
  return (read(`/proc/${pid}/task/${pid}/children`) ?? "")
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
}

function sampleOf(pid: number): Sample | undefined {
  const status = pid > 0 ? read(`/proc/${pid}/status`) : undefined;
  // Before that it is the arena still.
  if (status === undefined || !/^Uid:\t1000/m.test(status)) return undefined;
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  const isZombie = (child: number): boolean => / Z /.test((read(`/proc/${child}/stat`) ?? "").replace(/^.*\)/, ""));
  try {
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    const zombies = childrenOf(pid).filter(isZombie).length;
    return { anonymous: number("RssAnon"), resident: number("VmRSS"), descriptors, zombies };
  } catch {
    return undefined; // It has just ended.
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** A command, and the exit codes that it may end with when SIGTERM comes at any moment of its life or before. */
const ENDS = [
  { options: [], command: ["sleep"], codes: [143] },
  { options: [], command: ["answer"], codes: [7, 143] },
  { options: [], command: ["soon", "1000"], codes: [5, 143] },
  { options: ["--grace", "0.01"], command: ["stay"], codes: [137, 143] },
  { options: ["--orphans", "stop"], command: ["leave"], codes: [3, 143] },
];

/** The latest moment of the SIGTERM, in microseconds: by then the command runs. */
const LATEST_US = { static: 8_000, sea: 200_000 };

/** So many PID namespaces, each ended by SIGTERM at a random moment: a quarter of them in the first millisecond. */
export async function soakMany(executable: Executable, count: number, random: () => number): Promise<Soaked> {
  const arena = new Arena(executable);
  const wrong: string[] = [];
  const codes = new Map<number, number>();
  let early = 0;
  try {
    arena.reset();
    for (let i = 0; i < count; i++) {
      const end = ENDS[i % ENDS.length] ?? { options: [], command: [], codes: [] };
      const moment = Math.floor(random() * (i % 4 === 0 ? 1000 : LATEST_US[executable.name]));
      const words = [...end.options, "app", "/bin/arena", "command", ...end.command];
      const ended = await arena.start({ words, enter: [`term=${moment}`] }, [], "", 15);
      codes.set(ended.code, (codes.get(ended.code) ?? 0) + 1);
      if (Number(/^term (\d+)/m.exec(ended.report)?.[1]) > 1) early++;
      const what = `${end.command.join(" ")}, SIGTERM after ${moment} µs: `;
      if (ended.timedOut) wrong.push(`${what}did not end`);
      else if (!end.codes.includes(ended.code))
        wrong.push(`${what}exit code ${ended.code}: ${ended.stdout}${ended.stderr}`);
      else if (ended.stderr !== "") wrong.push(`${what}${ended.stderr}`);
    }
    const left = readdirSync("/proc").filter(
      (pid) => /^\d+$/.test(pid) && (read(`/proc/${pid}/cmdline`) ?? "").includes(arena.root),
    );
    if (left.length > 0) wrong.push(`processes are left behind: ${left.join(" ")}`);
  } finally {
    arena.remove();
  }
  const ends = [...codes].sort(([a], [b]) => a - b).map(([code, times]) => `${times} with ${code}`);
  return {
    summary: `${count} namespaces ended: ${ends.join(", ")}; in ${early} the first signal came before tsgosu was ready`,
    wrong,
  };
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

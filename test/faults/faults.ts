// The harness: which faults are tried, and what came of each.

import { cpus } from "node:os";
import { join } from "node:path";
import { hasProgram, installPackages } from "../../scripts/host.ts";
import { type Executable, executables } from "../support/builds.ts";
import { Arena, type Ending } from "./arena.ts";
import { answersTo } from "./errors.ts";
import { hasHeld, judge, judgeRepair, judgeUsual, type Verdict } from "./judge.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { type Fault, failing, forget, happened, inVain, type Site, shifted, sitesIn, tracing } from "./trace.ts";

/** Longer than any start takes, on a machine with other work to do as well. */
const HANG_SECONDS = 5;

/** Node does not make as many calls of its own in every start: a fault that meets nothing is tried a little before and after. */
const SHIFTS = [0, -1, 1, -2, 2];

/** A scenario of an executable, and what comes of it without a fault. */
interface Case {
  readonly executable: Executable;
  readonly scenario: Scenario;
  readonly usual: Ending;
  readonly sites: readonly Site[];
}

/** A fault that is to be tried. */
interface Trial {
  readonly executable: Executable;
  readonly one: Case;
  readonly fault: Fault;
}

/** A start that was judged. */
export interface Run {
  readonly executable: string;
  readonly scenario: string;
  /** Undefined for the start without a fault. */
  readonly fault: Fault | undefined;
  readonly verdict: Verdict;
}

/** A fault that met nothing. */
export type Missed = Omit<Run, "verdict">;

export interface Report {
  readonly runs: readonly Run[];
  /** Faults that met nothing although the start was repeated. */
  readonly missed: readonly Missed[];
}

/**
 * How much is tried. `short`: each call of each executable with each error once for the static one, and once at all for
 * Node, whose start takes ten times as long. `full`: every occurrence, with all errors for the static one, with two for Node.
 */
export type Extent = "short" | "full";

/** Tries faults of the executables named, of all where `names` is empty, and tells each run as it ends. */
export async function tryFaults(extent: Extent, names: readonly string[], tell: (run: Run) => void): Promise<Report> {
  if (!hasProgram("strace")) installPackages(["strace"], "system calls are failed by strace, which is missing");
  const runs: Run[] = [];
  const missed: Missed[] = [];
  const add = (run: Run): void => {
    runs.push(run);
    tell(run);
  };
  const chosen = executables.filter(({ name }) => names.length === 0 || names.includes(name));
  const cases: Case[] = [];
  const starts = chosen.flatMap((executable) =>
    scenarios
      .filter(({ isStatics }) => isStatics !== true || executable.name === "static")
      .map((scenario) => ({ executable, scenario })),
  );
  await inParallel(starts, async (arena, { executable, scenario }) => {
    const found = await startUsually(arena, executable, scenario);
    const wrong = judgeUsual(scenario, found.usual);
    const verdict: Verdict =
      wrong === undefined ? { outcome: "went on", detail: "" } : { outcome: "wrong answer", detail: wrong };
    add({ executable: executable.name, scenario: scenario.name, fault: undefined, verdict });
    // A start that ends in another way than it should says nothing about its faults.
    if (found.usual.code === scenario.code) cases.push(found);
  });
  await inParallel(faultsOf(cases, extent), async (arena, { one, fault }) => {
    let verdict: Verdict | undefined;
    for (const by of SHIFTS) verdict ??= await tryFault(arena, one, shifted(fault, by));
    if (verdict === undefined) missed.push({ executable: one.executable.name, scenario: one.scenario.name, fault });
    else add({ executable: one.executable.name, scenario: one.scenario.name, fault, verdict });
  });
  return { runs, missed };
}

/** Does all the work in as many arenas at a time as there are processors. */
async function inParallel<T extends { readonly executable: Executable }>(
  work: readonly T[],
  perform: (arena: Arena, item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    const arenas = executables.map((executable) => new Arena(executable));
    try {
      for (let item = work[next++]; item !== undefined; item = work[next++]) {
        const arena = arenas[executables.indexOf(item.executable)];
        if (arena !== undefined) await perform(arena, item);
      }
    } finally {
      for (const arena of arenas) arena.remove();
    }
  };
  await Promise.all(cpus().map(worker));
}

async function startUsually(arena: Arena, executable: Executable, scenario: Scenario): Promise<Case> {
  arena.reset();
  const usual = await arena.start(scenario, [], "", 4 * HANG_SECONDS);
  arena.reset();
  const log = logOf(arena);
  await arena.start(scenario, tracing(log), "", 4 * HANG_SECONDS);
  const sites = sitesIn(log, executable);
  forget(log);
  return { executable, scenario, usual, sites };
}

function logOf(arena: Arena): string {
  return `${arena.root}.log`;
}

/** What came of a start with the fault; undefined where the fault did not happen. */
async function tryFault(
  arena: Arena,
  { executable, scenario, usual }: Case,
  fault: Fault,
): Promise<Verdict | undefined> {
  arena.reset();
  const log = logOf(arena);
  forget(log);
  const ending = await arena.start(scenario, failing(log, fault), inVain(fault), HANG_SECONDS);
  const wasMet = happened(log, executable, fault);
  forget(log);
  if (!wasMet) return undefined;
  const verdict = judge(scenario, fault, usual, ending);
  if (!hasHeld(verdict) || scenario.changes !== true) return verdict;
  const second = await arena.start(scenario, [], "", 4 * HANG_SECONDS);
  return judgeRepair(fault, usual, second) ?? verdict;
}

/** The faults to try. */
function faultsOf(cases: readonly Case[], extent: Extent): Trial[] {
  const faults: Trial[] = [];
  const tried = new Set<string>();
  for (const one of cases) {
    const isStatic = one.executable.name === "static";
    for (const [at, site] of one.sites.entries()) {
      const all = answersTo(site.call, site.words);
      const some = [all[at % all.length] ?? "", all[(at + 1 + (at >> 3)) % all.length] ?? ""];
      if (extent === "short" && !isStatic) some.splice(0, 2, all[tried.size % all.length] ?? "");
      for (const answer of isStatic ? all : new Set(some)) {
        const key = `${one.executable.name} ${site.call} ${site.by} ${isStatic ? answer : ""}`;
        if (extent === "short" && tried.has(key)) continue;
        tried.add(key);
        faults.push({ executable: one.executable, one, fault: { site, answer } });
      }
    }
  }
  return faults;
}

/** A start, for people: executable, scenario, and the call that was failed in it. */
export function describe({ executable, scenario, fault }: Missed): string {
  if (fault === undefined) return `${executable}: ${scenario}: without a fault`;
  const { call, words, when, by } = fault.site;
  return `${executable}: ${scenario}: ${by === "child" ? "child: " : ""}${call}(${words.slice(0, 90)} #${when}: ${fault.answer}`;
}

/** Where the full output goes. */
export const RESULTS = join(import.meta.dirname, "..", "..", "build", "faults");

// Whether containers that have nothing to do use no CPU time, as the kernel counts it.
// usage: node scripts/idle.ts ENGINE NAME ...
// prints `NAME: idle`, or `NAME: ` and what its processes use, for each container that runs and whose name begins with NAME

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { must } from "./host.ts";

/** The kernel counts CPU time in hundredths of a second, whatever its own clock is (proc(5), USER_HZ). */
const TICK_MS = 10;

const INTERVAL_MS = 1000;

/** Per interval. What waits for events uses a tick or two; what asks again and again, whole intervals. */
const QUIET_MS = 50;

/** As many in a row: what prints without an end is quiet for a moment too, while nobody reads it. */
const QUIET_INTERVALS = 2;

/** Intervals before a container is called busy: it may have work of its own after its start. */
const INTERVALS = 30;

/** Of a process and all its descendants, the ended ones included: milliseconds of CPU time. 0 if it has ended. */
function usedBy(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ");
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // After the name, which may have spaces: utime, stime, cutime and cstime are fields 14 to 17.
    const ticks = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 15);
    const own = ticks.reduce((sum, field) => sum + Number(field), 0) * TICK_MS;
    return children.reduce((sum, child) => (child === "" ? sum : sum + usedBy(Number(child))), own);
  } catch {
    return 0;
  }
}

/**
 * Waits until the process and its descendants are quiet, for as many seconds as `intervals` says: empty, or what they used
 * in the end, if that has not come.
 */
export async function busyness(pid: number, intervals = INTERVALS): Promise<string> {
  let used = 0;
  let quiet = 0;
  for (let tries = 0; tries < intervals; tries++) {
    const before = usedBy(pid);
    const begin = performance.now();
    await sleep(INTERVAL_MS);
    const elapsed = performance.now() - begin;
    used = (usedBy(pid) - before) / elapsed;
    quiet = used * INTERVAL_MS <= QUIET_MS ? quiet + 1 : 0;
    if (quiet === QUIET_INTERVALS) return "";
  }
  return `uses ${Math.round(used * 100)} % of a CPU while it should wait`;
}

/** How each running container is whose name begins with one of these: its name, and what it uses, empty if nothing. */
export async function idleness(
  engine: string,
  names: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<(readonly [string, string])[]> {
  const filters = names.flatMap((name) => ["--filter", `name=^${name}`]);
  const running = must([engine, "ps", ...filters, "--format", "{{.Names}}"], { environment }).split("\n");
  return Promise.all(
    running
      .filter((name) => name !== "")
      .map(async (name) => {
        const pid = must([engine, "inspect", "--format", "{{.State.Pid}}", name], { environment });
        return [name, await busyness(Number(pid))] as const;
      }),
  );
}

if (import.meta.main) {
  const [engine = "", ...names] = process.argv.slice(2);
  for (const [name, busy] of await idleness(engine, names))
    process.stdout.write(`${name}: ${busy === "" ? "idle" : busy}\n`);
}

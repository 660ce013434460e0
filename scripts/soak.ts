// npm run soak: PID 1 for ten minutes with all that a command can do to it, then 500 that live for a moment.
// usage: node scripts/soak.ts [seconds] [namespaces] [seed]

import { randomFrom, type Soaked, soakMany, soakOne } from "../test/faults/soak.ts";
import { executables } from "../test/support/builds.ts";
import { leaveSoak, type SoakResult } from "./testing/results.ts";

const [seconds = "600", namespaces = "500", seed = `${Date.now()}`] = process.argv.slice(2);

const lines: SoakResult["lines"][number][] = [];

function tell(name: string, { summary, wrong }: Soaked): void {
  lines.push({ name, held: wrong.length === 0, summary });
  console.log(`${wrong.length === 0 ? "ok" : "not ok"} - ${name}: ${summary}`);
  for (const line of wrong) console.log(`  ${line}`);
  if (wrong.length > 0) process.exitCode = 1;
}

console.log(`seed ${seed}`);
await Promise.all(executables.map(async (one) => tell(one.name, await soakOne(one, Number(seconds)))));
for (const one of executables) tell(one.name, await soakMany(one, Number(namespaces), randomFrom(Number(seed))));
leaveSoak({ seconds: Number(seconds), namespaces: Number(namespaces), lines });

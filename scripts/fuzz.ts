// npm run fuzz: a million inputs for everything that reads text from outside, in Node and as native code.
// usage: node scripts/fuzz.ts [inputs] [seed] [target ...]

import { availableParallelism } from "node:os";
import { targets } from "../test/native/targets.ts";
import { fuzz, runners } from "../test/support/fuzz.ts";
import { type FuzzResult, leaveResult } from "./testing/results.ts";

const [inputs = "1000000", seed = "1", ...names] = process.argv.slice(2);
const all = await runners("fast");
const started = Date.now();
const tried: FuzzResult["targets"][number][] = [];
let wrongs = 0;
for (const { name: target } of targets()) {
  if (names.length > 0 && !names.includes(target)) continue;
  const begin = Date.now();
  const range = { target, seed: Number(seed), first: 0, count: Number(inputs) };
  const findings = await fuzz(all, range, availableParallelism());
  const refused = findings[0]?.refused ?? 0;
  const seconds = ((Date.now() - begin) / 1000).toFixed(0);
  tried.push({ name: target, refused, seconds: Number(seconds) });
  const ways = findings.map(({ runner }) => runner).join(", ");
  process.stdout.write(`${target.padEnd(13)} ${inputs} inputs, ${refused} refused, ${seconds} s: ${ways}\n`);
  for (const { runner, wrong } of findings) {
    wrongs += wrong.length;
    for (const what of wrong) process.stdout.write(`  ${runner}: ${what}\n`);
  }
}
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
process.stdout.write(`${wrongs} wrong answers, ${minutes} minutes\n`);
process.exitCode = wrongs === 0 ? 0 : 1;
// Only a run over everything is worth keeping.
if (names.length === 0)
  leaveResult("fuzz", { inputs: Number(inputs), seed: Number(seed), targets: tried, wrong: wrongs });

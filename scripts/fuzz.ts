// npm run fuzz: a million inputs for everything that reads text from outside, in Node and as native code.
// usage: node scripts/fuzz.ts [inputs] [seed] [target ...]

import { availableParallelism } from "node:os";
import { targets } from "../test/native/targets.ts";
import { fuzz, runners } from "../test/support/fuzz.ts";
import { leaveFuzz } from "./testing/results.ts";

const FULL = 1_000_000;
const [inputs = `${FULL}`, seed = "1", ...names] = process.argv.slice(2);
const all = await runners("fast");
const started = Date.now();
let wrongs = 0;
for (const { name: target } of targets()) {
  if (names.length > 0 && !names.includes(target)) continue;
  const begin = Date.now();
  const range = { target, seed: Number(seed), first: 0, count: Number(inputs) };
  const findings = await fuzz(all, range, availableParallelism());
  const refused = findings[0]?.refused ?? 0;
  const wrong = findings.flatMap((found) => found.wrong.map((what) => `${found.runner}: ${what}`));
  const seconds = Math.round((Date.now() - begin) / 1000);
  const ways = findings.map(({ runner }) => runner).join(", ");
  process.stdout.write(`${target.padEnd(13)} ${inputs} inputs, ${refused} refused, ${seconds} s: ${ways}\n`);
  for (const what of wrong) process.stdout.write(`  ${what}\n`);
  wrongs += wrong.length;
  // Only a run in full is worth keeping.
  if (range.count >= FULL)
    leaveFuzz({ name: target, inputs: range.count, seed: range.seed, refused, wrong: wrong.length, seconds });
}
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
process.stdout.write(`${wrongs} wrong answers, ${minutes} minutes\n`);
process.exitCode = wrongs === 0 ? 0 : 1;

// npm run fuzz: a million damaged inputs for everything that reads text from outside.
// usage: node scripts/fuzz.ts [inputs] [seed]

import { fuzz, targets } from "../test/support/fuzz.ts";

const [inputs = "1000000", seed = "1"] = process.argv.slice(2);
for (const target of targets) {
  const found = fuzz(target, Number(inputs), Number(seed));
  const slowest = `slowest ${found.slowestMs.toFixed(1)} ms`;
  process.stdout.write(`${target.name.padEnd(14)} ${found.inputs} inputs, ${found.refused} refused, ${slowest}\n`);
  for (const wrong of found.wrong) process.stdout.write(`  ${wrong}\n`);
  if (found.wrong.length > 0 || found.slowestMs > 1000) process.exitCode = 1;
}

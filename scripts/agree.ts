// npm run agree: tsgosu and gosu, and Docker where a daemon answers, are asked for the same users, with account files that nobody wrote. Every answer must be what the
// rules of test/support/moby.ts say, and so every difference has a reason. Writes them to docs/agreement.md where nothing else is asked for.
// usage: node scripts/agree.ts [user-specs] [pairs of files] [seed] [executable]

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../test/native/random.ts";
import { agree, agreeWithDocker, dockerFiles, files, specs } from "../test/support/agree.ts";
import { agreementText } from "../test/support/agreement.ts";
import { PROJECT } from "./host.ts";

const [specCount = "500", fileCount = "50", seed = "1", tsgosu = join(PROJECT, "dist", "tsgosu-static")] =
  process.argv.slice(2);
const started = Date.now();
const random = new Random(Number(seed), 0);
const allSpecs = specs(Number(specCount), random);
const allFiles = files(Number(fileCount), random);
const found = agree(tsgosu, allSpecs, allFiles);
process.stdout.write(
  `${found.runs} runs in ${((Date.now() - started) / 1000).toFixed(0)} s, ${found.wrong.length} wrong\n`,
);
for (const what of found.wrong) process.stdout.write(`  ${what}\n`);
for (const [name, { count, example }] of found.byRule)
  process.stdout.write(`${count} differences: ${name}, such as ${JSON.stringify(example)}\n`);
// Each of Docker's answers takes half a second. Its command line and its API are for text, not for bytes.
const docker = agreeWithDocker(
  allSpecs.filter((spec) => /^[ -~]*$/.test(spec)).slice(0, 40),
  dockerFiles(allFiles, 12),
);
process.stdout.write(
  docker === undefined
    ? "no Docker daemon answers\n"
    : `docker run --user (${docker.engine}): ${docker.runs} runs, ${docker.wrong.length} wrong\n`,
);
for (const what of docker?.wrong ?? []) process.stdout.write(`  ${what}\n`);
const wrongs = found.wrong.length + (docker?.wrong.length ?? 0);
if (wrongs === 0 && process.argv.length === 2) {
  mkdirSync(join(PROJECT, "docs"), { recursive: true });
  writeFileSync(join(PROJECT, "docs", "agreement.md"), agreementText(found, allSpecs.length, allFiles.length));
}
process.exitCode = wrongs === 0 ? 0 : 1;

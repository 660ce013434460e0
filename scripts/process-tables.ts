// Who is PID 1, as whom, and how many processes there are, with su, sudo, gosu and tsgosu in the same container: the tables
// of the README. usage: npm run process-tables

import { setTimeout as sleep } from "node:timers/promises";
import { ensureContainers } from "./containers.ts";
import { engineWords } from "./engine.ts";
import { ensureSea, ensureStatic, STATIC } from "./executables.ts";
import { must } from "./host.ts";
import { ensureReleaseImage } from "./release-image.ts";
import { buildDockerfile } from "./systems.ts";

await ensureStatic("x86_64", STATIC);
await ensureSea();
const { engine, baseImage } = ensureContainers();
const image = buildDockerfile(
  engine,
  "localhost/tsgosu-process-tables",
  `FROM ${ensureReleaseImage(engine, "amd64")} AS tsgosu
FROM ${baseImage}
RUN apt-get update -q && apt-get install -q -y --no-install-recommends sudo gosu tini && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home app
COPY --from=tsgosu /tsgosu-static /usr/local/bin/tsgosu
`,
);

const ENTRYPOINTS: readonly (readonly [string, ...string[]])[] = [
  ["su", "app", "-c", "sleep 1000"],
  ["sudo", "-u", "app", "sleep", "1000"],
  ["gosu", "app", "sleep", "1000"],
  ["tini", "--", "gosu", "app", "sleep", "1000"],
  ["tsgosu", "app", "sleep", "1000"],
  ["tsgosu", "--exec", "app", "sleep", "1000"],
];

for (const [program, ...words] of ENTRYPOINTS) {
  const name = `tsgosu-process-table-${process.pid}`;
  const call = (...flags: readonly string[]): string => must(engineWords(engine, flags), engine);
  call("run", "-d", "--pull=never", "--network=none", "--name", name, "--entrypoint", program, image, ...words);
  try {
    await sleep(500);
    const table = call("exec", name, "ps", "-eo", "pid,ppid,user,rss,args").trimEnd();
    const rows = table.split("\n").filter((row) => !row.includes("ps -eo"));
    process.stdout.write(`${[program, ...words].join(" ")}\n\n${rows.map((row) => `    ${row}`).join("\n")}\n\n`);
  } finally {
    call("rm", "-f", "-v", name);
  }
}

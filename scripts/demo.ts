// npm run demo: what tsgosu does in a container, seen from outside, for both executables.
// npm run demo -- NAME: one of the systems in docker/.

import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Containers, ensureContainers } from "./containers.ts";
import { engineWords } from "./engine.ts";
import { ensureSea, ensureStatic, STATIC } from "./executables.ts";
import { attempt, must, PROJECT, SetupError, tell } from "./host.ts";
import { idleness } from "./idle.ts";
import { ensureImage } from "./images.ts";
import { showSystem } from "./show-system.ts";
import { compare } from "./systems.ts";

interface Shown {
  readonly title: string;
  readonly file: string;
}

const EXECUTABLES: readonly Shown[] = [
  { title: "tsgosu-static, the native executable", file: "tsgosu-static" },
  { title: "tsgosu, the Node single executable application", file: "tsgosu" },
];

/** All that the demo's server says. */
const SAID = [
  "server: I am app (1000:1000), my home is /home/app",
  "server: ready",
  "server: hello, you there",
  "server: SIGTERM, closing",
];

/** How long the demo's server may take to say something, on a machine with much other work to do. */
const PATIENCE_MS = 60_000;

try {
  await ensureStatic("x86_64", STATIC);
  await ensureSea();
  const system = process.argv[2];
  if (system !== undefined) showSystem(system);
  else {
    const containers = ensureContainers();
    for (const executable of EXECUTABLES) await show(containers, executable);
  }
  tell("the images stay for the next time; npm run clean removes them");
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  tell(error.message);
  process.exitCode = 1;
}

function distFile(name: string): string {
  return join(PROJECT, "dist", name);
}

async function show(containers: Containers, executable: Shown): Promise<void> {
  const image = demoImage(containers, executable);
  const name = `tsgosu-demo-${process.pid}`;
  const call = (...words: string[]): string => must(engineWords(containers.engine, words), containers.engine).trimEnd();
  const size = Math.ceil(statSync(distFile(executable.file)).size / 1000).toLocaleString("en");
  say(`\n${executable.title} (${size} kB), with ${containers.engine.name}`);
  say("  the image says    ", 'ENTRYPOINT ["tsgosu", "app"]  CMD ["server"]');
  call("run", "-d", "--pull", "never", "--network", "none", "--name", name, image);
  try {
    await waitForLog(() => call("logs", name), "ready");
    say("  the command says  ", line(call("logs", name), "I am"));
    say(
      "  the processes     ",
      ...call("exec", name, "ps", "-eo", "pid,ppid,user,args")
        .split("\n")
        .filter((row) => !row.includes("ps -eo")),
    );
    const busy = (await idleness(containers.engine.name, [name], containers.engine.environment))[0]?.[1];
    if (busy !== "") throw new SetupError(`the demo's server ${busy ?? "does not run"}`);
    call("exec", name, "sh", "-c", "echo you there >/home/app/requests");
    await waitForLog(() => call("logs", name), "hello");
    say("  asked, it answers ", line(call("logs", name), "hello"));
    const begin = performance.now();
    call("kill", "--signal", "TERM", name);
    const code = call("wait", name);
    const seconds = ((performance.now() - begin) / 1000).toFixed(2);
    say("  SIGTERM to PID 1  ", line(call("logs", name), "SIGTERM"));
    say("  the container ends", `with exit code ${code}, ${seconds} s after SIGTERM`);
    const { stdout, stderr } = attempt(engineWords(containers.engine, ["logs", name]), containers.engine);
    const { missing, unexpected } = compare(SAID, stdout, stderr);
    if (missing.length + unexpected.length > 0 || code !== "0")
      throw new SetupError(`the demo's server ended with ${code}, and wrote:\n${stdout}${stderr}`);
  } finally {
    call("rm", "-f", name);
  }
}

function demoImage({ engine, baseImage }: Containers, executable: Shown): string {
  const demo = join(PROJECT, "docker", "demo");
  return ensureImage(
    engine,
    `tsgosu-demo-${executable.file}`,
    [
      { name: "Dockerfile", path: join(demo, "Dockerfile") },
      { name: "server.sh", path: join(demo, "server.sh"), mode: 0o755 },
      { name: "tsgosu", path: distFile(executable.file), mode: 0o755 },
    ],
    baseImage,
  );
}

/** A line with a label in front; further lines stand below it. */
function say(label: string, ...lines: string[]): void {
  const indent = `\n${" ".repeat(label.length + 2)}`;
  process.stdout.write(`${label}  ${lines.join(indent)}`.trimEnd().concat("\n"));
}

function line(text: string, part: string): string {
  return text.split("\n").find((candidate) => candidate.includes(part)) ?? "";
}

async function waitForLog(read: () => string, text: string): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; ) {
    if (read().includes(text)) return;
    await sleep(50);
  }
  throw new SetupError(`the demo's server did not say '${text}', but: ${read()}`);
}

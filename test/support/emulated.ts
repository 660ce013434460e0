// The static executable of another architecture, run by qemu: each case has to end exactly as that of this machine does.
// The command is this machine's own program, so that the kernel itself tells who it is, and not qemu.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "../../scripts/architectures.ts";
import { checkMachine } from "../../scripts/elf.ts";
import { ensureStatic, STATIC, staticFile } from "../../scripts/executables.ts";
import { attempt, hasProgram, installPackages, PROJECT } from "../../scripts/host.ts";
import { Arena, type Ending } from "../faults/arena.ts";
import { type Scenario, scenarios } from "../faults/scenarios.ts";
import type { Executable } from "./builds.ts";

/** How long a case may take: qemu translates the program anew at each start. */
const SECONDS = 20;

const ARENA = "/bin/arena";

/** What the scenarios of the faults leave out. */
const MORE: readonly Scenario[] = [
  { name: "IDs above 65535", words: ["--exec", "70000:80000", ARENA, "command", "exit", "0"], code: 0 },
  { name: "an ID of 2^31", words: ["--exec", "2147483648:65536", ARENA, "command", "exit", "0"], code: 0 },
  { name: "init, the largest IDs", words: ["4294967294:4294967294", ARENA, "command", "exit", "0"], code: 0 },
  {
    name: "init, nine signals, a real-time one, orphans",
    words: ["app", ARENA, "command", "churn", "1", "1"],
    code: 6,
  },
];

/** All cases. */
export const cases: readonly Scenario[] = [...scenarios, ...MORE];

/** The cases that qemu 7.2 makes impossible, each with the reason. */
export const IMPOSSIBLE: Readonly<Record<string, string>> = {
  "init, subreaper": "qemu refuses prctl(PR_SET_CHILD_SUBREAPER)",
};

/** What no case can show under qemu, each with the reason. */
export const UNSEEN: readonly string[] = [
  "openat2(2): qemu 7.2 does not know it, so that --chown and --match take the way for kernels before 5.6; its structure is asserted",
  "memory: what qemu holds is its own",
  "a command of the same architecture: the kernel here runs none, so the command is this machine's own program",
];

/** The executable of an architecture, built and checked; qemu is installed if it is missing. */
export async function prepare(architecture: Architecture): Promise<Executable> {
  const file = staticFile(architecture);
  await ensureStatic(architecture.target, file);
  checkMachine(readFileSync(file), architecture);
  const name = architecture.name === "ppc64le" ? "ppc64le" : architecture.target;
  const emulator = `/usr/bin/qemu-${name}-static`;
  if (file !== STATIC && !hasProgram(emulator.slice("/usr/bin/".length)))
    installPackages(["qemu-user-static"], "executables for other architectures are run by qemu");
  return { name: "static", path: join(PROJECT, file), ...(file === STATIC ? {} : { emulator }) };
}

/** Runs cases on this machine's executable and on another one, and tells of each in its turn what differs: "" for nothing. */
export async function compare(
  executable: Executable,
  asked: readonly Scenario[],
  tell: (scenario: Scenario, difference: string) => void,
): Promise<void> {
  const own = new Arena({ name: "static", path: join(PROJECT, STATIC) });
  const other = new Arena(executable);
  try {
    for (const scenario of asked) {
      const [expected, found] = await Promise.all([run(own, scenario), run(other, scenario)]);
      tell(scenario, differenceOf(scenario, expected, found));
    }
  } finally {
    own.remove();
    other.remove();
  }
}

async function run(arena: Arena, scenario: Scenario): Promise<Ending> {
  arena.reset();
  return await arena.start(scenario, [], "", SECONDS);
}

function differenceOf(scenario: Scenario, expected: Ending, found: Ending): string {
  if (expected.code !== scenario.code)
    return `here it ends with ${expected.code}, not with ${scenario.code}: ${expected.stderr}`;
  const fields = ["code", "timedOut", "stdout", "stderr", "state"] as const;
  return fields
    .map((field) => ({ field, was: shown(expected[field]), is: shown(found[field]) }))
    .filter(({ was, is }) => was !== is)
    .map(({ field, was, is }) => `${field}: '${without(is, was)}' instead of '${without(was, is)}'`)
    .join("; ");
}

/** How many signals were asked for depends on the time that each took. */
function shown(value: string | number | boolean): string {
  return `${value}`.replace(/^asked (\d+) came \1 orphans \d+$/m, "all came");
}

/** The lines that the other text has not. */
function without(text: string, other: string): string {
  const others = other.split("\n");
  return text
    .split("\n")
    .filter((line) => !others.includes(line))
    .join(", ");
}

/**
 * Whether init makes its command the foreground of a terminal, by requests of ioctl(2) that are other numbers on some machines.
 * The command, this machine's shell, says its process group and that of the terminal's foreground.
 */
export function isForeground({ path, emulator }: Executable): boolean {
  const command = "set -- $(cat /proc/$$/stat); echo group $5 foreground $8";
  const words = [...(emulator === undefined ? [] : [emulator]), path, "--init", "1000:1000", "/bin/sh", "-c"];
  const line = `${words.join(" ")} '${command}'`;
  const { stdout } = attempt(["script", "-qec", line, "/dev/null"], { timeout: SECONDS * 1000 });
  const [, group, foreground] = /^group (\d+) foreground (\d+)\r?$/m.exec(stdout) ?? [];
  return group !== undefined && group === foreground;
}

// The static executable of another architecture, run by qemu: each case has to end exactly as that of this machine does.
// The command is this machine's own program, so that the kernel itself tells who it is, and not qemu.

import { join } from "node:path";
import { ARCHITECTURES, type Architecture } from "../../scripts/architectures.ts";
import { ensureStatic, STATIC, staticFile } from "../../scripts/executables.ts";
import { attempt, hasProgram, installPackages, PROJECT } from "../../scripts/host.ts";
import { Arena, type Ending } from "../faults/arena.ts";
import { type Scenario, scenarios } from "../faults/scenarios.ts";
import type { Executable } from "./builds.ts";

/** How long a case may take: qemu translates the program anew at each start. */
const SECONDS = 60;

const ARENA = "/bin/arena";

/** What the scenarios of the faults leave out, because it asks nothing of the kernel that they do not, and asks more of a machine. */
const MORE: readonly Scenario[] = [
  { name: "IDs above 65535", words: ["--exec", "70000:80000", ARENA, "command", "exit", "0"], code: 0 },
  { name: "the largest IDs", words: ["4294967294:4294967294", ARENA, "command", "exit", "0"], code: 0 },
  { name: "a UID of 2^31 and more", words: ["--exec", "2147483648:65536", ARENA, "command", "exit", "0"], code: 0 },
  { name: "every signal, and orphans", words: ["app", ARENA, "command", "churn", "1", "1"], code: 6 },
];

/** What cannot be asked under qemu 7.2, each with the reason. */
export const IMPOSSIBLE: Readonly<Record<string, string>> = {};

/** All cases. */
export const cases: readonly Scenario[] = [...scenarios, ...MORE];

/** Where the static executable of an architecture stands, and what runs it. */
export function emulated(architecture: Architecture): Executable {
  const path = join(PROJECT, staticFile(architecture));
  if (architecture === ARCHITECTURES[0]) return { name: "static", path };
  return { name: "static", path, emulator: `/usr/bin/qemu-${QEMU[architecture.name] ?? architecture.target}-static` };
}

/** Where qemu has a name of its own. */
const QEMU: Readonly<Record<string, string>> = { ppc64le: "ppc64le" };

/** Builds the executable, and installs qemu where it is missing. */
export async function prepare(architecture: Architecture): Promise<Executable> {
  await ensureStatic("x86_64", STATIC);
  await ensureStatic(architecture.target, staticFile(architecture));
  const executable = emulated(architecture);
  if (executable.emulator !== undefined && !hasProgram("qemu-aarch64-static"))
    installPackages(["qemu-user-static"], "executables for other architectures are run by qemu");
  return executable;
}

/** What a case came to: `undefined` where both ended alike, else what differs. */
export type Difference = string | undefined;

/** Runs cases on this machine's executable and on another one, and tells of each in its turn what differs. */
export async function compare(
  executable: Executable,
  asked: readonly Scenario[],
  tell: (scenario: Scenario, difference: Difference) => void,
): Promise<void> {
  const arenas = [new Arena({ name: "static", path: join(PROJECT, STATIC) }), new Arena(executable)] as const;
  try {
    for (const scenario of asked) {
      const [own, other] = await Promise.all(arenas.map((arena) => run(arena, scenario)));
      tell(scenario, own === undefined || other === undefined ? "it did not run" : differenceOf(scenario, own, other));
    }
  } finally {
    for (const arena of arenas) arena.remove();
  }
}

async function run(arena: Arena, scenario: Scenario): Promise<Ending> {
  arena.reset();
  return await arena.start(scenario, [], "", SECONDS);
}

function differenceOf(scenario: Scenario, own: Ending, other: Ending): Difference {
  if (own.code !== scenario.code) return `here it ends with ${own.code}, not with ${scenario.code}: ${own.stderr}`;
  const fields = ["code", "timedOut", "stdout", "stderr", "state"] as const;
  const differing = fields.filter((field) => shown(own[field]) !== shown(other[field]));
  if (differing.length === 0) return undefined;
  return differing.map((field) => `${field}: ${change(shown(own[field]), shown(other[field]))}`).join("; ");
}

/** The lines that only one of two texts has. */
function change(own: string, other: string): string {
  const without = (lines: string, others: string): string =>
    lines
      .split("\n")
      .filter((line) => !others.split("\n").includes(line))
      .join(", ");
  return `'${without(other, own)}' instead of '${without(own, other)}'`;
}

/** How many signals were asked for depends on the time that each took. */
function shown(value: string | number | boolean): string {
  return `${value}`.replace(/^asked (\d+) came \1 orphans \d+$/m, "all came");
}

/**
 * Whether init makes its command the foreground of a terminal, by the ioctl requests that are other numbers on some machines:
 * the process group of the command, and that of the terminal's foreground.
 */
export function foreground(executable: Executable): boolean {
  const command = "set -- $(cat /proc/$$/stat); echo group $5 foreground $8";
  const start = [...(executable.emulator === undefined ? [] : [executable.emulator]), executable.path];
  const line = [...start, "--init", "1000:1000", "/bin/sh", "-c", `'${command}'`].join(" ");
  const { stdout } = attempt(["script", "-qec", line, "/dev/null"], { timeout: SECONDS * 1000 });
  const [, group, ahead] = /^group (\d+) foreground (\d+)\r?$/m.exec(stdout) ?? [];
  return group !== undefined && group === ahead;
}

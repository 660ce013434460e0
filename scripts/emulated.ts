// npm run architectures [-- NAME ...]: the static executables of all architectures, or of those with these names, run by qemu
// through a table of cases. Each case has to end exactly as it does on this machine: exit code, output, the IDs that the kernel
// tells, and every file with its owner.

import { cases, compare, IMPOSSIBLE, isForeground, prepare } from "../test/support/emulated.ts";
import { ARCHITECTURES, architectureNamed } from "./architectures.ts";
import { ensureStatic, STATIC } from "./executables.ts";
import { tell } from "./host.ts";

const TERMINAL = "the foreground of a terminal";
const SAME = "same";

const names = process.argv.slice(2);
const asked = names.length === 0 ? ARCHITECTURES : names.map(architectureNamed);

await ensureStatic("x86_64", STATIC);
/** By case, what came of it on each architecture. */
const rows = new Map<string, string[]>();
const differences: string[] = [];
const add = (name: string, result: string): void => {
  rows.set(name, [...(rows.get(name) ?? []), result]);
};
for (const architecture of asked) {
  const executable = await prepare(architecture);
  tell(`${architecture.name}: ${cases.length + 1} cases`, "build");
  await compare(executable, cases, ({ name }, difference) => {
    const isPossible = executable.emulator === undefined || IMPOSSIBLE[name] === undefined;
    add(name, difference === "" ? SAME : isPossible ? "DIFFERS" : "-");
    if (difference !== "" && isPossible) differences.push(`${architecture.name}: ${name}: ${difference}`);
  });
  const isAhead = isForeground(executable);
  add(TERMINAL, isAhead ? SAME : "DIFFERS");
  if (!isAhead) differences.push(`${architecture.name}: ${TERMINAL}`);
}

const width = Math.max(...[...rows.keys()].map((name) => name.length)) + 2;
const cell = (text: string): string => text.padEnd(9);
console.log(`${"".padEnd(width)}${asked.map(({ name }) => cell(name)).join("")}`);
for (const [name, results] of rows) console.log(`${name.padEnd(width)}${results.map(cell).join("")}`);
for (const [name, reason] of Object.entries(IMPOSSIBLE)) console.log(`- ${name}: ${reason}`);
for (const difference of differences) console.log(`DIFFERS ${difference}`);
console.log(`${differences.length} of ${asked.length * (cases.length + 1)} cases differ from this machine`);
process.exitCode = differences.length === 0 ? 0 : 1;

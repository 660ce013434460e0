// npm run architectures [-- NAME ...]: the static executables of all architectures, or of those with these names, run by qemu
// through a table of cases. Each case has to end exactly as it does on this machine: exit code, output, the IDs that the kernel
// tells, and every file with its owner.

import { cases, compare, IMPOSSIBLE, isForeground, prepare, UNSEEN } from "../test/support/emulated.ts";
import { ARCHITECTURES, type Architecture, architectureNamed } from "./architectures.ts";
import { ensureStatic, STATIC } from "./executables.ts";
import { SetupError, tell } from "./host.ts";

const TERMINAL = "the foreground of a terminal";
const SAME = "same";
const DIFFERS = "DIFFERS";
const NOT_ASKED = "-";

/** What came of the cases on one architecture. */
interface Column {
  readonly architecture: Architecture;
  readonly results: ReadonlyMap<string, string>;
  /** A line for each case that ended in another way than on this machine. */
  readonly differences: readonly string[];
}

async function columnOf(architecture: Architecture): Promise<Column> {
  const executable = await prepare(architecture);
  tell(`${architecture.name}: ${cases.length + 1} cases`, "build");
  const results = new Map<string, string>();
  const differences: string[] = [];
  const add = (name: string, difference: string): void => {
    results.set(name, difference === "" ? SAME : DIFFERS);
    if (difference !== "") differences.push(`${architecture.name}: ${name}: ${difference}`);
  };
  await compare(executable, cases, ({ name }, difference) => {
    if (executable.emulator !== undefined && IMPOSSIBLE[name] !== undefined) results.set(name, NOT_ASKED);
    else add(name, difference);
  });
  add(TERMINAL, isForeground(executable) ? "" : "the command is not in it");
  return { architecture, results, differences };
}

function print(columns: readonly Column[]): void {
  const names = [...cases.map(({ name }) => name), TERMINAL];
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const row = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)}${cells.map((cell) => cell.padEnd(9)).join("")}`.trimEnd();
  const table = columns.map(({ architecture }) => architecture.name);
  console.log(row("", table));
  for (const name of names)
    console.log(
      row(
        name,
        columns.map(({ results }) => results.get(name) ?? NOT_ASKED),
      ),
    );
  for (const [name, reason] of Object.entries(IMPOSSIBLE)) console.log(`${NOT_ASKED} ${name}: ${reason}`);
  for (const what of UNSEEN) console.log(`not seen here: ${what}`);
}

try {
  const words = process.argv.slice(2);
  const asked = words.length === 0 ? ARCHITECTURES : words.map(architectureNamed);
  await ensureStatic("x86_64", STATIC);
  const columns: Column[] = [];
  for (const architecture of asked) columns.push(await columnOf(architecture));
  print(columns);
  const differences = columns.flatMap((column) => column.differences);
  for (const difference of differences) console.log(`${DIFFERS} ${difference}`);
  console.log(`${differences.length} of ${asked.length * (cases.length + 1)} cases ended in another way than here`);
  process.exitCode = differences.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  tell(error.message);
  process.exitCode = 1;
}

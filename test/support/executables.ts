// The two executables that every container test runs, once for each.

import { existsSync } from "node:fs";
import { join } from "node:path";
import root, { type Test } from "tap";
import { PROJECT } from "../../scripts/host.ts";

/** Longer than any test file takes, on a machine with other work to do as well. */
const FILE_MS = 600_000;

root.setTimeout(FILE_MS);

export interface Executable {
  readonly name: "static" | "sea";
  /** Where it stands on this machine. */
  readonly path: string;
}

type Body = (t: Test, executable: Executable) => Promise<void>;

/** Both executables, built. */
export const executables: readonly Executable[] = [
  { name: "static", path: join(PROJECT, "dist", "tsgosu-static") },
  { name: "sea", path: join(PROJECT, "dist", "tsgosu") },
];

/** A test once per executable, under a name that says which. */
export function onBoth(t: Test, name: string, body: Body): void {
  for (const executable of executables) onOne(t, executable, name, body);
}

/** A test of what only the static executable is made for. */
export function onStatic(t: Test, name: string, body: Body): void {
  for (const executable of executables) if (executable.name === "static") onOne(t, executable, name, body);
}

function onOne(t: Test, executable: Executable, name: string, body: Body): void {
  void t.test(`${executable.name}: ${name}`, async (t) => {
    if (!existsSync(executable.path)) throw new Error(`${executable.path} is missing: npm run build`);
    await body(t, executable);
  });
}

// The two executables that every container test runs, once for each.

import { existsSync } from "node:fs";
import root, { type Test } from "tap";
import { type Executable, executables } from "./builds.ts";

export { type Executable, executables };

/** Longer than any test file takes, on a machine with other work to do as well. */
const FILE_MS = 600_000;

root.setTimeout(FILE_MS);

type Body = (t: Test, executable: Executable) => Promise<void>;

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

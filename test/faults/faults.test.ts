// A few hundred of the faults that npm run faults tries, so that each system call fails once for each executable.

import { readFileSync } from "node:fs";
import t from "tap";
import { executables } from "../support/builds.ts";
import { ERRORS } from "./errors.ts";
import { describe, tryFaults } from "./faults.ts";
import { hasHeld } from "./judge.ts";

t.setTimeout(600_000);

/** Calls of src/kernel/calls.ts that are not failed: they cannot fail as tsgosu makes them (lseek to the start), or do not come back. */
const NEVER_FAIL = ["getpid", "getppid", "getsid", "lseek", "exit_group"];

t.test("every system call has errors to be failed with", async (t) => {
  const calls = readFileSync("src/kernel/calls.ts", "utf8").matchAll(/^ {2}abstract (\w+)\(/gm);
  // A call that is there for two kinds of words has a second name, which ends so.
  const names = [...calls].map(([, name = ""]) => name.replace(/_into$/, ""));
  for (const name of names) t.equal(name in ERRORS, !NEVER_FAIL.includes(name), name);
});

for (const { name } of executables)
  t.test(
    `${name}: the command runs as exactly who was asked, or not at all, and what goes wrong is said`,
    async (t) => {
      const { runs, missed } = await tryFaults("short", [name], () => {});
      for (const run of runs) t.ok(hasHeld(run.verdict), describe(run), { found: run.verdict });
      // Node makes calls of its own among those of tsgosu, not as many each time: a fault that is counted off may meet none.
      const most = name === "sea" ? runs.length / 20 : 0;
      t.ok(missed.length <= most, "the faults have met their calls", { missed: missed.map(describe) });
      t.ok(new Set(runs.map(({ fault }) => fault?.site.call)).size > 35, "and most calls were failed");
    },
  );

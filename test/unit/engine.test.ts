// How the container engine is set up: what podman reads is whole at any time, while other test files set it up as well.

import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { containersConf, replaceFile } from "../../scripts/engine.ts";

t.test("a file is replaced, not cut: whoever has it open reads the whole of what was there", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-engine-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "containers.conf");
  replaceFile(file, "first\n");
  const reader = openSync(file, "r");
  replaceFile(file, "second\n");
  t.equal(readFileSync(reader, "utf8"), "first\n");
  closeSync(reader);
  t.equal(readFileSync(file, "utf8"), "second\n");
  t.same(readdirSync(directory), ["containers.conf"], "nothing is left beside it");
  t.end();
});

t.test("where limits may not be raised, podman is told to ask for no more than there is", (t) => {
  const machine = {
    mayRaiseLimits: false,
    hardFiles: 1024,
    hardProcesses: Number.POSITIVE_INFINITY,
    hasSystemd: true,
    hasUnifiedCgroups: true,
    hasRunc: true,
  };
  t.match(containersConf(machine), 'default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n');
  t.notMatch(containersConf({ ...machine, mayRaiseLimits: true }), "default_ulimits");
  t.end();
});

// What the scripts change on the machine, and what `npm run clean` puts back.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { addLine, rememberedPackages, rememberPackages, takeLinesOut } from "../../scripts/changes.ts";
import { attempt, hasProgram, isInstalled } from "../../scripts/host.ts";
import { isRelease } from "../../scripts/images.ts";

const RANGE = "containers:1000000:1048576";

t.test("a line that was added is taken out again, once, and nothing else", async (t) => {
  const folder = t.testdir({ subuid: `somebody:100000:65536\n${RANGE}\n`, subgid: "no newline at its end" });
  const added = join(folder, "added");
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  for (const name of ["subuid", "subgid", "missing"]) addLine(added, join(folder, name), RANGE);
  t.equal(read("subuid"), `somebody:100000:65536\n${RANGE}\n${RANGE}\n`);
  t.equal(read("subgid"), `no newline at its end\n${RANGE}\n`);
  t.equal(read("missing"), `${RANGE}\n`);
  writeFileSync(join(folder, "subuid"), `${read("subuid")}later:1:1\n`);

  t.same(
    takeLinesOut(added),
    ["subuid", "subgid", "missing"].map((name) => `${join(folder, name)}: ${RANGE}`),
  );
  t.equal(read("subuid"), `somebody:100000:65536\n${RANGE}\nlater:1:1\n`, "the line that was there before stays");
  t.equal(read("subgid"), "no newline at its end\n");
  t.equal(read("missing"), "");
  t.same(takeLinesOut(added), [], "only once");
  t.equal(read("subuid"), `somebody:100000:65536\n${RANGE}\nlater:1:1\n`);
});

t.test("a line that somebody took out, and a file that is gone, are no error", async (t) => {
  const folder = t.testdir({ subuid: "" });
  const added = join(folder, "added");
  addLine(added, join(folder, "subuid"), RANGE);
  writeFileSync(join(folder, "subuid"), "other:1:1\n");
  t.same(takeLinesOut(added), []);
  t.equal(readFileSync(join(folder, "subuid"), "utf8"), "other:1:1\n");
});

t.test("packages are remembered once each", async (t) => {
  const added = join(t.testdir({}), "added");
  t.same(rememberedPackages(added), []);
  rememberPackages(added, ["podman", "runc"]);
  rememberPackages(added, ["mmdebstrap", "runc"]);
  t.same(rememberedPackages(added), ["podman", "runc", "mmdebstrap"]);
});

t.test("only the release image is known by its name", async (t) => {
  for (const name of ["tsgosu:latest", "localhost/tsgosu:arm64", "localhost/tsgosu-release:amd64-0123"])
    t.ok(isRelease(name), name);
  for (const name of [
    "tsgosu-mine:latest",
    "example.org/tsgosu:latest",
    "localhost/not-tsgosu:1",
    "tsgosu-release-2:1",
  ])
    t.notOk(isRelease(name), name);
});

t.test("a machine that lacks what npm scripts need is told so, and counts as a failed test", async (t) => {
  const folder = t.testdir({});
  const prepare = (script: string) =>
    attempt(["/bin/sh", join(process.cwd(), "scripts/prepare.sh")], {
      environment: { PATH: folder, npm_lifecycle_event: script },
    });
  const message = "tsgosu: install these packages first, then run this again: libatomic1 binutils\n";
  t.match(prepare("test"), { code: 1, stdout: "0 passed, 1 failed\n" });
  t.match(prepare("build"), { code: 1, stdout: "" });
  t.ok(prepare("build").stderr.endsWith(message));
  t.notOk(existsSync(join(folder, "build")));
});

t.test("a package that was there before is known as installed", { skip: !hasProgram("dpkg-query") }, async (t) => {
  t.ok(isInstalled("dpkg"));
  t.notOk(isInstalled("no-such-package"));
});

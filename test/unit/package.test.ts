// What `npm pack` makes, from a checkout with and without the executable.

import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { attempt, type Outcome } from "../../scripts/host.ts";

/** A checkout with nothing built; what stands for the executable is written by the tests. */
const folder = t.testdir({});
for (const name of ["package.json", "tsgosu.1", "README.md", "LICENSE", "CHANGELOG.md"])
  copyFileSync(name, join(folder, name));
cpSync("scripts", join(folder, "scripts"), { recursive: true });

function pack(): Outcome {
  // The test runner's own options are not for npm.
  return attempt(["env", "-u", "NODE_OPTIONS", "-C", folder, "npm", "pack", "--dry-run", "--json"]);
}

t.test("without the executable there is no package, and a line says what to do", async (t) => {
  const { code, stderr } = pack();
  t.not(code, 0);
  t.match(stderr, /^tsgosu: npm pack: dist\/tsgosu-static is missing: run npm run build:static first$/m);
});

t.test("the package is for x86-64 and holds what bin names, its source as C, and the documents", async (t) => {
  mkdirSync(join(folder, "dist"));
  for (const name of ["tsgosu-static", "tsgosu-static.c", "tsgosu"]) writeFileSync(join(folder, "dist", name), name);
  const { code, stdout } = pack();
  t.equal(code, 0);
  t.same([...stdout.matchAll(/"path": "([^"]+)"/g)].map(([, path]) => path).sort(), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist/tsgosu-static",
    "dist/tsgosu-static.c",
    "package.json",
    "tsgosu.1",
  ]);
  const description = JSON.parse(readFileSync("package.json", "utf8")) as Readonly<Record<string, unknown>>;
  t.same(description["cpu"], ["x64"]);
  t.same(description["bin"], { tsgosu: "dist/tsgosu-static" });
});

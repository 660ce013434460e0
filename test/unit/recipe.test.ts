// What is made again and what is not (scripts/recipe.ts), and that the executables' recipes forget nothing.

import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { SEA_INPUTS, STATIC_INPUTS } from "../../scripts/executables.ts";
import { follow, type Recipe } from "../../scripts/recipe.ts";

interface Workshop {
  readonly recipe: Recipe;
  /** How often the outputs were made. */
  readonly made: () => number;
  /** Follows the recipe; whether something was made. */
  readonly follow: () => Promise<boolean>;
  readonly path: (name: string) => string;
}

/** Two outputs of a file and a folder, made once. `before` runs while they are made. */
async function workshop(t: Test, before: () => void = () => {}): Promise<Workshop> {
  const folder = t.testdir({ file: "a file", source: { one: "1", two: "2" } });
  const path = (name: string): string => join(folder, name);
  let made = 0;
  const recipe: Recipe = {
    outputs: [path("out"), path("also")],
    inputs: [path("file"), path("source")],
    make: () => {
      made++;
      before();
      writeFileSync(path("out"), `${readFileSync(path("file"), "utf8")} and more`);
      writeFileSync(path("also"), "also");
    },
  };
  const work = { recipe, made: () => made, follow: () => follow(recipe, path("stamps")), path };
  t.equal(await work.follow(), true, "the first time");
  return work;
}

t.test("nothing is made again while nothing changes, whatever the times of the files say", async (t) => {
  const { follow, made, path } = await workshop(t);
  utimesSync(path("file"), new Date(), new Date());
  utimesSync(path("out"), new Date(0), new Date(0));
  t.equal(await follow(), false);
  t.equal(made(), 1);
});

const CHANGES: Readonly<Record<string, (path: Workshop["path"]) => void>> = {
  "an input has other content of the same length, and its old time": (path) => {
    const { atime, mtime } = statSync(path("file"));
    writeFileSync(path("file"), "b file");
    utimesSync(path("file"), atime, mtime);
  },
  "a file in a folder changed": (path) => writeFileSync(path("source/two"), "3"),
  "a folder has one file more": (path) => writeFileSync(path("source/three"), ""),
  "a folder has one file less": (path) => rmSync(path("source/one")),
  "a file moved within a folder": (path) => {
    mkdirSync(path("source/under"));
    writeFileSync(path("source/under/one"), "1");
    rmSync(path("source/one"));
  },
  "an output is missing": (path) => rmSync(path("also")),
  "an output was changed": (path) => writeFileSync(path("out"), "an older build"),
  "nobody remembers what they were made of": (path) => rmSync(path("stamps"), { recursive: true }),
};

for (const [what, change] of Object.entries(CHANGES)) {
  t.test(`made again, and once: ${what}`, async (t) => {
    const { follow, made, path } = await workshop(t);
    change(path);
    t.equal(await follow(), true);
    t.equal(await follow(), false);
    t.equal(made(), 2);
    t.equal(readFileSync(path("out"), "utf8"), `${readFileSync(path("file"), "utf8")} and more`);
  });
}

t.test("an attempt that failed is made again, although its outputs are there", async (t) => {
  let fails = false;
  const { follow, path, made } = await workshop(t, () => {
    if (fails) throw new Error("the compiler fell over");
  });
  writeFileSync(path("file"), "another");
  fails = true;
  await t.rejects(follow(), { message: "the compiler fell over" });
  fails = false;
  writeFileSync(path("file"), "a file");
  t.equal(await follow(), true, "even with the inputs of before");
  t.equal(made(), 3);
});

t.test("an input that changes while the outputs are made makes them outdated", async (t) => {
  let file = "";
  const { follow, path } = await workshop(t, () => {
    if (file !== "") writeFileSync(file, "changed meanwhile");
  });
  file = path("file");
  writeFileSync(file, "another");
  t.equal(await follow(), true);
  t.equal(await follow(), true, "the change of meanwhile");
  t.equal(await follow(), false);
});

t.test("an input that is missing is an error", async (t) => {
  const { follow, path } = await workshop(t);
  rmSync(path("file"));
  await t.rejects(follow(), { code: "ENOENT" });
});

/** The scripts that a script imports, and those that these import. */
function scriptsOf(script: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(script)) return seen;
  seen.add(script);
  const text = readFileSync(script, "utf8");
  for (const [, name = ""] of text.matchAll(/from "\.\/([\w-]+\.ts)"/g)) scriptsOf(join("scripts", name), seen);
  return seen;
}

t.test("every script that builds an executable is among what it is made of", async (t) => {
  for (const [script, inputs] of [
    ["scripts/build-static.ts", STATIC_INPUTS],
    ["scripts/build-sea.ts", SEA_INPUTS],
    // Run as a program by build-static.ts.
    ["scripts/scriptc.ts", STATIC_INPUTS],
  ] as const)
    for (const one of scriptsOf(script)) t.ok(inputs.includes(one), `${script}: ${one}`);
});

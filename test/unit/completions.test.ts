// The completions are those of the table of options, and bash completes what may stand at the cursor.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { COMPLETIONS, completions } from "../../scripts/completions.ts";
import { PROJECT } from "../../scripts/host.ts";
import { optionTable } from "../../src/cli/options.ts";

const FOLDER = join(PROJECT, "completions");
const table = optionTable();

t.test("the files are what scripts/completions.ts makes of the table (npm run completions)", async (t) => {
  t.same(readdirSync(FOLDER).sort(), Object.keys(COMPLETIONS).sort());
  for (const [name, text] of completions(table)) t.equal(readFileSync(join(FOLDER, name), "utf8"), text, name);
});

t.test("each shell has each option", async (t) => {
  for (const [file, text] of completions(table))
    for (const { name } of table)
      t.ok(text.includes(file.endsWith(".fish") ? `-l ${name.slice(2)}` : name), `${file}: ${name}`);
});

/** What bash completes at the last of these words, where every other is as bash takes it apart. */
function completed(...words: readonly string[]): string[] {
  const script = `source ${join(FOLDER, "tsgosu.bash")}; COMP_WORDS=(tsgosu "$@"); COMP_CWORD=$#; _tsgosu; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: "/usr/bin:/bin" };
  const output = execFileSync("bash", ["--norc", "-c", script, "bash", ...words], {
    encoding: "utf8",
    cwd: PROJECT,
    env,
  });
  return output.split("\n").filter((line) => line !== "");
}

t.test("bash", async (t) => {
  t.same(completed("--ex"), ["--exec", "--explain"]);
  t.same(
    completed("-"),
    table.flatMap(({ name, letter }) => (letter === undefined ? [name] : [`-${letter}`, name])),
  );
  t.same(completed("--orphans", ""), ["leave", "stop", "reap"]);
  t.same(completed("--orphans", "=", "s"), ["stop"], "a value that is joined");
  t.same(completed("--orphans", "="), ["leave", "stop", "reap"]);
  t.same(completed("-p", "TE"), ["TERM"]);
  t.same(completed("--match", "tsgosu"), ["tsgosu.1"], "a path");
  t.same(completed("--grace", ""), [], "a number");
  for (const before of [
    [],
    ["--"],
    ["--exec"],
    ["--match", "/app"],
    ["--match", "=", "/app"],
    ["-g", "--umask", "002"],
  ])
    t.same(completed(...before, "roo"), ["root"], `a user after '${before.join(" ")}'`);
  t.same(completed("--", "--ex"), [], "no option after --");
  t.ok(completed("root", "bas").includes("bash"), "a command");
  t.same(completed("root", "--ex"), [], "no option after the user-spec");
  t.same(completed("root", "cat", "tsgosu"), ["tsgosu.1"], "the command's words");
  t.same(completed("--exec", "--", "root", "cat", "--", "tsgosu"), ["tsgosu.1"]);
});

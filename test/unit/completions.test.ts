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
  const line = ["tsgosu", ...words].reduce((text, word, at, all) =>
    word === ":" || all[at - 1] === ":" ? text + word : `${text} ${word}`,
  );
  return completedIn(line, words);
}

/** The same, for a line in which the words stand so. */
function completedIn(line: string, words: readonly string[], breaks = ":="): string[] {
  const script = `source ${join(FOLDER, "tsgosu.bash")}; COMP_WORDBREAKS=$2 COMP_LINE=$1 COMP_POINT=\${#1}; shift 2; COMP_WORDS=(tsgosu "$@"); COMP_CWORD=$#; _tsgosu; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: "/usr/bin:/bin" };
  const output = execFileSync("bash", ["--norc", "-c", script, "bash", line, breaks, ...words], {
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
  t.same(completed("root", ":", "roo"), ["root"], "a group");
  t.same(completed("--exec", "root", ":", "roo"), ["root"]);
  t.ok(completed("root", ":").includes("daemon"), "every group");
  t.same(completedIn("tsgosu :roo", [":", "roo"]), ["root"], "a group alone");
  t.same(
    completedIn("tsgosu root:roo", ["root:roo"], "="),
    ["root:root"],
    "where bash does not break words at a colon",
  );
  t.ok(completed("root", ":", "root", "bas").includes("bash"), "a command after user:group");
  t.ok(completedIn("tsgosu --exec :root bas", ["--exec", ":", "root", "bas"]).includes("bash"));
  t.same(completed("-r", "TERM", ":", "QUIT", "roo"), ["root"], "a user after a value with a colon");
  t.ok(completed("root", "bas").includes("bash"), "a command");
  t.same(completed("root", "--ex"), [], "no option after the user-spec");
  t.same(completed("root", "cat", "tsgosu"), ["tsgosu.1"], "the command's words");
  t.same(completed("--exec", "--", "root", "cat", "--", "tsgosu"), ["tsgosu.1"]);
});

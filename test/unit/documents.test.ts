// The man page and the README list the options of the table: each with its letter and the word for its value, and no other.

import { readFileSync } from "node:fs";
import t from "tap";
import { CHECK_USAGE, EXPLAIN_USAGE, helpText, OTHER_USAGE, optionTitle, RUN_USAGE } from "../../src/cli/help.ts";
import { optionTable } from "../../src/cli/options.ts";
import { DEFAULT_INIT_OPTIONS } from "../../src/init/options.ts";

const titles = optionTable().map(optionTitle);

/** The lines of a section of the man page. */
function section(name: string): string[] {
  const page = readFileSync("tsgosu.1", "utf8");
  return (page.split(/^\.SH /m).find((text) => text.startsWith(`${name}\n`)) ?? "").split("\n");
}

/** What a line of roff prints: `.BR \-e ", " \-\-grace` is `-e, --grace`. */
function printed(line: string): string {
  const words = /^\.(B|I) /.test(line) ? [line.slice(3)] : (line.slice(4).match(/"[^"]*"|\S+/g) ?? []);
  return words
    .map((word) => word.replace(/^"(.*)"$/, "$1"))
    .join("")
    .replace(/\\f./g, "")
    .replaceAll("\\-", "-");
}

t.test("man page", async (t) => {
  const lines = section("OPTIONS");
  const listed = lines.filter((_, at) => lines[at - 1] === ".TP").map(printed);
  t.same(listed, titles);
});

t.test("every command line stands in the synopsis of the man page and in the help", async (t) => {
  const usages = [RUN_USAGE, CHECK_USAGE, EXPLAIN_USAGE, OTHER_USAGE];
  const printedLines = section("SYNOPSIS")
    .slice(1)
    .map((line) => (line.startsWith(".") && line !== ".br" ? printed(line) : line));
  const synopsis = printedLines.join(" ").split(".br");
  t.same(
    synopsis.map((line) => line.trim()),
    usages,
  );
  const help = helpText().split("\n", usages.length);
  t.same(
    help.map((line) => line.slice("usage: ".length)),
    usages,
  );
  t.match(EXPLAIN_USAGE, "--explain MESSAGE");
});

t.test("README", async (t) => {
  const readme = readFileSync("README.md", "utf8");
  const rows = /^\| option \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(readme)?.[1] ?? "";
  const listed = rows
    .split("\n")
    .map((row) => row.split(/(?<!\\)\|/)[1] ?? "")
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, title = ""]) => title.replaceAll("\\|", "|")));
  t.same(listed.sort(), [...titles].sort());
});

/** What README and man page name somewhere in their text. */
const NAMES_OF_OTHERS = new Set([
  // The word of the Node executable's own second step (src/kernel/node/kernel.ts).
  "--as-listener",
  // docker, podman, npm, kubectl, sudo, and the tools that tsgosu is compared with.
  ..."--rm --chroot --entrypoint --user --cap-add --cap-drop --group-add --privileged --security-opt --passwd --from".split(
    " ",
  ),
  ..."--create-home --uid --gid --userspec --disable-sigusr1".split(" "),
  // A release: npm run release, verify, skopeo, COPY, npm.
  ..."--key --all --chmod --offline".split(" "),
]);

t.test("no text names an option that is not there", async (t) => {
  const names = new Set(optionTable().map(({ name }) => name));
  for (const file of ["README.md", "SECURITY.md", "docs/cve.md", "tsgosu.1", "CHANGELOG.md"]) {
    const text = readFileSync(file, "utf8").replaceAll("\\-", "-");
    for (const [name] of text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g))
      t.ok(names.has(name) || NAMES_OF_OTHERS.has(name), `${file}: ${name}`);
  }
});

t.test("the value that the help calls the default is the default", async (t) => {
  const defaults = optionTable().flatMap(({ name, byDefault }) => (byDefault === undefined ? [] : [[name, byDefault]]));
  t.same(defaults, [["--orphans", DEFAULT_INIT_OPTIONS.orphans]]);
});

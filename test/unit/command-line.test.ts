// Words → what is asked for.

import fc from "fast-check";
import t from "tap";
import { helpText, optionTitle } from "../../src/cli/help.ts";
import { parseCommandLine } from "../../src/cli/names.ts";
import { nearestOption } from "../../src/cli/nearest.ts";
import { type Option, optionTable } from "../../src/cli/options.ts";
import type { CheckRequest, Request, RunRequest } from "../../src/cli/request.ts";
import { Failure } from "../../src/failure.ts";
import { parseWords } from "../support/words.ts";

function parse(...words: readonly string[]): Request {
  return parseWords(words);
}

/** The message and the hint of the Failure that the words end in. */
function failure(...words: readonly string[]): string {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof Failure) return `${error.code} ${error.message}\n${error.hint}`;
    throw error;
  }
  return "accepted";
}

t.test("user-spec and command", async (t) => {
  t.match(parse("tsgosu", "app", "true"), { action: "run", mode: "auto", userSpec: "app", firstWord: 2 });
  t.match(parse("tsgosu", "app", "true", "--exec", "-x"), { mode: "auto", firstWord: 2 }, "the rest is the command's");
  t.match(parse("tsgosu", "--", "-app", "true"), { userSpec: "-app", firstWord: 3 });
  t.match(parse("tsgosu", "-", "true"), { userSpec: "-", firstWord: 2 }, "a single - is a word");
  t.match(parse("tsgosu", ":staff", "true"), { userSpec: ":staff", firstWord: 2 });
  t.match(
    parse("tsgosu", "app", "--", "x"),
    { userSpec: "app", firstWord: 2 },
    "-- after the user-spec is the command",
  );
});

t.test("an empty user-spec is a variable that is not set", async (t) => {
  const expected = /^125 the user-spec is empty\nis the variable .* set\?$/;
  t.match(failure("tsgosu", "", "id"), expected);
  t.match(failure("tsgosu", "", ""), expected);
  t.match(failure("tsgosu", ""), expected);
  t.match(failure("tsgosu", "--", "", "id"), expected);
  t.match(failure("tsgosu", "--if-root", "", "id"), expected);
  t.match(failure("tsgosu", "--check", ""), expected);
  t.match(failure("init", "", "id"), expected, "whatever the name");
  for (const name of ["gosu", "su-exec"])
    t.match(parse(name, "", "id"), { userSpec: "", firstWord: 2 }, `${name}: the current user, as ever`);
});

t.test("options", async (t) => {
  t.match(parse("tsgosu", "--exec", "app", "true"), { mode: "exec" });
  t.match(parse("tsgosu", "--init", "app", "true"), { mode: "init" });
  t.match(parse("tsgosu", "--if-root", "--login", "--keep-stdio-owner", "--verbose", "a", "b"), {
    settings: { ifRoot: true, login: true, keepStdioOwner: true, verbose: true },
    firstWord: 6,
  });
  t.match(parse("tsgosu", "--match", "/a", "--chown=/b", "--chown", "/c=d", "--no-chown", "a", "b"), {
    settings: { match: "/a", chown: ["/b", "/c=d"], noChown: true },
  });
  t.match(parse("tsgosu", "--caps", "none", "--no-new-privs", "--restricted", "a", "b"), {
    settings: { caps: "none", noNewPrivs: true, restricted: true },
  });
  for (const word of ["--help", "-h"]) t.same(parse("tsgosu", word), { action: "help" });
  for (const word of ["--version", "-v"]) t.same(parse("tsgosu", word), { action: "version" });
  t.same(parse("tsgosu", "--exec", "-h", "--nosuch"), { action: "help" }, "nothing after it is read");
});

t.test("a umask is octal, and no other mode", async (t) => {
  for (const [word, umask] of [
    ["0", 0],
    ["2", 0o2],
    ["027", 0o27],
    ["0777", 0o777],
    ["777", 0o777],
  ] as const)
    t.match(parse("tsgosu", "--umask", word, "a", "b"), { settings: { umask } }, word);
  for (const word of ["8", "0o22", "022 ", "1000", "02777", "u=rwx", "é", "99999999999999999999"])
    t.match(failure("tsgosu", "--umask", word, "a", "b"), /^125 --umask '.*': invalid value\nMODE is octal/, word);
});

t.test("--check and --explain run nothing", async (t) => {
  t.match(parse("tsgosu", "--check"), { action: "check", userSpec: undefined, json: false });
  t.match(parse("tsgosu", "--json", "--check", "app"), { action: "check", userSpec: "app", json: true });
  t.same(parse("tsgosu", "--explain", "x y"), { action: "explain", message: "x y" });
  for (const words of [
    ["--check", "--explain=-m"],
    ["--explain=-m", "--check"],
  ])
    t.same(parse("tsgosu", ...words), { action: "explain", message: "-m" });
  t.match(failure("tsgosu", "--check", "app", "id"), /^125 'id': --check runs no command/);
  t.match(failure("tsgosu", "--explain", "x", "app"), /^125 --explain: takes a message, and neither/);
  t.match(failure("tsgosu", "--json", "app", "id"), /^125 --json: only with --check/);
  t.match(
    failure("tsgosu", "--check", "--json", "--explain", "x"),
    /^125 --explain: takes a message, and neither --json/,
  );
});

t.test("the names of others", async (t) => {
  for (const name of ["gosu", "/usr/bin/gosu", "su-exec", "./su-exec"]) {
    t.match(parse(name, "app", "true"), { mode: "exec", userSpec: "app", firstWord: 2 });
    t.match(parse(name, "--init", "true"), { mode: "exec", userSpec: "--init" }, "no options there");
    t.equal(parse(name, "--version").action, "version");
    const own = name.slice(name.lastIndexOf("/") + 1);
    t.match(parse(name, "-h"), { action: "print", fd: 1, text: `usage: ${own} user-spec command [argument ...]\n` });
    t.equal(failure(name), `125 no user-spec and no command\nusage: ${own} user-spec command [argument ...]`);
    t.match(failure(name, "app"), `usage: ${own} user-spec`);
  }
  t.match(parse("gosu-x", "--exec", "app", "true"), { userSpec: "app" });
  t.match(parse("", "app", "true"), { userSpec: "app", mode: "auto" });
});

t.test("what cannot be", async (t) => {
  t.match(failure(), /^125 no user-spec and no command/);
  t.match(failure("tsgosu"), /^125 no user-spec and no command/);
  t.match(failure("tsgosu", "app"), /^125 no command after user-spec 'app'/);
  t.match(failure("tsgosu", "--"), /^125 no user-spec/);
  t.match(failure("gosu"), /^125 no user-spec/);
  t.match(failure("gosu", "app"), /^125 no command/);
  t.match(failure("tsgosu", "--exec", "--init", "app", "x"), /^125 --exec and --init/);
  t.match(failure("tsgosu", "--init", "--exec", "app", "x"), /^125 --exec and --init/);
});

t.test("what is no option", async (t) => {
  const words = [
    "--frobnicate",
    "-x",
    "-gX",
    "-gh",
    "-hg",
    "-hx",
    "--=",
    "--=x",
    "---",
    "--e",
    "--exe",
    "--EXEC",
    "-é",
  ];
  // One word with the names of several options.
  const several = ["--match --chown", "--caps --explain", "--grace --orphans", "--exec --init", "--exec "];
  for (const word of [...words, ...several])
    t.match(failure("tsgosu", word, "app", "x"), `125 ${word}: unknown option\n`, word);
  t.match(parse("tsgosu", " --exec", "x"), { userSpec: " --exec" }, "a word that does not begin with - is no option");
  t.match(failure("tsgosu", "--exec=x", "app", "x"), /^125 --exec=x: --exec takes no value\n$/);
  t.match(failure("tsgosu", "--exec=", "app", "x"), /^125 --exec=: --exec takes no value\n$/);
  t.match(failure("tsgosu", "--help=x", "app", "x"), /^125 --help=x: --help takes no value\n$/);
});

t.test("a value that is missing", async (t) => {
  for (const { name, value } of optionTable()) {
    if (value === undefined) continue;
    const missing = new RegExp(`^125 ${name}: its value is missing or empty\nis the variable .* set\\?$`);
    t.match(failure("tsgosu", name), missing, `${name} as the last word`);
    t.match(failure("tsgosu", name, "", "app", "x"), missing, `${name} ''`);
    t.match(failure("tsgosu", `${name}=`, "app", "x"), missing, `${name}=`);
    for (const next of ["--exec", "-g", "-x", "--", "-1"])
      t.match(
        failure("tsgosu", name, next, "app", "x"),
        `125 ${name}: its value is missing before ${next}\nif that is the value: ${name}=${next}`,
        `${name} ${next}`,
      );
  }
  t.match(parse("tsgosu", "--match=-dir", "--chown", "-", "app", "x"), { settings: { match: "-dir", chown: ["-"] } });
  t.match(
    failure("tsgosu", "--caps", "app", "id"),
    /^125 --caps 'app': there is no capability 'app'\n/,
    "a forgotten LIST",
  );
  const taken = "'app' was taken as the value of";
  t.equal(failure("tsgosu", "--match", "app", "id"), `125 no command after user-spec 'id'\n${taken} --match`);
  t.equal(
    failure("tsgosu", "--init", "-r", "1:2", "-s", "--chown", "app"),
    `125 no user-spec and no command\n${taken} --chown`,
  );
  for (const words of [["--exec", "app"], ["--match=/x", "app"], ["--chown", "/x", "--", "app"], ["--"]])
    t.match(failure("tsgosu", ...words), /\nusage: /, words.join(" "));
});

/** Values that each option takes, and one that it does not, where there is such. */
const VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ["--match", ["/app", "a b", "=", "x=y"]],
  ["--chown", ["/data", "."]],
  ["--group-of", ["/var/run/docker.sock", "."]],
  ["--umask", ["002", "0777", "0", "27"]],
  ["--ok-exit", ["0", "143", "255"]],
  ["--rewrite", ["TERM:QUIT", "15:0"]],
  ["--parent-death", ["TERM", "64", "RTMIN+1"]],
  ["--grace", ["10", "0.5"]],
  ["--orphans", ["leave", "stop", "reap"]],
  ["--caps", ["none", "all", "chown,10"]],
  ["--explain", ["a message", "--x"]],
]);

/** Every way to write an option with a value, as words. */
function spellings(option: Option, value: string): string[][] {
  const { name, letter } = option;
  if (option.value === undefined) return letter === undefined ? [[name]] : [[name], [`-${letter}`]];
  const long = [[`${name}=${value}`], ...(value.startsWith("-") ? [] : [[name, value]])];
  return letter === undefined ? long : [...long, [`-${letter}`, value], [`-${letter}${value}`]];
}

/** What may follow an option, so that its action has the words it needs. */
function rest(option: Option): string[] {
  if (option.name === "--explain" || option.name === "--check") return [];
  return option.name === "--json" ? ["--check"] : ["app", "true"];
}

/** A request without the index of the command, which depends on the spelling. */
function essence(request: Request): unknown {
  return { ...request, firstWord: 0 };
}

t.test("every option in every spelling gives the same request, and another one than without it", async (t) => {
  for (const option of optionTable()) {
    const values = option.value === undefined ? [""] : (VALUES.get(option.name) ?? []);
    t.not(values.length, 0, `${option.name}: a value to try`);
    for (const value of values) {
      const requests = spellings(option, value).map((words) => essence(parse("tsgosu", ...words, ...rest(option))));
      for (const request of requests) t.same(request, requests[0], `${option.name} ${value}`);
      const without = option.name === "--json" ? parse("tsgosu", "--check") : parse("tsgosu", "app", "true");
      if (value !== option.byDefault) t.notSame(requests[0], essence(without), `${option.name} ${value} has an effect`);
    }
  }
});

t.test("of an option that is given twice the last value counts, of a repeatable one both", async (t) => {
  for (const option of optionTable()) {
    const [first = "", second = ""] = VALUES.get(option.name) ?? [];
    if (option.value === undefined) continue;
    const twice = parse("tsgosu", `${option.name}=${first}`, `${option.name}=${second}`, ...rest(option));
    const once = parse("tsgosu", `${option.name}=${second}`, ...rest(option));
    const isSame = JSON.stringify(essence(twice)) === JSON.stringify(essence(once));
    t.equal(isSame, option.repeatable !== true, option.name);
  }
});

t.test("options that stand together, in any spelling, each have their effect", async () => {
  const given = fc.oneof(
    ...optionTable()
      .filter(({ name }) => !["--help", "--version", "--check", "--json", "--explain", "--exec"].includes(name))
      .map((option) => {
        const values = option.value === undefined ? [""] : (VALUES.get(option.name) ?? []);
        return fc
          .constantFrom(...values)
          .chain((value) => fc.constantFrom(...spellings(option, value)).map((words) => ({ option, value, words })));
      }),
  );
  fc.assert(
    fc.property(fc.array(given, { maxLength: 12 }), (list) => {
      const words = list.flatMap((one) => one.words);
      const request = parse("tsgosu", ...words, "app", "true");
      const canonical = list.flatMap(({ option, value }) =>
        option.value === undefined ? [option.name] : [`${option.name}=${value}`],
      );
      const same = parse("tsgosu", ...canonical, "--", "app", "true");
      return (
        request.action === "run" &&
        request.firstWord === words.length + 2 &&
        JSON.stringify(essence(request)) === JSON.stringify(essence(same))
      );
    }),
  );
});

t.test("letters that are joined are letters one by one", async () => {
  const flag = fc.constantFrom("g", "s");
  const last = fc.constantFrom("", "e143", "pTERM", "rTERM:QUIT");
  fc.assert(
    fc.property(fc.array(flag, { minLength: 1, maxLength: 6 }), last, (flags, end) => {
      const apart = [...flags, ...(end === "" ? [] : [end])].map((word) => `-${word}`);
      const joined = parse("tsgosu", `-${flags.join("")}${end}`, "app", "true");
      return JSON.stringify(essence(joined)) === JSON.stringify(essence(parse("tsgosu", ...apart, "app", "true")));
    }),
  );
});

t.test("a word that is no option of the table is refused", async () => {
  const names = optionTable().map(({ name }) => name);
  const word = fc
    .string()
    .map((text) => `--${text}`)
    .filter((text) => text !== "--" && !names.includes(text.replace(/=.*/s, "")));
  fc.assert(
    fc.property(word, (text) => failure("tsgosu", text, "app", "true").startsWith(`125 ${text}: unknown option`)),
  );
});

t.test("whatever the words, there is a request that fits them, or a Failure", async () => {
  const table = optionTable();
  const word = fc.oneof(
    fc.constantFrom(...table.map(({ name }) => name)),
    fc.constantFrom(...[...VALUES.values()].flat()),
    fc.constantFrom("", "-", "--", "-g", "-gs", "-e", "-ge", "app", "gosu", "=", "--match=", "--exec=1"),
    fc.string(),
    fc.string().map((text) => `-${text}`),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      if (failure(...words) !== "accepted") return true;
      const request = parse(...words);
      switch (request.action) {
        case "run":
          return isRun(request, words);
        case "check":
          return isCheck(request, words);
        case "explain":
          return request.message !== "";
        case "help":
        case "version":
        case "print":
        case "pause":
          return true;
      }
    }),
    { numRuns: 2000 },
  );
});

function isRun({ userSpec, firstWord }: RunRequest, words: readonly string[]): boolean {
  return firstWord < words.length && words[firstWord - 1] === userSpec;
}

function isCheck({ userSpec }: CheckRequest, words: readonly string[]): boolean {
  return userSpec === undefined || (userSpec !== "" && words.at(-1) === userSpec);
}

t.test("names and letters stand for one option each", async (t) => {
  const table = optionTable();
  const names = table.map(({ name }) => name);
  const letters = table.flatMap(({ letter }) => letter ?? []);
  t.equal(new Set(names).size, names.length);
  t.equal(new Set(letters).size, letters.length);
  for (const name of names) t.match(name, /^--[a-z]+(-[a-z]+)*$/);
  for (const letter of letters) t.match(letter, /^[a-z]$/);
});

t.test("only the words up to the command are read", async (t) => {
  const read: number[] = [];
  const words = ["tsgosu", "--grace", "3", "app", "true", "x", "y"];
  parseCommandLine({
    count: words.length,
    at(index) {
      read.push(index);
      return words[index] ?? "";
    },
    variable: () => undefined,
  });
  t.ok(Math.max(...read) <= 4, `${read}`);
});

t.test("the help has a line for every option, in columns, under a heading that says what it is for", async (t) => {
  const lines = helpText().split("\n");
  const listed = lines.filter((line) => line.startsWith("  -"));
  t.same(
    listed.map((line) => line.slice(2).split("  ")[0]),
    optionTable().map(optionTitle),
  );
  for (const [at, option] of optionTable().entries()) t.match(listed[at]?.slice(29), option.help);
  for (const line of lines) t.ok(line.length <= 132, line);
  const headings = lines.filter((_, at) => lines[at + 1]?.startsWith("  -") === true && !lines[at]?.startsWith("  -"));
  t.ok(headings.length > 1);
  for (const heading of headings) t.match(heading, /^to [a-z, ]+:$/);
  t.same(
    optionTable().flatMap(({ heading }) => (heading === undefined ? [] : `to ${heading}:`)),
    headings,
  );
});

t.test("a wrong option names the nearest right one", async (t) => {
  for (const [word, meant] of [
    ["--exe", "--exec"],
    ["--umsk", "--umask"],
    ["--umask2=022", "--umask"],
    ["--group_of=/x", "--group-of"],
    ["--groups-of", "--group-of"],
    ["--keep-group", "--keep-groups"],
    ["--killgroup", "--kill-group"],
    ["--no-new-privileges", "--no-new-privs"],
    ["--EXEC", ""],
    ["--frobnicate", ""],
    ["--x", ""],
    ["-x", ""],
    ["--", ""],
    ["-é", ""],
    [`--exe${"c".repeat(100_000)}`, ""],
  ] as const)
    t.equal(nearestOption(optionTable(), word), meant, word.slice(0, 40));
  for (const { name } of optionTable()) t.equal(nearestOption(optionTable(), `${name}x`), name);
  t.match(failure("tsgosu", "--umsk=2", "a", "b"), /^125 --umsk=2: unknown option\nis --umask meant\? tsgosu --help/);
  t.match(failure("tsgosu", "--frobnicate", "a", "b"), /^125 --frobnicate: unknown option\ntsgosu --help/);
});

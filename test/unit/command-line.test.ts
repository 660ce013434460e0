// Words → what is asked for.

import t from "tap";
import { helpText, parseCommandLine, type Request } from "../../src/cli.ts";
import { Failure } from "../../src/failure.ts";

function parse(...words: readonly string[]): Request {
  return parseCommandLine({ count: words.length, at: (index) => words[index] ?? "" });
}

function failure(...words: readonly string[]): string {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof Failure) return `${error.code} ${error.message}`;
    throw error;
  }
  return "accepted";
}

t.test("user-spec and command", async (t) => {
  t.match(parse("tsgosu", "app", "true"), { action: "run", mode: "auto", userSpec: "app", firstWord: 2 });
  t.match(parse("tsgosu", "app", "true", "--exec", "-x"), { mode: "auto", firstWord: 2 }, "the rest is the command's");
  t.match(parse("tsgosu", "--", "-app", "true"), { userSpec: "-app", firstWord: 3 });
  t.match(parse("tsgosu", "", "true"), { userSpec: "", firstWord: 2 }, "an empty user-spec is one");
  t.match(
    parse("tsgosu", "app", "--", "x"),
    { userSpec: "app", firstWord: 2 },
    "-- after the user-spec is the command",
  );
});

t.test("options", async (t) => {
  t.match(parse("tsgosu", "--exec", "app", "true"), { mode: "exec" });
  t.match(parse("tsgosu", "--init", "app", "true"), { mode: "init" });
  t.match(parse("tsgosu", "--if-root", "--login", "--keep-stdio-owner", "--verbose", "a", "b"), {
    ifRoot: true,
    login: true,
    keepStdioOwner: true,
    verbose: true,
    firstWord: 6,
  });
  for (const word of ["--help", "-h"]) t.equal(parse("tsgosu", word).action, "help");
  for (const word of ["--version", "-v"]) t.equal(parse("tsgosu", word).action, "version");
});

t.test("the names of others", async (t) => {
  for (const name of ["gosu", "/usr/bin/gosu", "su-exec", "./su-exec"]) {
    t.match(parse(name, "app", "true"), { mode: "exec", userSpec: "app", firstWord: 2 });
    t.match(parse(name, "--init", "true"), { mode: "exec", userSpec: "--init" }, "no options there");
    t.equal(parse(name, "--version").action, "version");
    t.equal(parse(name, "-h").action, "help");
  }
  t.match(parse("gosu-x", "--exec", "app", "true"), { userSpec: "app" });
  t.match(parse("", "app", "true"), { userSpec: "app", mode: "auto" });
});

t.test("what cannot be", async (t) => {
  t.match(failure("tsgosu"), /^125 no user-spec and no command/);
  t.match(failure("tsgosu", "app"), /^125 no command after user-spec 'app'/);
  t.match(failure("tsgosu", "--"), /^125 no user-spec/);
  t.match(failure("gosu"), /^125 no user-spec/);
  t.match(failure("tsgosu", "--frobnicate", "app", "x"), /^125 --frobnicate: unknown option/);
  t.match(failure("tsgosu", "-x", "app", "x"), /^125 -x: unknown option/);
  t.match(failure("tsgosu", "--exec", "--init", "app", "x"), /^125 --exec and --init/);
});

t.test("the help names every option", async (t) => {
  for (const option of ["--exec", "--init", "--if-root", "--login", "--keep-stdio-owner", "--verbose", "--help"]) {
    t.match(helpText(), option);
  }
});

// The command lines of tini, catatonit and dumb-init.

import t from "tap";
import type { Request } from "../../src/cli/request.ts";
import { Failure } from "../../src/failure.ts";
import { DEFAULT_INIT_OPTIONS, type InitOptions } from "../../src/init/options.ts";
import { CATATONIT, DUMB_INIT, inItsWords, TINI } from "../../src/init/voice.ts";
import { VERSION } from "../../src/version.ts";
import { parseWords } from "../support/words.ts";

const NAMES = ["tini", "tini-static", "docker-init", "catatonit", "podman-init", "dumb-init"];

function parse(line: string, variables: Readonly<Record<string, string>> = {}): Request {
  return parseWords(line.split(" "), variables);
}

function initOf(line: string, variables: Readonly<Record<string, string>> = {}): InitOptions {
  const request = parse(line, variables);
  return request.action === "run" ? request.init : DEFAULT_INIT_OPTIONS;
}

function refusal(line: string): string {
  try {
    parse(line);
    return "accepted";
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

t.test("whatever the name, the command runs as whoever starts it, under an init", async (t) => {
  for (const name of NAMES) {
    for (const path of [name, `/sbin/${name}`, `/run/${name}`]) {
      const plain = { action: "run", mode: "init", userSpec: undefined, firstWord: 2, parentDeath: 0 };
      t.match(parse(`${path} true -g`), { ...plain, firstWord: 1 }, path);
      t.match(parse(`${path} -- true`), plain, `${path} --`);
      t.match(parse(`${path} - x`), { firstWord: 1 }, "a single - is a word");
    }
    t.equal(refusal(name), "missing program name", name);
    t.equal(refusal(`${name} --`), "missing program name", name);
    t.equal(refusal(`${name} -Z true`), "invalid option -- 'Z'", name);
    t.equal(refusal(`${name} -: true`), "invalid option -- ':'", name);
    t.match(parse(`${name} -h`), { action: "print" }, `${name} -h`);
    t.match(
      parse(`${name} --version`),
      { action: "print", text: new RegExp(RegExp.escape(VERSION)) },
      `${name} --version`,
    );
  }
});

t.test("tini", async (t) => {
  t.match(initOf("tini true"), {
    killGroup: false,
    subreaper: false,
    verbosity: 1,
    warnsOfOrphans: false,
    tool: TINI,
  });
  t.match(initOf("tini -gsw -vv -e 143 -e3 -- true"), {
    killGroup: true,
    subreaper: true,
    warnsOfOrphans: true,
    verbosity: 3,
    okExits: [143, 3],
  });
  t.match(parse("tini -p SIGKILL true"), { parentDeath: 9, firstWord: 3 });
  t.match(parse("tini -gpSIGTERM true"), { parentDeath: 15, firstWord: 2 });
  t.match(initOf("tini true", { TINI_SUBREAPER: "", TINI_KILL_PROCESS_GROUP: "", TINI_VERBOSITY: "3" }), {
    subreaper: true,
    killGroup: true,
    verbosity: 3,
  });
  t.equal(initOf("tini -vv true", { TINI_VERBOSITY: "0" }).verbosity, 0, "the variable counts more");
  t.equal(initOf("tini true", { TINI_VERBOSITY: "x" }).verbosity, 0);
  // Docker reads the version and the commit: github.com/moby/moby, daemon/info_unix.go, parseInitVersion.
  t.match(parse("tini --version"), { text: /^tini version [^ ]+ - git\.[^.\n]+\n$/, fd: 1 });
  for (const [line, message] of [
    ["tini -e 256 true", "Not a valid option for -e: 256"],
    ["tini -e -1 true", "Not a valid option for -e: -1"],
    ["tini -p NONE true", "Not a valid option for -p: NONE"],
    ["tini -e", "option requires an argument -- 'e'"],
    ["tini --version true", "invalid option -- '-'"],
    ["tini -R A true", "invalid option -- 'R'"],
    ["tini -P", "invalid option -- 'P'"],
  ] as const)
    t.equal(refusal(line), message, line);
});

t.test("catatonit", async (t) => {
  const kept = [21, 22, 20].map((from) => ({ from, to: 0 }));
  t.match(initOf("catatonit true"), { subreaper: true, killGroup: false, tool: CATATONIT, rewrites: kept });
  t.match(initOf("catatonit -g true"), { killGroup: true });
  t.same(parse("catatonit -P"), { action: "pause" });
  t.same(parse("podman-init -gP true"), { action: "pause" });
  t.match(parse("catatonit -L"), { action: "print" });
  t.equal(initOf("catatonit true", { CATATONIT_DEBUG: "" }).verbosity, 3);
  t.equal(refusal("catatonit --foo true"), "unrecognized option '--foo'");
  t.equal(refusal("catatonit --version=3"), "unrecognized option '--version=3'");
  t.equal(refusal("catatonit -s true"), "invalid option -- 's'");
});

t.test("dumb-init", async (t) => {
  const stops = [21, 22, 20].map((from) => ({ from, to: 19 }));
  t.match(initOf("dumb-init true"), {
    killGroup: true,
    subreaper: false,
    sharesFate: true,
    verbosity: 0,
    rewrites: stops,
  });
  for (const line of ["dumb-init -c true", "dumb-init --single-child true"])
    t.match(initOf(line), { killGroup: false, rewrites: [] }, line);
  t.match(initOf("dumb-init true", { DUMB_INIT_SETSID: "0" }), { killGroup: false });
  t.match(initOf("dumb-init true", { DUMB_INIT_SETSID: "1" }), { killGroup: true });
  t.equal(initOf("dumb-init -v true").verbosity, 3);
  t.equal(initOf("dumb-init true", { DUMB_INIT_DEBUG: "1" }).verbosity, 3);
  t.equal(initOf("dumb-init true", { DUMB_INIT_DEBUG: "yes" }).verbosity, 0);
  for (const line of ["-r 15:3 true", "-r15:3 true", "--rewrite 15:3 true", "--rewrite=15:3 true", "-cr 15:3 true"])
    t.same(initOf(`dumb-init ${line}`).rewrites.at(-1), { from: 15, to: 3 }, line);
  for (const value of ["15:x", "15", "0:3", "99:3", "9:3", "17:3"])
    t.match(refusal(`dumb-init -r ${value} true`), /^Not a valid option for -r: /, value);
  t.equal(refusal("dumb-init --verbos true"), "unrecognized option '--verbos'");
});

t.test("a failure in the words of each tool", async (t) => {
  const missing = new Failure("x: not found in PATH", "hint", 127);
  const wrong = new Failure("what");
  t.match(inItsWords(TINI, missing, 7), {
    start: "[FATAL tini (7)] ",
    message: /^exec x: /,
    code: 127,
    hint: "hint",
  });
  t.match(inItsWords(TINI, new Failure("x", "", 126), 7), { code: 126 });
  t.match(inItsWords(CATATONIT, missing, 7), {
    start: "ERROR (catatonit:7): ",
    message: /^failed to exec pid1: x/,
    code: 1,
  });
  t.match(inItsWords(DUMB_INIT, missing, 7), { start: "[dumb-init] ", message: /^x: /, code: 2 });
  for (const tool of [TINI, CATATONIT, DUMB_INIT] as const)
    t.match(inItsWords(tool, wrong, 7), { code: 1, message: "what" }, `${tool}`);
});

t.test("-V is the version to dumb-init and catatonit, as --version is", async (t) => {
  for (const name of ["dumb-init", "catatonit"]) {
    const long = parse(`${name} --version`);
    t.match(long, { action: "print", text: /\d/ });
    t.same(parse(`${name} -V`), long, name);
  }
});

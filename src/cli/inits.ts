// The command lines of tini, catatonit and dumb-init, from their manuals and sources. What they have and tsgosu has not is
// refused like any option that there is not.

import { Failure } from "../failure.ts";
import { DEFAULT_INIT_OPTIONS, type Rewrite } from "../init/options.ts";
import { DEBUG, type Tool, WARNING } from "../init/voice.ts";
import { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, signalNumber } from "../kernel/signals.ts";
import { numberOf } from "../text.ts";
import { VERSION } from "../version.ts";
import { NOTHING_ASKED, rewriteOf } from "./options.ts";
import type { Request, Words } from "./request.ts";

/** The init whose command line is taken under this name; empty for a name that is no init's. */
export function initNamed(name: string): Tool {
  switch (name) {
    case "tini":
    case "tini-static":
    case "docker-init":
      return "tini";
    case "catatonit":
    case "podman-init":
      return "catatonit";
    case "dumb-init":
      return "dumb-init";
    default:
      return "";
  }
}

const TINI_USAGE = "usage: tini [-ghlsvw] [-e CODE] [-p SIGNAL] [--] command [argument ...] | --version";
const CATATONIT_USAGE = "usage: catatonit [-ghLPV] [--] command [argument ...]";
const DUMB_INIT_USAGE = "usage: dumb-init [-chvV] [-r FROM:TO] [--] command [argument ...]";

function usageOf(tool: Tool): string {
  if (tool === "tini") return TINI_USAGE;
  return tool === "catatonit" ? CATATONIT_USAGE : DUMB_INIT_USAGE;
}

const TINI_OPTIONS = `
  -e CODE    report exit code CODE as 0 (repeatable)
  -g         forward signals to the command's whole process group (TINI_KILL_PROCESS_GROUP)
  -p SIGNAL  receive SIGNAL when the parent dies
  -s         adopt orphans although it is not PID 1 (TINI_SUBREAPER)
  -v         say more, up to three times (TINI_VERBOSITY)
  -w         warn of every orphan that is reaped
  -h, -l, --version
`;
const CATATONIT_OPTIONS = `
  -g             forward signals to the command's whole process group
  -P             pause: run nothing, reap orphans, end on SIGTERM or SIGINT
  -h, -L, -V, --version
`;
const DUMB_INIT_OPTIONS = `
  -c, --single-child     forward signals to the command alone (DUMB_INIT_SETSID=0)
  -r, --rewrite FROM:TO  forward signal FROM as signal TO, or drop it if TO is 0 (repeatable)
  -v, --verbose          say what is done (DUMB_INIT_DEBUG=1)
  -h, --help, -V, --version
`;

function helpOf(tool: Tool): string {
  let options = DUMB_INIT_OPTIONS;
  if (tool === "tini") options = TINI_OPTIONS;
  if (tool === "catatonit") options = CATATONIT_OPTIONS;
  return `tsgosu ${VERSION}, called ${tool}\n${usageOf(tool)}\n${options}`;
}

/** dockerd reads this line of tini and of catatonit, and shows what follows `git.`. */
function versionOf(tool: Tool): string {
  return tool === "dumb-init" ? `dumb-init v${VERSION}_tsgosu\n` : `tini version ${VERSION} - git.tsgosu\n`;
}

/** The letters of a tool's options; a colon stands behind one that takes a value, as for getopt(3). */
function lettersOf(tool: Tool): string {
  if (tool === "tini") return "ghlsvwe:p:";
  return tool === "catatonit" ? "ghLPV" : "chvVr:";
}

/** The letter of an option that is given by its name; empty where the tool has none of that name. */
function letterOf(tool: Tool, name: string): string {
  if (tool === "tini") return "";
  if (name === "--version") return "V";
  if (tool === "catatonit") return "";
  switch (name) {
    case "--help":
      return "h";
    case "--rewrite":
      return "r";
    case "--single-child":
      return "c";
    case "--verbose":
      return "v";
    default:
      return "";
  }
}

/** Throws a Failure for what the tool has no option or no value for, and where no command is given. */
export function parseAsInit(tool: Tool, words: Words): Request {
  const ofDumbInit = tool === "dumb-init";
  const letters = lettersOf(tool);
  let killGroup = ofDumbInit;
  let subreaper = tool === "catatonit";
  let verbosity = ofDumbInit ? 0 : WARNING;
  let warnsOfOrphans = false;
  let parentDeath = 0;
  let pauses = false;
  const okExits: number[] = [];
  const given: Rewrite[] = [];

  if (tool === "tini" && words.count === 2 && words.at(1) === "--version") return printed(versionOf(tool), 1);
  let at = 1;
  while (at < words.count) {
    const word = words.at(at);
    if (!word.startsWith("-") || word === "-") break;
    at++;
    if (word === "--") break;
    let rest = word.slice(1);
    let joined = "";
    if (rest.startsWith("-") && tool !== "tini") {
      const equals = word.indexOf("=");
      rest = letterOf(tool, equals < 0 ? word : word.slice(0, equals));
      if (rest === "") throw wrong(tool, `unrecognized option '${word}'`);
      if (equals >= 0) {
        if (rest !== "r") throw wrong(tool, `option '${word}' doesn't allow an argument`);
        joined = word.slice(equals + 1);
      }
    }
    while (rest !== "") {
      const letter = rest.charAt(0);
      rest = rest.slice(1);
      const place = letter === ":" ? -1 : letters.indexOf(letter);
      if (place < 0) throw wrong(tool, `invalid option -- '${letter}'`);
      let value = joined === "" ? rest : joined;
      if (letters.charAt(place + 1) === ":") {
        rest = "";
        if (value === "") {
          if (at >= words.count) throw wrong(tool, `option requires an argument -- '${letter}'`);
          value = words.at(at);
          at++;
        }
      }
      switch (letter) {
        case "c":
          killGroup = false;
          break;
        case "e":
          if (!(numberOf(value) <= 255)) throw wrong(tool, `Not a valid option for -e: ${value}`);
          okExits.push(numberOf(value));
          break;
        case "g":
          killGroup = true;
          break;
        case "h":
          return printed(helpOf(tool), tool === "tini" ? 1 : 2);
        case "l":
        case "L":
          return printed("tsgosu: MIT License\n", 1);
        case "p":
          parentDeath = signalNumber(value);
          if (parentDeath === 0) throw wrong(tool, `Not a valid option for -p: ${value}`);
          break;
        case "P":
          pauses = true;
          break;
        case "r": {
          const rewrite = rewriteOf(value);
          if (rewrite === undefined)
            throw wrong(tool, `-r '${value}': not FROM:TO, a signal that can be forwarded and a signal or 0`);
          given.push(rewrite);
          break;
        }
        case "s":
          subreaper = true;
          break;
        case "v":
          verbosity = ofDumbInit ? DEBUG : verbosity + 1;
          break;
        case "V":
          return printed(versionOf(tool), ofDumbInit ? 2 : 1);
        default:
          warnsOfOrphans = true;
      }
    }
  }
  if (pauses) return { action: "pause" };
  if (at >= words.count) throw wrong(tool, "missing program name");

  if (tool === "tini") {
    if (words.variable("TINI_SUBREAPER") !== undefined) subreaper = true;
    if (words.variable("TINI_KILL_PROCESS_GROUP") !== undefined) killGroup = true;
    const level = words.variable("TINI_VERBOSITY");
    // As atoi(3) has it, what is no number is 0.
    if (level !== undefined) verbosity = numberOf(level) >= 1 ? numberOf(level) : 0;
  } else if (ofDumbInit) {
    if (words.variable("DUMB_INIT_SETSID") === "0") killGroup = false;
    if (words.variable("DUMB_INIT_DEBUG") === "1") verbosity = DEBUG;
  } else if (words.variable("CATATONIT_DEBUG") !== undefined) verbosity = DEBUG;

  return {
    action: "run",
    userSpec: undefined,
    firstWord: at,
    mode: "init",
    init: {
      ...DEFAULT_INIT_OPTIONS,
      killGroup,
      subreaper,
      okExits,
      rewrites: [...stops(tool, killGroup), ...given],
      tool,
      verbosity,
      warnsOfOrphans,
      sharesFate: ofDumbInit,
    },
    parentDeath,
    settings: NOTHING_ASKED,
  };
}

/**
 * What becomes of the signals by which a terminal stops a job: catatonit and tini keep those that they get to themselves,
 * and dumb-init stops its command, which as the leader of a session of its own would not be stopped by them.
 */
function stops(tool: Tool, killGroup: boolean): Rewrite[] {
  const rewrites: Rewrite[] = [];
  if (tool === "dumb-init" && !killGroup) return rewrites;
  const to = tool === "dumb-init" ? SIGSTOP : 0;
  rewrites.push({ from: SIGTTIN, to }, { from: SIGTTOU, to });
  if (tool !== "tini") rewrites.push({ from: SIGTSTP, to });
  return rewrites;
}

function printed(text: string, fd: number): Request {
  return { action: "print", text, fd };
}

function wrong(tool: Tool, what: string): Failure {
  return new Failure(what, usageOf(tool));
}

// The command lines of tini, catatonit and dumb-init, from their manuals and sources. What they have and tsgosu has not is
// refused like any option that there is not.

import { Failure } from "../failure.ts";
import { DEFAULT_INIT_OPTIONS, type Rewrite } from "../init/options.ts";
import { CATATONIT, DEBUG, DUMB_INIT, OWN, TINI, type Tool, WARNING } from "../init/voice.ts";
import { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, signalNumber } from "../kernel/signals.ts";
import { numberOf } from "../text.ts";
import { VERSION } from "../version.ts";
import { NOTHING_ASKED, rewriteOf } from "./options.ts";
import { looksLikeOption } from "./parse.ts";
import type { Request, Words } from "./request.ts";

// Letters of options by their codes: comparing numbers takes less of the static executable than comparing strings.
const COLON = 58;
const LETTER_P = 80;
const LETTER_V = 86;
const LETTER_c = 99;
const LETTER_e = 101;
const LETTER_g = 103;
const LETTER_h = 104;
const LETTER_p = 112;
const LETTER_r = 114;
const LETTER_s = 115;
const LETTER_v = 118;
const LETTER_w = 119;

/** The init whose command line is taken under this name. */
export function initNamed(name: string): Tool {
  if (name === "tini" || name === "tini-static" || name === "docker-init") return TINI;
  if (name === "catatonit" || name === "podman-init") return CATATONIT;
  return name === "dumb-init" ? DUMB_INIT : OWN;
}

const TINI_USAGE = "usage: tini [-ghlsvw] [-e CODE] [-p SIGNAL] [--] command [argument ...] | --version";
const CATATONIT_USAGE = "usage: catatonit [-ghLPV] [--] command [argument ...]";
const DUMB_INIT_USAGE = "usage: dumb-init [-chvV] [-r FROM:TO] [--] command [argument ...]";

function usageOf(tool: Tool): string {
  if (tool === TINI) return TINI_USAGE;
  return tool === CATATONIT ? CATATONIT_USAGE : DUMB_INIT_USAGE;
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
  if (tool === TINI) options = TINI_OPTIONS;
  if (tool === CATATONIT) options = CATATONIT_OPTIONS;
  return `This is tsgosu ${VERSION}.\n${usageOf(tool)}\n${options}`;
}

/** dockerd reads this line of tini and of catatonit, and shows what follows `git.`. */
function versionOf(tool: Tool): string {
  return tool === DUMB_INIT ? `dumb-init v${VERSION}_tsgosu\n` : `tini version ${VERSION} - git.tsgosu\n`;
}

/** The letters of a tool's options; a colon stands behind one that takes a value, as for getopt(3). */
function lettersOf(tool: Tool): string {
  if (tool === TINI) return "ghlsvwe:p:";
  return tool === CATATONIT ? "ghLPV" : "chvVr:";
}

/** The letter of an option that is given by its name; 0 where the tool has none of that name. */
function letterOf(tool: Tool, name: string): number {
  if (name === "--version") return LETTER_V;
  if (tool === CATATONIT) return 0;
  if (name === "--help") return LETTER_h;
  if (name === "--rewrite") return LETTER_r;
  if (name === "--single-child") return LETTER_c;
  return name === "--verbose" ? LETTER_v : 0;
}

/** Throws a Failure for what the tool has no option or no value for, and where no command is given. */
export function parseAsInit(tool: Tool, words: Words): Request {
  const letters = lettersOf(tool);
  let killGroup = tool === DUMB_INIT;
  let subreaper = tool === CATATONIT;
  let verbosity = tool === DUMB_INIT ? 0 : WARNING;
  let warnsOfOrphans = false;
  let parentDeath = 0;
  let pauses = false;
  const okExits: number[] = [];
  const rewrites: Rewrite[] = [];

  let at = 1;
  while (at < words.count) {
    const word = words.at(at);
    if (!looksLikeOption(word)) break;
    at++;
    if (word === "--") break;
    if (word === "--version" && (tool !== TINI || words.count === 2)) return printed(versionOf(tool), tool);
    let next = 1;
    let named = 0;
    if (tool !== TINI && word.startsWith("--")) {
      next = word.indexOf("=") + 1;
      if (next === 0) next = word.length + 1;
      named = letterOf(tool, word.slice(0, next - 1));
      if (named === 0 || (named !== LETTER_r && next <= word.length))
        throw wrong(tool, `unrecognized option '${word}'`);
    }
    do {
      const letter = named === 0 ? word.charCodeAt(next++) : named;
      const place = letters.indexOf(String.fromCharCode(letter));
      if (place < 0 || letter === COLON) throw wrong(tool, `invalid option -- '${word.charAt(next - 1)}'`);
      let value = "";
      if (letters.charCodeAt(place + 1) === COLON) {
        value = word.slice(next);
        if (value === "") value = at < words.count ? words.at(at++) : "";
        if (value === "") throw wrong(tool, `option requires an argument -- '${letters.charAt(place)}'`);
        next = word.length;
      }
      switch (letter) {
        case LETTER_c:
          killGroup = false;
          break;
        case LETTER_e:
          if (!(numberOf(value) <= 255)) throw wrong(tool, `Not a valid option for -e: ${value}`);
          okExits.push(numberOf(value));
          break;
        case LETTER_g:
          killGroup = true;
          break;
        case LETTER_h:
          return printed(helpOf(tool), tool);
        case LETTER_p:
          parentDeath = signalNumber(value);
          if (parentDeath === 0) throw wrong(tool, `Not a valid option for -p: ${value}`);
          break;
        case LETTER_P:
          pauses = true;
          break;
        case LETTER_r: {
          const rewrite = rewriteOf(value);
          if (rewrite === undefined) throw wrong(tool, `Not a valid option for -r: ${value}`);
          rewrites.push(rewrite);
          break;
        }
        case LETTER_s:
          subreaper = true;
          break;
        case LETTER_v:
          verbosity += tool === DUMB_INIT ? DEBUG : 1;
          break;
        case LETTER_V:
          return printed(versionOf(tool), tool);
        case LETTER_w:
          warnsOfOrphans = true;
          break;
        default:
          return printed("tsgosu: MIT License\n", tool);
      }
    } while (named === 0 && next < word.length);
  }
  if (pauses) return { action: "pause" };
  if (at >= words.count) throw wrong(tool, "missing program name");

  if (isSet(words, "TINI_SUBREAPER", tool === TINI)) subreaper = true;
  if (isSet(words, "TINI_KILL_PROCESS_GROUP", tool === TINI)) killGroup = true;
  // As atoi(3) has it, what is no number is 0.
  if (isSet(words, "TINI_VERBOSITY", tool === TINI)) verbosity = numberOf(words.variable("TINI_VERBOSITY") ?? "") || 0;
  if (tool === DUMB_INIT && words.variable("DUMB_INIT_SETSID") === "0") killGroup = false;
  if (tool === DUMB_INIT && words.variable("DUMB_INIT_DEBUG") === "1") verbosity = DEBUG;
  if (isSet(words, "CATATONIT_DEBUG", tool === CATATONIT)) verbosity = DEBUG;

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
      rewrites: [...stops(tool, killGroup), ...rewrites],
      tool,
      verbosity,
      warnsOfOrphans,
      sharesFate: tool === DUMB_INIT,
    },
    parentDeath,
    settings: NOTHING_ASKED,
  };
}

/** Whether a variable of this tool is there, whatever its value. */
function isSet(words: Words, name: string, isItsOwn: boolean): boolean {
  return isItsOwn && words.variable(name) !== undefined;
}

/**
 * What becomes of the signals by which a terminal stops a job: catatonit and tini keep those that they get to themselves,
 * and dumb-init stops its command, which as the leader of a session of its own would not be stopped by them.
 */
function stops(tool: Tool, killGroup: boolean): Rewrite[] {
  const to = tool === DUMB_INIT ? SIGSTOP : 0;
  if (tool === DUMB_INIT && !killGroup) return [];
  const rewrites: Rewrite[] = [
    { from: SIGTTIN, to },
    { from: SIGTTOU, to },
  ];
  if (tool !== TINI) rewrites.push({ from: SIGTSTP, to });
  return rewrites;
}

/** dumb-init prints on standard error. */
function printed(text: string, tool: Tool): Request {
  return { action: "print", text, fd: tool === DUMB_INIT ? 2 : 1 };
}

function wrong(tool: Tool, what: string): Failure {
  return new Failure(what, usageOf(tool));
}

// The command lines of tini, catatonit and dumb-init, from their manuals and sources. An option of theirs that tsgosu does not
// have is refused like an unknown option.

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

/** What the options that were read so far ask for. */
interface Draft {
  readonly tool: Tool;
  readonly words: Words;
  /** Where the next word stands. */
  at: number;
  killGroup: boolean;
  subreaper: boolean;
  verbosity: number;
  warnsOfOrphans: boolean;
  parentDeath: number;
  pauses: boolean;
  /** What to print in place of running anything; empty for nothing. */
  text: string;
  readonly okExits: number[];
  readonly rewrites: Rewrite[];
}

/** Throws a Failure for an option or a value that the tool does not have, and if no command is given. */
export function parseAsInit(tool: Tool, words: Words): Request {
  const draft: Draft = {
    tool,
    words,
    at: 1,
    killGroup: tool === DUMB_INIT,
    subreaper: tool === CATATONIT,
    verbosity: tool === DUMB_INIT ? 0 : WARNING,
    warnsOfOrphans: false,
    parentDeath: 0,
    pauses: false,
    text: "",
    okExits: [],
    rewrites: [],
  };
  readOptions(draft);
  // dumb-init prints on standard error.
  if (draft.text !== "") return { action: "print", text: draft.text, fd: tool === DUMB_INIT ? 2 : 1 };
  if (draft.pauses) return { action: "pause" };
  if (draft.at >= words.count) throw wrong(tool, "missing program name");
  readVariables(draft);
  return {
    action: "run",
    userSpec: undefined,
    firstWord: draft.at,
    mode: "init",
    init: {
      ...DEFAULT_INIT_OPTIONS,
      killGroup: draft.killGroup,
      subreaper: draft.subreaper,
      okExits: draft.okExits,
      rewrites: [...stops(tool, draft.killGroup), ...draft.rewrites],
      tool,
      verbosity: draft.verbosity,
      warnsOfOrphans: draft.warnsOfOrphans,
      sharesFate: tool === DUMB_INIT,
    },
    parentDeath: draft.parentDeath,
    settings: NOTHING_ASKED,
  };
}

function readOptions(draft: Draft): void {
  const { tool, words } = draft;
  while (draft.text === "" && draft.at < words.count) {
    const word = words.at(draft.at);
    if (!looksLikeOption(word)) return;
    draft.at++;
    if (word === "--") return;
    if (word === "--version" && (tool !== TINI || words.count === 2)) draft.text = versionOf(tool);
    else if (tool !== TINI && word.startsWith("--")) readName(draft, word);
    else readLetters(draft, word);
  }
}

/** Reads an option such as `--rewrite=15:3`. */
function readName(draft: Draft, word: string): void {
  const equals = word.indexOf("=");
  const letter = letterOf(draft.tool, equals < 0 ? word : word.slice(0, equals));
  if (letter === 0 || (equals >= 0 && letter !== LETTER_r)) throw wrong(draft.tool, `unrecognized option '${word}'`);
  set(draft, letter, letter === LETTER_r ? valueGiven(draft, letter, equals < 0 ? "" : word.slice(equals + 1)) : "");
}

/** Reads options such as `-gse143`: what follows a letter that takes a value is its value. */
function readLetters(draft: Draft, word: string): void {
  const letters = lettersOf(draft.tool);
  for (let next = 1; next < word.length && draft.text === ""; next++) {
    const letter = word.charCodeAt(next);
    const place = letters.indexOf(word.charAt(next));
    if (place < 0 || letter === COLON) throw wrong(draft.tool, `invalid option -- '${word.charAt(next)}'`);
    if (letters.charCodeAt(place + 1) !== COLON) set(draft, letter, "");
    else {
      set(draft, letter, valueGiven(draft, letter, word.slice(next + 1)));
      return;
    }
  }
}

/** The value of an option: what is joined to it, else the next word. */
function valueGiven(draft: Draft, letter: number, joined: string): string {
  if (joined !== "") return joined;
  const value = draft.at < draft.words.count ? draft.words.at(draft.at) : "";
  if (value === "") throw wrong(draft.tool, `option requires an argument -- '${String.fromCharCode(letter)}'`);
  draft.at++;
  return value;
}

/** Notes what one of the tool's options asks for. */
function set(draft: Draft, letter: number, value: string): void {
  let isWrong = false;
  switch (letter) {
    case LETTER_c:
      draft.killGroup = false;
      break;
    case LETTER_e:
      isWrong = !(numberOf(value) <= 255);
      draft.okExits.push(numberOf(value));
      break;
    case LETTER_g:
      draft.killGroup = true;
      break;
    case LETTER_h:
      draft.text = helpOf(draft.tool);
      break;
    case LETTER_p:
      draft.parentDeath = signalNumber(value);
      isWrong = draft.parentDeath === 0;
      break;
    case LETTER_P:
      draft.pauses = true;
      break;
    case LETTER_r: {
      const rewrite = rewriteOf(value);
      isWrong = rewrite === undefined;
      if (rewrite !== undefined) draft.rewrites.push(rewrite);
      break;
    }
    case LETTER_s:
      draft.subreaper = true;
      break;
    case LETTER_v:
      draft.verbosity += draft.tool === DUMB_INIT ? DEBUG : 1;
      break;
    case LETTER_V:
      draft.text = versionOf(draft.tool);
      break;
    case LETTER_w:
      draft.warnsOfOrphans = true;
      break;
    default:
      draft.text = "tsgosu: MIT License\n";
  }
  if (isWrong) throw wrong(draft.tool, `Not a valid option for -${String.fromCharCode(letter)}: ${value}`);
}

/** The tool's environment variables, which win over its options. */
function readVariables(draft: Draft): void {
  const { tool, words } = draft;
  if (tool === TINI) {
    if (words.variable("TINI_SUBREAPER") !== undefined) draft.subreaper = true;
    if (words.variable("TINI_KILL_PROCESS_GROUP") !== undefined) draft.killGroup = true;
    const level = words.variable("TINI_VERBOSITY");
    // As atoi(3) has it, what is no number is 0.
    if (level !== undefined) draft.verbosity = numberOf(level) || 0;
  } else if (tool === CATATONIT) {
    if (words.variable("CATATONIT_DEBUG") !== undefined) draft.verbosity = DEBUG;
  } else {
    if (words.variable("DUMB_INIT_SETSID") === "0") draft.killGroup = false;
    if (words.variable("DUMB_INIT_DEBUG") === "1") draft.verbosity = DEBUG;
  }
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

function wrong(tool: Tool, what: string): Failure {
  return new Failure(what, usageOf(tool));
}

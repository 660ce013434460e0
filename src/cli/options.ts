// The table of options, which the parser, --help, and the test of the man page and the README read. A new option is one row
// here, one field of `Asked` or `Settings`, and the value of that field in NOTHING_ASKED.

import { Failure } from "../failure.ts";
import { DEFAULT_INIT_OPTIONS, type InitOptions, type Rewrite } from "../init/options.ts";
import { isForwarded } from "../init/signals.ts";
import { signalNumber } from "../kernel/signals.ts";
import { parseCapabilities } from "../privilege/capabilities.ts";
import { MOST_MODE, numberOf, octalOf } from "../text.ts";
import type { Mode, Request, Settings } from "./request.ts";

/** What the options read so far ask for. */
export interface Asked extends Settings {
  readonly action: Exclude<Request["action"], "print" | "pause">;
  readonly mode: Mode;
  readonly init: InitOptions;
  readonly parentDeath: number;
  readonly json: boolean;
  readonly message: string;
  /** The names of the given options that only an init can carry out. */
  readonly initOptions: readonly string[];
}

/** What a command line without options asks for. */
export const NOTHING_ASKED: Asked = {
  action: "run",
  mode: "auto",
  ifRoot: false,
  login: false,
  keepGroups: false,
  groupOf: [],
  umask: -1,
  newSession: false,
  keepStdioOwner: false,
  match: "",
  puid: false,
  noChown: false,
  chown: [],
  init: DEFAULT_INIT_OPTIONS,
  parentDeath: 0,
  noNewPrivs: false,
  caps: "",
  restricted: false,
  json: false,
  message: "",
  verbose: false,
  initOptions: [],
};

/** One option of the command line. */
export interface Option {
  /** With its two dashes. */
  readonly name: string;
  /** The short form, without its dash. */
  readonly letter?: string;
  /** The placeholder for its value, such as PATH, or all its values with `|` between them. An option without it takes no value. */
  readonly value?: string;
  /** What the value may be: the hint after an invalid one. */
  readonly hint?: string;
  /** The value that means the same as leaving the option out. */
  readonly byDefault?: string;
  readonly repeatable?: boolean;
  /** Whether only an init can carry it out, so that it makes tsgosu stay as one. */
  readonly ofInit?: boolean;
  /** Whether nothing after it is read. Its letter cannot be joined to others. */
  readonly ends?: boolean;
  /** The heading in --help of the options from this one on: what somebody wants to do with them. */
  readonly heading?: string;
  /** Its description in --help. */
  readonly help: string;
  /**
   * Returns what is asked for once the option is read; `value` is empty for an option that takes none. Returns undefined for
   * an invalid value, or throws a Failure that says more about what is wrong.
   */
  readonly set: (asked: Asked, value: string) => Asked | undefined;
}

/** All options, in the order of the help. The table is made on demand: a start without options does not need it. */
export function optionTable(): readonly Option[] {
  return [
    {
      heading: "run a command as the user",
      name: "--exec",
      help: "replace tsgosu with the command",
      set: (asked) => ({ ...asked, mode: oneMode(asked.mode, "exec") }),
    },
    {
      name: "--init",
      help: "stay as the command's parent: forward signals, reap zombies, pass on the exit status",
      set: (asked) => ({ ...asked, mode: oneMode(asked.mode, "init") }),
    },
    {
      name: "--if-root",
      help: "switch only if started as root; otherwise run the command as the current user",
      set: (asked) => ({ ...asked, ifRoot: true }),
    },
    {
      name: "--login",
      help: "also set USER, LOGNAME and SHELL (HOME is always set)",
      set: (asked) => ({ ...asked, login: true }),
    },
    {
      name: "--new-session",
      help: "run the command in a session of its own, so that it cannot type into root's shell",
      set: (asked) => ({ ...asked, newSession: true }),
    },
    {
      heading: "let the user use groups, files and streams",
      name: "--keep-groups",
      help: "keep the supplementary groups that tsgosu was started with, but not GID 0",
      set: (asked) => ({ ...asked, keepGroups: true }),
    },
    {
      name: "--group-of",
      value: "PATH",
      repeatable: true,
      help: "join the group that owns PATH, such as /var/run/docker.sock",
      set: (asked, path) => ({ ...asked, groupOf: [...asked.groupOf, path] }),
    },
    {
      name: "--umask",
      value: "MODE",
      hint: "MODE is octal, from 0 to 0777, such as 002 or 027",
      help: "set the command's umask",
      set: (asked, mode) => (octalOf(mode) <= MOST_MODE ? { ...asked, umask: octalOf(mode) } : undefined),
    },
    {
      name: "--keep-stdio-owner",
      help: "do not give the standard streams to the user",
      set: (asked) => ({ ...asked, keepStdioOwner: true }),
    },
    {
      heading: "fit the user to the owner of a volume, or a volume to the user",
      name: "--match",
      value: "PATH",
      help: "give the user the UID and GID of PATH's owner; TSGOSU_MATCH can name another PATH, or no",
      set: (asked, path) => ({ ...asked, match: path }),
    },
    {
      name: "--puid",
      help: "give the user the UID and GID in the variables PUID and PGID, and the umask in UMASK",
      set: (asked) => ({ ...asked, puid: true }),
    },
    {
      name: "--no-chown",
      help: "with --match or --puid: do not change the owner of files in the home directory",
      set: (asked) => ({ ...asked, noChown: true }),
    },
    {
      name: "--chown",
      value: "PATH",
      repeatable: true,
      help: "make PATH and everything under it the user's, unless PATH itself already is",
      set: (asked, path) => ({ ...asked, chown: [...asked.chown, path] }),
    },
    {
      heading: "stop well and clean up, as an init",
      name: "--kill-group",
      letter: "g",
      ofInit: true,
      help: "forward signals to the command's whole process group",
      set: (asked) => ({ ...asked, init: { ...asked.init, killGroup: true } }),
    },
    {
      name: "--ok-exit",
      letter: "e",
      value: "CODE",
      hint: "CODE is an exit code from 0 to 255",
      repeatable: true,
      ofInit: true,
      help: "report exit code CODE as 0",
      set: (asked, code) =>
        numberOf(code) <= 255
          ? { ...asked, init: { ...asked.init, okExits: [...asked.init.okExits, numberOf(code)] } }
          : undefined,
    },
    {
      name: "--rewrite",
      letter: "r",
      value: "FROM:TO",
      hint: "FROM is a signal that can be forwarded and TO is a signal or 0, as in TERM:QUIT, 15:3 or HUP:0",
      repeatable: true,
      ofInit: true,
      help: "forward signal FROM as signal TO, or drop it if TO is 0",
      set: (asked, pair) => {
        const rewrite = rewriteOf(pair);
        if (rewrite === undefined) return undefined;
        return { ...asked, init: { ...asked.init, rewrites: [...asked.init.rewrites, rewrite] } };
      },
    },
    {
      name: "--subreaper",
      letter: "s",
      ofInit: true,
      help: "adopt orphans even where tsgosu is not PID 1",
      set: (asked) => ({ ...asked, init: { ...asked.init, subreaper: true } }),
    },
    {
      name: "--parent-death",
      letter: "p",
      value: "SIGNAL",
      hint: "SIGNAL is a name or a number from 1 to 64, such as TERM, 15 or RTMIN+1",
      help: "receive SIGNAL when tsgosu's parent dies",
      set: (asked, signal) => (signalNumber(signal) > 0 ? { ...asked, parentDeath: signalNumber(signal) } : undefined),
    },
    {
      name: "--grace",
      value: "SECONDS",
      hint: "SECONDS is a number from 0 to 2000000 without a unit, such as 10 or 0.5",
      ofInit: true,
      help: "kill what still runs SECONDS after the first signal that asks the command to end",
      set: (asked, seconds) =>
        milliseconds(seconds) <= MOST_MILLISECONDS
          ? { ...asked, init: { ...asked.init, grace: milliseconds(seconds) } }
          : undefined,
    },
    {
      name: "--orphans",
      value: "leave|stop|reap",
      hint: "give leave, stop or reap",
      byDefault: "leave",
      ofInit: true,
      help: "what to do with processes that outlive the command",
      set: (asked, fate) =>
        fate === "leave" || fate === "stop" || fate === "reap"
          ? { ...asked, init: { ...asked.init, orphans: fate } }
          : undefined,
    },
    {
      heading: "give the command less privilege",
      name: "--no-new-privs",
      help: "set no_new_privs, so that setuid programs and file capabilities have no effect",
      set: (asked) => ({ ...asked, noNewPrivs: true }),
    },
    {
      name: "--caps",
      value: "LIST",
      help: "keep only these capabilities: none, all, or names such as net_bind_service,chown",
      set: (asked, list) => {
        parseCapabilities(list, 0);
        return { ...asked, caps: list };
      },
    },
    {
      name: "--restricted",
      help: 'meet the Pod Security Standard "restricted": --no-new-privs --caps none, and never UID 0',
      set: (asked) => ({ ...asked, restricted: true }),
    },
    {
      heading: "find out what happens and why",
      name: "--check",
      help: "report the security posture that the command would have, and run nothing",
      set: (asked) => (asked.action === "explain" ? asked : { ...asked, action: "check" }),
    },
    {
      name: "--json",
      help: "with --check: print the report as JSON",
      set: (asked) => ({ ...asked, json: true }),
    },
    {
      name: "--explain",
      value: "MESSAGE",
      help: "explain a message of tsgosu, a cluster, an engine, the kernel or a program, and how to fix its cause",
      set: (asked, message) => ({ ...asked, action: "explain", message }),
    },
    {
      name: "--verbose",
      help: "report each step on standard error",
      set: (asked) => ({ ...asked, verbose: true }),
    },
    {
      name: "--help",
      letter: "h",
      ends: true,
      help: "print this help",
      set: (asked) => ({ ...asked, action: "help" }),
    },
    {
      name: "--version",
      letter: "v",
      ends: true,
      help: "print the version",
      set: (asked) => ({ ...asked, action: "version" }),
    },
  ];
}

/** The option called `name`, dashes included; undefined if there is none. */
export function optionNamed(table: readonly Option[], name: string): Option | undefined {
  for (const option of table) if (option.name === name) return option;
  return undefined;
}

/** The option whose short form is `letter`; undefined if there is none. */
export function optionWithLetter(table: readonly Option[], letter: string): Option | undefined {
  for (const option of table) if (option.letter === letter) return option;
  return undefined;
}

/** --exec and --init exclude each other. */
function oneMode(now: Mode, wanted: Mode): Mode {
  if (now !== "auto" && now !== wanted)
    throw new Failure(
      "--exec and --init: give only one of them",
      "without either, tsgosu stays as init if it is PID 1; otherwise the command replaces it",
    );
  return wanted;
}

/** Reads `TERM:QUIT` or `15:0`. Undefined if `pair` is not such a pair, or its first signal cannot be forwarded. */
export function rewriteOf(pair: string): Rewrite | undefined {
  const colon = pair.indexOf(":");
  if (colon < 0) return undefined;
  const from = signalNumber(pair.slice(0, colon));
  const to = pair.slice(colon + 1);
  return isForwarded(from) && (to === "0" || signalNumber(to) > 0) ? { from, to: signalNumber(to) } : undefined;
}

/** About 23 days: Node's timers are limited to 2^31 milliseconds. */
const MOST_MILLISECONDS = 2000000000;

/** The milliseconds in `10` or `0.5` seconds, rounded down; NaN or Infinity if `seconds` is not such a number. */
function milliseconds(seconds: string): number {
  const point = seconds.indexOf(".");
  if (point < 0) return numberOf(seconds) * 1000;
  return numberOf(seconds.slice(0, point)) * 1000 + numberOf(`${seconds.slice(point + 1)}000`.slice(0, 3));
}

// The command line: words → what is asked for.

import { Failure } from "./failure.ts";
import { DEFAULT_INIT_OPTIONS, type InitOptions } from "./init/options.ts";
import { INIT_HELP, InitDraft, takeInitOption, wantsInit } from "./init/parse-options.ts";

export type Mode = "exec" | "init" | "auto";

/** What tsgosu is asked to do. */
export interface Request {
  readonly action: "run" | "check" | "explain" | "help" | "version";
  readonly mode: Mode;
  readonly ifRoot: boolean;
  readonly login: boolean;
  readonly keepStdioOwner: boolean;
  readonly verbose: boolean;
  /** --match PATH, empty where not given; --no-chown; --chown PATH, in order. */
  readonly match: string;
  readonly noChown: boolean;
  readonly chown: readonly string[];
  readonly noNewPrivs: boolean;
  /** The LIST of --caps; empty where it is not given. */
  readonly caps: string;
  readonly restricted: boolean;
  readonly json: boolean;
  /** The MESSAGE of --explain. */
  readonly message: string;
  readonly init: InitOptions;
  /** The signal for the death of the parent; 0: none. */
  readonly parentDeath: number;
  readonly userSpec: string;
  /** Where the command stands among the program's words; with --check, whether a user-spec is given (1) or not (0). */
  readonly firstWord: number;
}

export const USAGE = "usage: tsgosu [options] [--] user-spec command [argument ...]";
const CHECK_USAGE = "usage: tsgosu [options] --check [--json] [user-spec]";

/** What --help prints. */
export function helpText(): string {
  // Made when it is asked for: it is the largest text there is, and a start is counted in pages.
  return `usage: tsgosu [options] [--] user-spec command [argument ...]
       tsgosu [options] --check [--json] [user-spec]

Becomes the user and runs the command: the first program in a container's ENTRYPOINT.

    ENTRYPOINT ["tsgosu", "app"]

user-spec is user, user:group, or numbers such as 1000:1000. As PID 1 tsgosu stays as init, else the command replaces it.

options:
  --exec                     replace tsgosu by the command
  --init                     stay as its parent: forward signals, reap zombies, pass the exit status on
  --if-root                  switch only if started as root, else run the command as who it is
  --login                    also set USER, LOGNAME and SHELL (HOME is always set)
  --keep-stdio-owner         do not give the standard streams to the user
  --match PATH               give the user the UID and GID that own PATH (or TSGOSU_MATCH)
  --no-chown                 with --match: leave the files in the home directory alone
  --chown PATH               make PATH and all under it the user's, unless PATH is already
  --no-new-privs             no setuid program gives the command more than it has
  --caps LIST                the capabilities it keeps: none, all, or names such as net_bind_service,chown
  --restricted               --no-new-privs --caps none, and never UID 0: the Pod Security posture
  --check                    report the security posture the command would have; --json for programs
  --explain MESSAGE          what a message of kubelet, admission or the kernel means, and what to change
  --verbose                  say on standard error what is done
  -h, --help                 print this
  -v, --version              print the version
${INIT_HELP}
exit codes: the command's; 128+N if signal N ended it; 125 tsgosu failed; 126 cannot run; 127 not found
`;
}

const DEFAULTS: Request = {
  action: "run",
  mode: "auto",
  ifRoot: false,
  login: false,
  keepStdioOwner: false,
  verbose: false,
  match: "",
  noChown: false,
  chown: [],
  noNewPrivs: false,
  caps: "",
  restricted: false,
  json: false,
  message: "",
  init: DEFAULT_INIT_OPTIONS,
  parentDeath: 0,
  userSpec: "",
  firstWord: 0,
};

/** The words a program was given, read one by one: the command may have megabytes of them, which are not ours to read. */
export interface Words {
  readonly count: number;
  at(index: number): string;
}

/**
 * Reads the program's words, its own name included. Called as gosu or su-exec, it takes user-spec and command alone and
 * always execs. Throws a Failure for an unknown option and for missing words.
 */
export function parseCommandLine(words: Words): Request {
  const name = baseName(words.at(0));
  return name === "gosu" || name === "su-exec" ? parseAsGosu(words) : parseOptions(words);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function parseAsGosu(words: Words): Request {
  const first = words.at(1);
  if (first === "--help" || first === "-h") return { ...DEFAULTS, action: "help" };
  if (first === "--version" || first === "-v") return { ...DEFAULTS, action: "version" };
  return withCommand(words, 1, { ...DEFAULTS, mode: "exec" });
}

function parseOptions(words: Words): Request {
  const init = new InitDraft();
  let request: Request = DEFAULTS;
  let at = 1;
  for (; at < words.count; at++) {
    const word = words.at(at);
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    const taken = takeInitOption(init, word, at + 1 < words.count ? words.at(at + 1) : "");
    if (taken > 0) {
      at += taken - 1;
      continue;
    }
    const equals = word.indexOf("=");
    const option = equals < 0 ? word : word.slice(0, equals);
    if (TAKES_VALUE.includes(` ${option} `)) {
      if (equals < 0) at++;
      request = withValue(request, option, equals < 0 ? words.at(at) : word.slice(equals + 1));
    } else request = withOption(request, word);
    if (request.action === "help" || request.action === "version") return request;
  }
  request = { ...request, init: init.options(), parentDeath: init.parentDeath };
  return request.action === "run" ? withCommand(words, at, request) : withoutCommand(words, at, request);
}

function withOption(request: Request, word: string): Request {
  switch (word) {
    case "--exec":
      return { ...request, mode: withMode(request.mode, "exec") };
    case "--init":
      return { ...request, mode: withMode(request.mode, "init") };
    case "--if-root":
      return { ...request, ifRoot: true };
    case "--login":
      return { ...request, login: true };
    case "--keep-stdio-owner":
      return { ...request, keepStdioOwner: true };
    case "--no-chown":
      return { ...request, noChown: true };
    case "--verbose":
      return { ...request, verbose: true };
    case "--no-new-privs":
      return { ...request, noNewPrivs: true };
    case "--restricted":
      return { ...request, restricted: true };
    case "--check":
      return { ...request, action: request.action === "explain" ? "explain" : "check" };
    case "--json":
      return { ...request, json: true };
    case "--help":
    case "-h":
      return { ...request, action: "help" };
    case "--version":
    case "-v":
      return { ...request, action: "version" };
    default:
      throw new Failure(`${word}: unknown option`, "tsgosu --help lists the options; a command's own stand after it");
  }
}

/** The options that the next word belongs to. */
const TAKES_VALUE = " --match --chown --caps --explain ";

function withValue(request: Request, option: string, value: string): Request {
  if (value === "")
    throw new Failure(`${option}: its value is missing or empty`, "is the variable that should hold it set?");
  switch (option) {
    case "--match":
      return { ...request, match: value };
    case "--chown":
      return { ...request, chown: [...request.chown, value] };
    case "--caps":
      return { ...request, caps: value };
    default:
      return { ...request, action: "explain", message: value };
  }
}

/** --check and --explain run nothing: at most a user-spec may follow. */
function withoutCommand(words: Words, at: number, request: Request): Request {
  if (request.json && request.action === "explain") throw new Failure("--json: only with --check", CHECK_USAGE);
  if (at >= words.count) return request;
  if (at + 1 < words.count || request.action === "explain")
    throw new Failure(`'${words.at(words.count - 1)}': nothing is run with --check`, CHECK_USAGE);
  return { ...request, userSpec: words.at(at), firstWord: 1 };
}

function withMode(now: Mode, wanted: Mode): Mode {
  if (now !== "auto" && now !== wanted)
    throw new Failure("--exec and --init: only one of them", "leave both out: init as PID 1, else exec");
  return wanted;
}

function withCommand(words: Words, at: number, request: Request): Request {
  if (request.json) throw new Failure("--json: only with --check", CHECK_USAGE);
  if (at >= words.count) throw new Failure("no user-spec and no command", USAGE);
  if (at + 1 >= words.count) throw new Failure(`no command after user-spec '${words.at(at)}'`, USAGE);
  const mode = wantsInit(request.init) ? initMode(request.mode) : request.mode;
  return { ...request, mode, userSpec: words.at(at), firstWord: at + 1 };
}

/** An option that only an init can follow says --init. */
function initMode(mode: Mode): Mode {
  if (mode === "exec")
    throw new Failure(
      "--exec and an option of init: tsgosu is gone when the command runs",
      "leave --exec out, or the other",
    );
  return "init";
}

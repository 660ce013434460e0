// What tsgosu is started with while its system calls are failed, and who the command has to be then.

/** Who a command has to be: IDs, supplementary groups in ascending order, and the capabilities of each set that are not as they were. */
export interface Who {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
  /** Effective, permitted, inheritable and ambient capabilities, in hexadecimal; not looked at where not given. */
  readonly capabilities?: string;
  readonly noNewPrivs?: boolean;
}

export interface Scenario {
  readonly name: string;
  /** tsgosu's words. */
  readonly words: readonly string[];
  /** The options of `arena enter`. */
  readonly enter?: readonly string[];
  /** What is mounted, as `arena run` takes it; `ROOT` stands for the directory that becomes the root. */
  readonly mounts?: readonly string[];
  /** Whether it is for the static executable alone: Node opens /dev/null in place of a closed stream. */
  readonly isStatics?: boolean;
  /** The exit code where nothing is disturbed. */
  readonly code: number;
  /** Who the command is; undefined where none runs. */
  readonly who?: Who;
  /** Whether files are changed: then a second start has to end where an undisturbed first one does. */
  readonly changes?: boolean;
}

/** The command, which says who it is and does one thing (test/support/arena.c). */
function does(...words: readonly string[]): readonly string[] {
  return ["/bin/arena", "command", ...words];
}

const APP: Who = { uid: 1000, gid: 1000, groups: [44, 50, 1000], home: "/home/app", capabilities: NONE() };
const OWNER: Who = { ...APP, uid: 1500, gid: 1500, groups: [44, 50, 1500] };
const NUMBER: Who = { uid: 2000, gid: 2000, groups: [2000], home: "/", capabilities: NONE() };

function NONE(): string {
  return "0000000000000000";
}

export const scenarios: readonly Scenario[] = [
  { name: "user", words: ["--exec", "app", ...does("exit", "0")], code: 0, who: APP },
  {
    name: "user:group",
    words: ["--exec", "app:media", ...does("exit", "3")],
    code: 3,
    who: { ...APP, gid: 50, groups: [50] },
  },
  { name: "numbers", words: ["--exec", "2000:2000", ...does("exit", "0")], code: 0, who: NUMBER },
  { name: "login", words: ["--exec", "--login", "app", ...does("exit", "0")], code: 0, who: APP },
  { name: "verbose", words: ["--exec", "--verbose", "app", ...does("exit", "0")], code: 0, who: APP },
  {
    name: "already",
    words: ["--exec", "2000:2000", ...does("exit", "0")],
    enter: ["uid=2000"],
    code: 0,
    who: { ...NUMBER, groups: [] },
  },
  {
    name: "if-root",
    words: ["--exec", "--if-root", "app", ...does("exit", "0")],
    enter: ["uid=2000"],
    code: 0,
    who: { ...NUMBER, groups: [], home: "" },
  },
  {
    name: "caps",
    words: ["--exec", "--caps", "net_bind_service", "app", ...does("exit", "0")],
    code: 0,
    who: { ...APP, capabilities: "0000000000000400" },
  },
  { name: "caps none", words: ["--exec", "--caps", "none", "app", ...does("exit", "0")], code: 0, who: APP },
  {
    name: "restricted",
    words: ["--exec", "--restricted", "app", ...does("exit", "0")],
    code: 0,
    who: { ...APP, noNewPrivs: true },
  },
  { name: "by name in PATH", words: ["--exec", "app", "arena", "command", "exit", "0"], code: 0, who: APP },
  { name: "command not found", words: ["--exec", "app", "nothing"], code: 127 },
  { name: "unknown user", words: ["--exec", "nobody-here", ...does("exit", "0")], code: 125 },
  {
    name: "reader of stderr gone",
    words: ["--exec", "nobody-here", ...does("exit", "0")],
    enter: ["below", "stderr=gone"],
    code: 125,
  },
  { name: "help", words: ["--help"], code: 0 },
  { name: "help to a full device", words: ["--help"], enter: ["stdout=full"], code: 125 },
  { name: "version", words: ["--version"], code: 0 },
  { name: "version to a closed stream", words: ["--version"], enter: ["stdout=closed"], isStatics: true, code: 125 },
  { name: "check", words: ["--check", "--restricted", "app"], code: 1 },
  { name: "check, JSON", words: ["--check", "--json", "app"], code: 1 },
  { name: "init", words: ["app", ...does("exit", "3")], code: 3, who: APP },
  {
    name: "init, restricted",
    words: ["--restricted", "app", ...does("exit", "0")],
    code: 0,
    who: { ...APP, noNewPrivs: true },
  },
  { name: "init, command not found", words: ["app", "nothing"], code: 127 },
  { name: "init, command killed", words: ["app", ...does("die", "9")], code: 137, who: APP },
  { name: "init, signal", words: ["app", ...does("signal")], code: 7, who: APP },
  { name: "init, grace", words: ["--grace", "0.02", "app", ...does("stay")], code: 137, who: APP },
  { name: "init, orphan reaped", words: ["app", ...does("reaped")], code: 5, who: APP },
  { name: "init, orphans stop", words: ["--orphans", "stop", "app", ...does("leave")], code: 3, who: APP },
  { name: "init, orphans reap", words: ["--orphans", "reap", "app", ...does("outlive")], code: 4, who: APP },
  {
    name: "init, subreaper",
    words: ["--init", "--orphans", "stop", "app", ...does("leave")],
    enter: ["below"],
    code: 3,
    who: APP,
  },
  {
    name: "match",
    words: ["--exec", "--match", "/data", "app", ...does("exit", "0")],
    code: 0,
    who: OWNER,
    changes: true,
  },
  { name: "match, init", words: ["--match", "/data", "app", ...does("exit", "0")], code: 0, who: OWNER, changes: true },
  {
    name: "match, no chown",
    words: ["--exec", "--match", "/data", "--no-chown", "app", ...does("exit", "0")],
    code: 0,
    who: OWNER,
    changes: true,
  },
  {
    name: "match, IDs taken",
    words: ["--exec", "--match", "/taken", "app", ...does("exit", "0")],
    code: 0,
    who: { ...APP, uid: 1001, gid: 1001, groups: [44, 50, 1001] },
    changes: true,
  },
  {
    name: "match, read-only",
    words: ["--exec", "--match", "/data", "app", ...does("exit", "0")],
    mounts: ["ro:ROOT/etc=/etc"],
    code: 0,
    who: OWNER,
    changes: true,
  },
  {
    name: "match, in place",
    words: ["--exec", "--match", "/data", "app", ...does("exit", "0")],
    mounts: ["ROOT/mounted/passwd=/etc/passwd", "ROOT/mounted/group=/etc/group"],
    code: 0,
    who: OWNER,
    changes: true,
  },
  {
    name: "match, file size limit",
    words: ["--exec", "--match", "/data", "app", ...does("exit", "0")],
    enter: ["below", "file-size=20"],
    code: 0,
    who: OWNER,
  },
  {
    name: "chown",
    words: ["--exec", "--chown", "/volume", "app", ...does("exit", "0")],
    code: 0,
    who: APP,
    changes: true,
  },
  {
    name: "match and chown",
    words: ["--match", "/data", "--chown", "/volume", "app", ...does("exit", "0")],
    code: 0,
    who: OWNER,
    changes: true,
  },
];

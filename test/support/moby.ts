// Whom a user-spec means, written once more from what moby/sys/user, gosu and Docker do, and independent of src/: what is
// read off here is held to what the programs themselves do (agree.ts). Each point in which tsgosu means to differ is a rule with
// its reason; without any rule, this is what gosu does.

/** Who a command runs as. */
export interface Who {
  readonly uid: number;
  readonly gid: number;
  /** The supplementary groups, each once and in order: the kernel sorts them, and a group twice is a group once. */
  readonly groups: readonly number[];
  readonly home: string;
}

/** Whom the command runs as; `error` where it does not run. */
export type Answer = Who | "error";

export interface Rule {
  readonly name: string;
  /** What gosu does, what tsgosu does, and why; `docs/agreement.md` is made of these. */
  readonly gosu: string;
  readonly tsgosu: string;
  readonly why: string;
}

/** Every difference there may be between tsgosu and gosu. */
export const RULES = [
  {
    name: "primary group",
    gosu: "leaves the primary GID out of the supplementary groups, unless /etc/group lists the user in it",
    tsgosu: "the primary GID is always among them",
    why: "A setgid program could drop a group that is not among them, and gain by that what is denied to the group (CVE-2022-36109). Docker does the same since 20.10.18, and so does initgroups(3).",
  },
  {
    name: "empty user-spec",
    gosu: "takes an empty user-spec for the current user, which is root",
    tsgosu: "it is an error; under the names gosu and su-exec it is the current user, as there",
    why: "A variable that is not set must not mean root.",
  },
  {
    name: "no number",
    gosu: "reads a UID or GID that is missing or no number as 0, one with a sign as the number, and one that is too large as the largest there is; the kernel then takes its lower 32 bits",
    tsgosu: "a line counts only if its UID and GID are digits, for a number from 0 to 4294967294; another is skipped",
    why: "A line with a typing mistake would make its user root.",
  },
  {
    name: "no name",
    gosu: "finds an account by its UID although its line has no name, begins with #, or has a NUL in the name",
    tsgosu: "skips such a line",
    why: "Nobody has such a name, and # begins a comment: a user that was commented out is not there.",
  },
  {
    name: "signed number",
    gosu: "reads +5 as 5",
    tsgosu: "what has anything but digits is a name",
    why: "A name that begins with + is a name. No other tool takes the sign for part of a number.",
  },
  {
    name: "range",
    gosu: "refuses numbers above 2147483647 unless /etc/passwd or /etc/group has them, and looks one that exceeds 64 bits up as a name",
    tsgosu: "numbers go from 0 to 4294967294, whatever the files say; all digits is always a number",
    why: "They are the IDs that the kernel has; subordinate IDs of user namespaces lie above 2147483647 on some systems.",
  },
  {
    name: "second colon",
    gosu: "ignores what follows a second colon",
    tsgosu: "it is an error",
    why: "Whoever writes it means something by it that does not happen.",
  },
  {
    name: "no home",
    gosu: "sets HOME to nothing where the passwd line has none",
    tsgosu: "sets it to /",
    why: "Programs take an empty HOME for the working directory, or fail.",
  },
  {
    name: "blanks",
    gosu: "takes blanks of Unicode from both ends of a line, as UTF-8 has them",
    tsgosu: "takes blanks of ASCII only",
    why: "The files are bytes. No other reader of them knows such blanks, and the name that begins with one is another name.",
  },
  {
    name: "long line",
    gosu: "fails where /etc/passwd has a line of 64 KiB",
    tsgosu: "lines may be as long as they are",
    why: "One long line must not keep every user out.",
  },
  {
    name: "NUL in the home",
    gosu: "fails where the home directory has a NUL in it",
    tsgosu: "HOME ends before the NUL",
    why: "No variable holds a NUL. The line counts for UID, GID and groups all the same.",
  },
] as const satisfies readonly Rule[];

export type RuleName = (typeof RULES)[number]["name"];

/** The rules of tsgosu under its own name, and under that of gosu. */
export const TSGOSU: ReadonlySet<RuleName> = new Set(RULES.map(({ name }) => name));
export const AS_GOSU: ReadonlySet<RuleName> = new Set([...TSGOSU].filter((name) => name !== "empty user-spec"));
export const GOSU: ReadonlySet<RuleName> = new Set();

/** The account files as byte strings; undefined where there is none. */
export interface AccountTexts {
  readonly passwd: string | undefined;
  readonly group: string | undefined;
}

const MAX_INT32 = 2147483647n;
const MAX_ID = 4294967294n;
const MAX_INT64 = 9223372036854775807n;
/** bufio.MaxScanTokenSize: a line may not have as many bytes. */
const LONGEST_LINE = 65536;

/** What strconv.Atoi makes of a word. */
function atoi(word: string): { readonly value: bigint; readonly isNumber: boolean } {
  if (!/^[+-]?[0-9]+$/.test(word)) return { value: 0n, isNumber: false };
  const value = BigInt(word.replace("+", ""));
  if (value > MAX_INT64) return { value: MAX_INT64, isNumber: false };
  if (value < -MAX_INT64 - 1n) return { value: -MAX_INT64 - 1n, isNumber: false };
  return { value, isNumber: true };
}

interface UserLine {
  readonly name: string;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly home: string;
}

interface GroupLine {
  readonly name: string;
  readonly gid: bigint;
  readonly members: readonly string[];
}

class Failed extends Error {}

function linesOf(text: string, rules: ReadonlySet<RuleName>): string[] {
  const blank = rules.has("blanks") ? "[\\t-\\r ]" : "(?:[\\t-\\r ]|\\xc2\\x85|\\xc2\\xa0)";
  const ends = new RegExp(`^${blank}+|${blank}+$`, "g");
  return text
    .split("\n")
    .map((line) => line.replace(ends, ""))
    .filter((line) => line !== "");
}

/** The number in a field, and whether it counts. */
function idOf(field: string, rules: ReadonlySet<RuleName>): { readonly id: bigint; readonly counts: boolean } {
  if (!rules.has("no number")) return { id: atoi(field).value, counts: true };
  const counts = /^[0-9]+$/.test(field) && BigInt(field) <= MAX_ID;
  return { id: counts ? BigInt(field) : 0n, counts };
}

function hasName(name: string, rules: ReadonlySet<RuleName>): boolean {
  return !rules.has("no name") || (name !== "" && !name.startsWith("#") && !name.includes("\0"));
}

function usersIn(text: string | undefined, rules: ReadonlySet<RuleName>): UserLine[] {
  if (text === undefined) return [];
  if (!rules.has("long line") && text.split("\n").some((line) => line.length >= LONGEST_LINE)) throw new Failed();
  const users: UserLine[] = [];
  for (const line of linesOf(text, rules)) {
    const [name = "", , uidField = "", gidField = "", , home = ""] = line.split(":");
    const uid = idOf(uidField, rules);
    const gid = idOf(gidField, rules);
    if (uid.counts && gid.counts && hasName(name, rules)) users.push({ name, uid: uid.id, gid: gid.id, home });
  }
  return users;
}

/** Of a group file, a line that begins with # is a comment to all of them. */
function groupsIn(text: string | undefined, rules: ReadonlySet<RuleName>): GroupLine[] {
  const groups: GroupLine[] = [];
  for (const line of linesOf(text ?? "", rules)) {
    const [name = "", , gidField = "", members = ""] = line.split(":");
    const gid = idOf(gidField, rules);
    if (line.startsWith("#") || !gid.counts || !hasName(name, rules)) continue;
    groups.push({ name, gid: gid.id, members: members === "" ? [] : members.split(",") });
  }
  return groups;
}

/** Half of a user-spec: a number, a name, or nothing. */
interface Half {
  readonly id: bigint | undefined;
  readonly name: string;
}

function halfOf(word: string, rules: ReadonlySet<RuleName>): Half {
  const { value, isNumber } = atoi(word);
  const isDigits = /^[0-9]+$/.test(word);
  const isId = isDigits && rules.has("range") ? true : isNumber && (isDigits || !rules.has("signed number"));
  return { id: isId ? value : undefined, name: word };
}

function refuseOutOfRange(half: Half, rules: ReadonlySet<RuleName>): void {
  if (rules.has("range") && half.id !== undefined && half.id > MAX_ID) throw new Failed();
}

function inRange(id: bigint, rules: ReadonlySet<RuleName>): bigint {
  if (id < 0n || id > (rules.has("range") ? MAX_ID : MAX_INT32)) throw new Failed();
  return id;
}

/** Whom root's `user-spec` means, where these rules hold. */
export function answerTo(spec: string, files: AccountTexts, rules: ReadonlySet<RuleName>): Answer {
  try {
    return resolve(spec, files, rules);
  } catch (error) {
    if (error instanceof Failed) return "error";
    throw error;
  }
}

/** What the engine itself asks the files for: IDs, but no home. */
const ENGINE: ReadonlySet<RuleName> = new Set(["primary group", "no home", "NUL in the home"]);

/**
 * Whom `docker run --user` runs a command as. The engine finds the IDs; the runtime knows these alone, and finds the home by
 * them. A `strict` engine (moby/sys/user since parseNumeric) takes a number for what it is before it looks into any file.
 */
export function dockerAnswerTo(spec: string, files: AccountTexts, strict: boolean): Answer {
  if (strict && isRefusedStrictly(spec)) return "error";
  const who = answerTo(spec, files, ENGINE);
  if (who === "error") return who;
  const atHome = answerTo(`${who.uid}:${who.gid}`, files, GOSU);
  return atHome === "error" ? atHome : { ...who, home: atHome.home };
}

function isRefusedStrictly(spec: string): boolean {
  const halves = spec.split(":");
  const isNoId = (word: string): boolean =>
    /^[+-]?[0-9]+$/.test(word) && (atoi(word).value < 0n || atoi(word).value > MAX_INT32);
  return halves.length > 2 || halves.some(isNoId);
}

function resolve(spec: string, files: AccountTexts, rules: ReadonlySet<RuleName>): Who {
  const [userWord = "", groupWord = "", ...others] = spec.split(":");
  if (spec === "" && rules.has("empty user-spec")) throw new Failed();
  if (others.length > 0 && rules.has("second colon")) throw new Failed();
  const wantedUser = halfOf(userWord, rules);
  const wantedGroup = halfOf(groupWord, rules);
  refuseOutOfRange(wantedUser, rules);
  refuseOutOfRange(wantedGroup, rules);

  let uid = 0n;
  let gid = 0n;
  let groups: bigint[] = [];
  let home = "/";
  const user = usersIn(files.passwd, rules).find((one) =>
    userWord === "" ? one.uid === 0n : wantedUser.id === undefined ? one.name === userWord : one.uid === wantedUser.id,
  );
  if (user !== undefined) {
    uid = user.uid;
    gid = user.gid;
    home = user.home;
  } else if (userWord !== "") {
    if (wantedUser.id === undefined) throw new Failed();
    uid = inRange(wantedUser.id, rules);
  }

  const lines = groupsIn(files.group, rules);
  if (groupWord !== "") {
    const named = lines.find((one) =>
      wantedGroup.id === undefined ? one.name === groupWord : one.gid === wantedGroup.id,
    );
    if (named !== undefined) gid = named.gid;
    else if (wantedGroup.id === undefined) throw new Failed();
    else gid = inRange(wantedGroup.id, rules);
  } else if (user !== undefined && user.name !== "")
    groups = lines.filter((one) => one.members.includes(user.name)).map((one) => one.gid);

  if (home === "" && rules.has("no home")) home = "/";
  const nul = home.indexOf("\0");
  if (nul >= 0 && !rules.has("NUL in the home")) throw new Failed();
  if (nul >= 0) home = home.slice(0, nul);
  if (rules.has("primary group")) groups.push(gid);
  const [realUid = 0, realGid = 0, ...realGroups] = [uid, gid, ...groups].map(forTheKernel);
  return { uid: realUid, gid: realGid, groups: [...new Set(realGroups)].sort((a, b) => a - b), home };
}

/** An ID is 32 bits to the kernel, which knows none of which all are set. */
function forTheKernel(id: bigint): number {
  const word = Number(BigInt.asUintN(32, id));
  if (word === 4294967295) throw new Failed();
  return word;
}

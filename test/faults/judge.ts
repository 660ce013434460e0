// Whether a start with a fault kept tsgosu's promise: the command runs as exactly who was asked, or not at all, and
// whatever goes wrong is said, once.

import type { Ending } from "./arena.ts";
import type { Scenario, Who } from "./scenarios.ts";
import type { Fault } from "./trace.ts";

/** Outcomes that keep the promise. */
export type Held =
  /** As without the fault, and nothing said. */
  | "went on"
  /** As without the fault but for what a line on standard error says. */
  | "said"
  /** tsgosu ended with its own exit code and a message. */
  | "refused";

/** Outcomes that break it. */
export type Violated =
  | "wrong identity"
  | "crashed"
  | "hung"
  | "silent failure"
  | "silent loss"
  | "wrong exit code"
  | "wrong answer"
  | "two messages"
  | "not repaired";

export interface Verdict {
  readonly outcome: Held | Violated;
  /** What was seen, where the promise is broken. */
  readonly detail: string;
}

/** The exit code of a command that has waited in vain (arena.c). */
const WAITED_IN_VAIN = 98;

const HELD: readonly string[] = ["went on", "said", "refused"] satisfies readonly Held[];

export function hasHeld(verdict: Verdict): boolean {
  return HELD.includes(verdict.outcome);
}

/** Judges a start with a fault; `usual` is the one without. */
export function judge(scenario: Scenario, fault: Fault, usual: Ending, ending: Ending): Verdict {
  const broken = judgeEnd(ending);
  if (broken !== undefined) return broken;
  const who = whoLine(ending);
  const ran = who !== "";
  if (ran && who !== whoLine(usual) && !(isAbsence(fault) && isLess(who, whoLine(usual))))
    return { outcome: "wrong identity", detail: who };
  const said = newLines(usual, ending);
  const messages = said.filter((line) => !line.startsWith("tsgosu: hint: "));
  const detail = said.join(" / ") || `exit code ${ending.code}`;
  if (said.some((line) => !line.startsWith("tsgosu: "))) return { outcome: "crashed", detail };
  if (messages.length > 1) return { outcome: "two messages", detail };

  const isUsual = ending.code === usual.code && ending.stdout === usual.stdout;
  if (!isUsual) return judgeUnusual(scenario, fault, usual, ending, messages.length, detail);
  if (messages.length > 0) return { outcome: "said", detail };
  if (ending.state !== usual.state && !isAbsence(fault))
    return { outcome: "silent loss", detail: difference(usual.state, ending.state) };
  return { outcome: "went on", detail };
}

/**
 * Answers that say that what is asked for is not there, by which call: no /etc/group, no such attribute, no such process, no
 * directory of the same mount (RESOLVE_NO_XDEV of openat2(2)). They cannot be told from the truth, and are no error: what
 * follows from them is not asked for.
 */
const ABSENCES: readonly (readonly [string, RegExp])[] = [
  ["openat", /"(\/etc\/passwd|\/etc\/group|\/|home|app)".*error=(ENOENT|ENOTDIR)$/],
  ["openat2", /error=EXDEV$/],
  ["read", /retval=0$/],
  ["getdents64", /retval=0$/],
  ["getxattr", /error=(ENODATA|EOPNOTSUPP)$/],
  ["listxattr", /error=EOPNOTSUPP$/],
  ["kill", /error=ESRCH$/],
  ["unlinkat", /error=ENOENT$/],
];

function isAbsence({ site, answer }: Fault): boolean {
  return ABSENCES.some(([call, pattern]) => call === site.call && pattern.test(`${site.words} ${answer}`));
}

/** Whether the command has the same IDs and capabilities as usual, and no other groups than then. */
function isLess(who: string, usual: string): boolean {
  const groups = (line: string): string[] => (/ Groups=(\S*)/.exec(line)?.[1] ?? "").split(",");
  const rest = (line: string): string => line.replace(/ Groups=\S*/, "");
  const known = [...groups(usual), ""];
  return rest(who) === rest(usual) && groups(who).every((group) => known.includes(group));
}

/** Exit codes of SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE and SIGSEGV. */
const ABORTS = [132, 133, 134, 135, 136, 139];

/** Ends that are never right. */
function judgeEnd(ending: Ending): Verdict | undefined {
  if (ending.timedOut) return { outcome: "hung", detail: ending.stderr };
  // What ends by a signal under an init, or under the arena's own PID 1, has an exit code that says so.
  const isAbort =
    ending.signal > 0 ||
    ABORTS.includes(ending.code) ||
    /scriptc|RangeError|TypeError|Uncaught|^\s+at /m.test(ending.stderr);
  if (isAbort) return { outcome: "crashed", detail: `exit code ${ending.code}: ${ending.stderr}` };
  return undefined;
}

/** A start that did not end as usual has to say why, unless it is the saying that fails. */
function judgeUnusual(
  scenario: Scenario,
  fault: Fault,
  usual: Ending,
  ending: Ending,
  messages: number,
  detail: string,
): Verdict {
  const shown = `exit code ${ending.code}: ${ending.stdout}${detail}`;
  const isOwn = ending.code >= 125 && ending.code <= 127;
  const cannotSay = /^writev?$/.test(fault.site.call) && /^2</.test(fault.site.words);
  if (isOwn)
    return messages > 0 || cannotSay ? { outcome: "refused", detail } : { outcome: "silent failure", detail: shown };
  const ran = whoLine(ending) !== "";
  // The command's own code: it may have waited in vain for what was said to fail.
  if (ran && (ending.code === usual.code || ending.code === WAITED_IN_VAIN))
    return messages > 0 || isAbsence(fault)
      ? { outcome: messages > 0 ? "said" : "went on", detail }
      : { outcome: "silent loss", detail: shown };
  if (ran) return { outcome: "wrong exit code", detail: shown };
  if (ending.code === 0 && scenario.code === 0) return { outcome: "silent failure", detail: shown };
  if (isAbsence(fault) && ending.code === usual.code) return { outcome: "went on", detail };
  return isHonest(usual, ending)
    ? { outcome: "said", detail: "unknown" }
    : { outcome: "wrong answer", detail: changed(usual, ending) };
}

/** Whether a report differs from the usual one in nothing but what it calls unknown, or leaves empty. */
function isHonest(usual: Ending, ending: Ending): boolean {
  const lines = changedLines(usual, ending);
  return lines.length > 0 && lines.every((line) => /unknown|cannot|^ +\w+ *$|null/.test(line));
}

/** The lines, or in JSON the values, of a report that are not in the usual one. */
function changedLines(usual: Ending, ending: Ending): string[] {
  const parts = (text: string): string[] => text.split(/\n|(?<=\}),|(?<="),/);
  const known = parts(usual.stdout);
  return parts(ending.stdout).filter((part) => !known.includes(part));
}

function changed(usual: Ending, ending: Ending): string {
  return `exit code ${ending.code}: ${changedLines(usual, ending).join(" / ") || ending.stdout}`;
}

/** What a second, undisturbed start has to mend; undefined if it has. */
export function judgeRepair(fault: Fault, usual: Ending, second: Ending): Verdict | undefined {
  if (isAbsence(fault)) return undefined;
  // A file that could not be removed does no harm, and the first start has said so.
  const found = second.state.replace(/^etc\/(passwd|group)\+ .*\n/gm, "");
  if (found !== usual.state) return { outcome: "not repaired", detail: difference(usual.state, found) };
  if (second.code === usual.code && whoLine(second) === whoLine(usual)) return undefined;
  return { outcome: "not repaired", detail: `exit code ${second.code}: ${second.stdout}${second.stderr}` };
}

/** What is wrong with a start without a fault; undefined where nothing is. */
export function judgeUsual(scenario: Scenario, usual: Ending): string | undefined {
  if (usual.timedOut || usual.code !== scenario.code)
    return `exit code ${usual.code} in place of ${scenario.code}: ${usual.stderr}`;
  const wanted = scenario.who === undefined ? [] : describeWho(scenario.who);
  const missing = wanted.filter((word) => !`${whoLine(usual)} `.includes(`${word} `));
  return missing.length === 0 ? undefined : `the command lacks ${missing.join(" ")}: ${whoLine(usual)}`;
}

function describeWho(who: Who): string[] {
  const four = (id: number): string => `${id},${id},${id},${id}`;
  const sets =
    who.capabilities === undefined
      ? []
      : ["CapInh", "CapPrm", "CapEff", "CapAmb"].map((set) => `${set}=${who.capabilities}`);
  return [
    `Uid=${four(who.uid)}`,
    `Gid=${four(who.gid)}`,
    `Groups=${who.groups.join(",")}`,
    `HOME=${who.home}`,
    `NoNewPrivs=${who.noNewPrivs ? 1 : 0}`,
    ...sets,
  ];
}

function whoLine(ending: Ending): string {
  return /^Uid=.*$/m.exec(ending.stdout)?.[0] ?? "";
}

/** The lines on standard error that are not there without the fault. */
function newLines(usual: Ending, ending: Ending): string[] {
  const known = usual.stderr.split("\n");
  return ending.stderr.split("\n").filter((line) => {
    const at = known.indexOf(line);
    if (at >= 0) known.splice(at, 1);
    return at < 0 && line !== "";
  });
}

/** The lines of a state that another has not. */
function difference(wanted: string, found: string): string {
  const known = new Set(wanted.split("\n"));
  const extra = found.split("\n").filter((line) => !known.has(line));
  const there = new Set(found.split("\n"));
  const missing = wanted.split("\n").filter((line) => !there.has(line));
  return [...extra.map((line) => `has ${line}`), ...missing.map((line) => `lacks ${line}`)].slice(0, 6).join("; ");
}

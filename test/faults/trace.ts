// What strace says of a start: which system calls can be failed in it, and whether a fault has met what it was meant for.

import { readFileSync, rmSync } from "node:fs";
import type { Executable } from "../support/builds.ts";
import type { Tracer } from "./arena.ts";
import { ERRORS, NODES_OWN } from "./errors.ts";

/** An occurrence of a system call. */
export interface Site {
  readonly call: string;
  /** Its words, as strace writes them. */
  readonly words: string;
  /**
   * Who makes it: tsgosu, or the process that is to become the command, between vfork and execve, or tsgosu in each of its
   * threads, which Node has several of: a kernel that refuses refuses all of them.
   */
  readonly by: "tsgosu" | "child" | "threads";
  /** Which of the calls of that name in its process it is, from 1. */
  readonly when: number;
}

/** What is done to one occurrence: `error=EIO`, or `retval=0` for a lie. */
export interface Fault {
  readonly site: Site;
  readonly answer: string;
}

/** Calls that are made in vain before tsgosu is started, so that the faults meet no other process (see arena.c). */
const IN_VAIN = 25;

/** In Node, the first call that tsgosu makes itself whatever it is asked for. */
const MARKER = "getresuid";

/** Words that trace everything. */
export function tracing(log: string): Tracer {
  return ["strace", "-f", "-qq", "-y", "-e", "signal=none", "-o", log];
}

/** Words that let a fault happen; `arena enter` needs those of `inVain` as well. */
export function failing(log: string, fault: Fault): Tracer {
  const { call, by } = fault.site;
  // A process makes this call once before all others: only the command's own name tells them apart.
  const path = by === "child" && call === "execve" ? ["-P", "/bin/arena"] : [];
  const inject = `inject=${call}:${fault.answer}:when=${occurrence(fault.site)}`;
  return [...tracing(log), "-e", `trace=${call},${MARKER}`, ...path, "-e", inject];
}

/** strace's word for which calls of that name are meant, in each process. */
function occurrence({ call, by, when }: Site): string {
  if (by === "threads") return "1+";
  return `${by === "child" || call === "vfork" ? when : when + IN_VAIN}`;
}

/** What `arena enter` has to do for it. A call in vain of vfork would be none, and nobody else makes that call. */
export function inVain(fault: Fault): string {
  return isAlone(fault.site) ? "" : `${fault.site.call}:${IN_VAIN}`;
}

function isAlone({ call, by }: Site): boolean {
  return call === "vfork" || by === "threads" || (by === "child" && call === "execve");
}

/** The calls that glibc makes in every thread. */
const OF_THREADS = ["setresuid", "setresgid", "setgroups"];

interface Line {
  readonly pid: string;
  readonly call: string;
  readonly words: string;
  readonly text: string;
}

function linesOf(log: string): Line[] {
  return readFileSync(log, "latin1")
    .split("\n")
    .flatMap((text) => {
      const found = /^(\d+) +(\w+)\((.*)$/.exec(text);
      return found === null ? [] : [{ pid: found[1] ?? "", call: found[2] ?? "", words: found[3] ?? "", text }];
    });
}

/** The occurrences that can be failed in a start that `tracing` has recorded. */
export function sitesIn(log: string, executable: Executable): Site[] {
  const lines = linesOf(log);
  const started = lines.findIndex(({ call, words }) => call === "execve" && words.startsWith('"/tsgosu"'));
  const main = lines[started]?.pid ?? "";
  // The process that becomes the command is the only one that is there after tsgosu's start, and executes something.
  const earlier = new Set(lines.slice(0, started).map(({ pid }) => pid));
  const child = lines.find(({ pid, call }) => call === "execve" && pid !== main && !earlier.has(pid))?.pid ?? "";
  const sites: Site[] = [];
  const counts = new Map<string, number>();
  const isCommand = new Set<string>();
  let begun = executable.name === "static";
  for (const [at, line] of lines.entries()) {
    const { pid, call, words, text } = line;
    const when = (counts.get(`${pid} ${call}`) ?? 0) + 1;
    counts.set(`${pid} ${call}`, when);
    if (at <= started || isCommand.has(pid) || (pid !== main && pid !== child)) continue;
    begun ||= pid === main && isMarker(line);
    if (call === "execve" && !text.includes(" = -1 ")) isCommand.add(pid);
    if (!begun || !(call in ERRORS) || isReleased(call, words)) continue;
    if (executable.name === "static" || !isNodes(call, words, pid === child))
      sites.push({
        call,
        words: lasting(words),
        by: pid === child ? "child" : executable.name === "sea" && OF_THREADS.includes(call) ? "threads" : "tsgosu",
        when,
      });
  }
  return sites;
}

/** The words of a call without what is different in every start. */
function lasting(words: string): string {
  return words
    .replace(/\s+= .*| <unfinished .*/, "")
    .replace(/[^<"]*\/tsgosu-faults-\w+\/root/g, "")
    .replace(/:\[\d+\]/g, "")
    .replace(/0x[0-9a-f]{6,}/g, "…");
}

/** close(2) gives a pipe up whatever it answers, but a call that is failed is not made: the other end would wait for ever. */
function isReleased(call: string, words: string): boolean {
  return call === "close" && /^\d+<pipe:/.test(words);
}

/** Whether a call of Node's main thread is one that tsgosu has made, and so are all that come later. */
function isMarker({ call, words }: Line): boolean {
  return call === MARKER || (call === "write" && /^[12]</.test(words));
}

/** What libuv reads and writes of itself goes through pipes and descriptors for events; its child's signals are libc's work. */
function isNodes(call: string, words: string, inChild: boolean): boolean {
  if (NODES_OWN.includes(call) || (inChild && /^rt_sig/.test(call))) return true;
  // libc blocks all signals while it starts a process, and puts the mask back.
  if (call === "rt_sigprocmask" && /^SIG_BLOCK, ~\[|^SIG_SETMASK/.test(words)) return true;
  return (
    /^(read|write|close|ioctl|fcntl)$/.test(call) &&
    /^\d+<(pipe|anon_inode|socket):/.test(words) &&
    !/^[012]</.test(words)
  );
}

/** Whether the fault happened, once, and to tsgosu: in Node, not before its own code ran. */
export function happened(log: string, executable: Executable, { site }: Fault): boolean {
  const lines = linesOf(log);
  const marked = executable.name === "static" || site.by === "child" ? 0 : lines.findIndex(isMarker);
  const main = lines.find(isMarker)?.pid;
  // What meets the child meets the call in vain of its parent as well, which is for that.
  const injected = lines.flatMap(({ pid, text }, at) =>
    text.includes("(INJECTED)") && !(site.by === "child" && pid === main) ? [at] : [],
  );
  const [met = -1] = injected;
  const isMet = site.by === "threads" ? injected.length > 0 : injected.length === 1;
  return isMet && marked >= 0 && marked <= met && isSame(site, lines[met]?.words ?? "");
}

/** Calls that Node makes for itself as well. */
const ON_DESCRIPTORS = /^(read|write|close|ioctl|fcntl)$/;

/** The fault at an earlier or later occurrence, for a call of which Node makes more or fewer in another start. */
export function shifted({ site, answer }: Fault, by: number): Fault {
  const when = ON_DESCRIPTORS.test(site.call) ? Math.max(site.when + by, 1) : site.when;
  return { site: { ...site, when }, answer };
}

/** Whether a call is for the descriptor that is meant: Node's own come in between at any time. */
function isSame({ call, words }: Site, met: string): boolean {
  // Above 2, a file's number is no matter.
  const first = (text: string): string => (lasting(text).split(/[,)]/)[0] ?? "").replace(/^([3-9]|\d\d+)</, "<");
  return !ON_DESCRIPTORS.test(call) || first(words) === first(met);
}

export function forget(log: string): void {
  rmSync(log, { force: true });
}

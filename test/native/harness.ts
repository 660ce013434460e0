// What runs in Node and in native code: it makes inputs, lets a target read them, and tells the answers.

import { Failure, failureLines } from "../../src/failure.ts";
import { Random } from "./random.ts";
import { brokenTarget, type Target, targets } from "./targets.ts";

/** What a run is asked to do; all numbers are whole. */
export interface Task {
  readonly target: string;
  readonly seed: number;
  /** The first input, and how many. */
  readonly first: number;
  readonly count: number;
  /** So many inputs are told of in one line; 0: each input and each answer is told in full. */
  readonly block: number;
}

/** Reads `TARGET SEED FIRST COUNT BLOCK`. */
export function taskOf(words: readonly string[]): Task {
  return {
    target: `${words[0] ?? ""}`,
    seed: wholeNumber(`${words[1] ?? ""}`),
    first: wholeNumber(`${words[2] ?? ""}`),
    count: wholeNumber(`${words[3] ?? ""}`),
    block: wholeNumber(`${words[4] ?? ""}`),
  };
}

function wholeNumber(word: string): number {
  let value = 0;
  for (let i = 0; i < word.length; i++) value = value * 10 + (word.charCodeAt(i) - 48);
  return value;
}

/**
 * Does the task, and tells of it in lines: `NEXT HASH REFUSED` after each block, where NEXT is the input that comes next,
 * HASH that of all answers in the block, and REFUSED how many of them were refusals; `! N INPUT ANSWER` where one is wrong. `clock` tells the
 * processor time that was used, in milliseconds. In full: `> N INPUT` before an input
 * is read, `< N ANSWER` after.
 */
export function perform(task: Task, tell: (line: string) => void, clock: () => number): void {
  for (const target of [...targets(), brokenTarget()])
    if (target.name === task.target) performOn(target, task, tell, clock);
}

/** More processor time than any input may take, in milliseconds. */
const MOST_TIME = 1000;

function performOn(target: Target, task: Task, tell: (line: string) => void, clock: () => number): void {
  const answers = new Hash();
  let refused = 0;
  for (let index = task.first; index < task.first + task.count; index++) {
    const input = target.input(new Random(task.seed, index));
    if (task.block === 0) tell(`> ${index} ${quoted(input)}`);
    const begin = clock();
    const answer = answerOf(target, input);
    const time = clock() - begin;
    if (time > MOST_TIME) tell(`! ${index} ${quoted(input)} takes ${time} ms`);
    if (task.block === 0) tell(`< ${index} ${quoted(answer)}`);
    else if (answer.startsWith(WRONG)) tell(`! ${index} ${quoted(input)} ${quoted(answer)}`);
    answers.add(answer);
    if (answer.startsWith(REFUSED)) refused++;
    const next = index + 1;
    if (task.block > 0 && (next % task.block === 0 || next === task.first + task.count)) {
      tell(`${next} ${answers.text()} ${refused}`);
      answers.clear();
      refused = 0;
    }
  }
}

const REFUSED = "refused: ";
/** What an answer begins with that must not be: the target threw what tsgosu does not, or an invariant does not hold. */
export const WRONG = "wrong: ";

/** What the target makes of the input: its answer, or how it was refused. */
function answerOf(target: Target, input: string): string {
  try {
    return target.read(input);
  } catch (error) {
    if (error instanceof Failure) {
      const lines = failureLines(error.message, error.hint);
      return isTwoLines(lines, error.hint)
        ? `${REFUSED}${error.code} ${lines}`
        : `${WRONG}the lines of a Failure: ${lines}`;
    }
    return `${WRONG}${error instanceof Error ? error.message : "what is no Error was thrown"}`;
  }
}

/** However odd the input, an error is one line, and a hint another; both are plainly printable. */
function isTwoLines(lines: string, hint: string): boolean {
  let newlines = 0;
  for (let i = 0; i < lines.length; i++) {
    const code = lines.charCodeAt(i);
    if (code === 10) newlines++;
    else if (code < 32 || code === 127) return false;
  }
  return lines.startsWith("tsgosu: ") && lines.endsWith("\n") && newlines === (hint === "" ? 1 : 2);
}

/** The text on one line: what is not plainly printable becomes `\xNN`. */
function quoted(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126 || code === 92) out += `\\x${hex(code, code > 255 ? 4 : 2)}`;
    else out += text.charAt(i);
  }
  return out;
}

function hex(value: number, digits: number): string {
  let text = "";
  for (let shift = 4 * (digits - 1); shift >= 0; shift -= 4) text += "0123456789abcdef".charAt((value >>> shift) & 15);
  return text;
}

/** A hash of texts, 64 bits in two halves: FNV-1a, and the same with another prime. */
class Hash {
  private some = 0;
  private other = 0;

  constructor() {
    this.clear();
  }

  clear(): void {
    this.some = 0x811c9dc5 | 0;
    this.other = 0x050c5d1f;
  }

  add(text: string): void {
    let some = this.some;
    let other = this.other;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      some = Math.imul(some ^ code, 0x01000193);
      other = Math.imul(other ^ code, 0x01000197);
    }
    // The end of a text counts as well, so that "ab", "c" is not "a", "bc".
    this.some = Math.imul(some ^ 0x100, 0x01000193);
    this.other = Math.imul(other ^ 0x100, 0x01000197);
  }

  text(): string {
    return `${hex(this.some, 8)}${hex(this.other, 8)}`;
  }
}

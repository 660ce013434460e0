// Runs the fuzzers of test/native, in Node and as native code, and holds their answers to each other.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildFuzzers, type Effort, VARIANTS, type Variant } from "../../scripts/build-fuzzer.ts";
import { PROJECT } from "../../scripts/host.ts";

/** A program that reads the inputs: its words. */
export interface Runner {
  readonly name: "node" | Variant;
  readonly words: readonly string[];
}

/** Node, and the native fuzzers, which are built where they have to be. The first one is the measure of the others. */
export async function runners(effort: Effort): Promise<readonly [Runner, ...Runner[]]> {
  const built = await buildFuzzers(effort);
  const native = VARIANTS.map((name) => ({ name, words: [built.get(name) ?? ""] }));
  return [{ name: "node", words: [process.execPath, join(PROJECT, "test/native/node.ts")] }, ...native];
}

export interface Range {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly count: number;
}

/** What a runner has said of a range of inputs. */
interface Told {
  /** What was told of the inputs before this one, by block: the hash of the answers, and how many are refusals. */
  readonly blocks: ReadonlyMap<number, string>;
  /** Inputs and answers that are wrong whatever the others say. */
  readonly wrong: readonly string[];
  /** How it ended where it did not come to its end: a signal, an exit code, standard error. */
  readonly failure: string;
  /** The lines of a run that tells of each input in full. */
  readonly lines: readonly string[];
}

/** So many inputs are told of in one line. */
const BLOCK = 1000;
/** A runner that says nothing for so long hangs; its own clock finds what is merely slow. */
const SILENCE_MS = 120_000;
/** Nothing is freed at the end, and where a block was allocated is not worth the time on a million inputs. */
const SANITIZERS = "detect_leaks=0:malloc_context_size=2:quarantine_size_mb=8:allocator_may_return_null=1";

function tell(runner: Runner, range: Range, block: number): Promise<Told> {
  const { target, seed, first, count } = range;
  const words = [...runner.words, target, `${seed}`, `${first}`, `${count}`, `${block}`];
  const environment = { ...process.env, NODE_OPTIONS: "", ASAN_OPTIONS: SANITIZERS };
  return new Promise((resolve, reject) => {
    const child = spawn(words[0] ?? "", words.slice(1), { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const blocks = new Map<number, string>();
    const wrong: string[] = [];
    const lines: string[] = [];
    let stderr = "";
    let rest = "";
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      child.kill("SIGKILL");
    }, SILENCE_MS);
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      timer.refresh();
      const all = (rest + text).split("\n");
      rest = all.pop() ?? "";
      for (const line of all) {
        if (line.startsWith("! ")) {
          if (wrong.length < 10) wrong.push(line.slice(2));
        } else if (/^[<>]/.test(line)) lines.push(line);
        else blocks.set(Number(line.split(" ")[0]), line);
        // Ten are enough to see what is wrong.
        if (wrong.length >= 10) child.kill("SIGKILL");
      }
    });
    child.stderr.setEncoding("latin1").on("data", (text: string) => {
      if (stderr.length < 10_000) stderr += text;
    });
    child.on("error", reject).on("close", (code, signal) => {
      clearTimeout(timer);
      const how = hangs ? "hangs" : signal === null ? `exit code ${code}` : signal;
      const failure = code === 0 || wrong.length >= 10 ? "" : `${how}: ${stderr.trim()}`;
      resolve({ blocks, wrong, failure, lines });
    });
  });
}

/** What one runner made of a range of inputs. */
export interface Findings {
  readonly runner: Runner["name"];
  readonly target: string;
  readonly inputs: number;
  readonly refused: number;
  /** Inputs with an answer that is wrong, or another than that of the first runner; at most ten. */
  readonly wrong: readonly string[];
}

/** Lets each runner read the inputs of a range, and compares; `atOnce` runners at a time. */
export async function fuzz(all: readonly [Runner, ...Runner[]], range: Range, atOnce = 2): Promise<Findings[]> {
  const told: Told[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < all.length; i = next++) told[i] = await tell(all[i] ?? all[0], range, BLOCK);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const findings: Findings[] = [];
  for (const [i, runner] of all.entries()) {
    const one = told[i];
    const measure = told[0];
    if (one === undefined || measure === undefined) continue;
    const wrong = [...one.wrong];
    const block = firstDifference(measure, one, range);
    if (block !== undefined) wrong.push(await describeDifference(all[0], runner, block, one.failure));
    else if (one.failure !== "") wrong.push(one.failure);
    let refused = 0;
    for (const line of one.blocks.values()) refused += Number(line.split(" ")[2]);
    findings.push({ runner: runner.name, target: range.target, inputs: range.count, refused, wrong });
  }
  return findings;
}

/** The first block of which a runner has told nothing, or not the same as the first one. */
function firstDifference(measure: Told, told: Told, range: Range): Range | undefined {
  if (told.wrong.length >= 10) return undefined;
  const end = range.first + range.count;
  for (let first = range.first; first < end; ) {
    const next = Math.min(end, (Math.floor(first / BLOCK) + 1) * BLOCK);
    const line = told.blocks.get(next);
    const isSame = line === (measure.blocks.get(next) ?? line);
    if (line === undefined || !isSame) return { ...range, first, count: next - first };
    first = next;
  }
  return undefined;
}

/** The first input of a block to which two runners give different answers, or at which one of them ends. */
async function describeDifference(measure: Runner, runner: Runner, block: Range, failure: string): Promise<string> {
  const expected = (await tell(measure, block, 0)).lines;
  const told = await tell(runner, block, 0);
  for (let i = 0; i < Math.max(expected.length, told.lines.length); i++) {
    const line = told.lines[i];
    if (line !== undefined && line === expected[i]) continue;
    const input = line?.startsWith(">") ? line : (told.lines[i - 1] ?? "");
    const answer = line ?? `(${told.failure})`;
    return `${input}\n    ${runner.name}: ${answer}\n    ${measure.name}: ${expected[i] ?? "nothing"}`;
  }
  return failure === "" ? `inputs from ${block.first} on: an answer that does not come again` : failure;
}

// npm test: everything, from a fresh checkout: set-up, builds, lint and types, then all tests.
// `npm test -- FILE ...` runs only these test files, after what they need of that: containers and executables for those of
// test/container, and neither for those of test/unit. The last line says how many tests passed and failed. A run of all tests leaves its
// figures for npm run testing.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { createInterface } from "node:readline";
import { ensureEngine } from "./engine.ts";
import { PROJECT, tell } from "./host.ts";
import { leaveTests } from "./testing/results.ts";
import { filesIn } from "./testing/tap.ts";

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs a command and shows what it prints; 1 where it failed, else 0. */
function failures(name: string, command: string, words: readonly string[]): Promise<number> {
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn(command, words, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => tell(error.message));
    child.on("close", (code) => {
      console.log(`${code === 0 ? "ok" : "not ok"} - ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      resolve(code === 0 ? 0 : 1);
    });
  });
}

/**
 * Runs tap, whose full output goes to the log: here a line for each file, and all that is said of a failure.
 * Its closing comment counts.
 */
function runTap(files: readonly string[]): Promise<Count> {
  mkdirSync("build", { recursive: true });
  const log = createWriteStream(LOG);
  return new Promise((resolve) => {
    const child = spawn("tap", ["--reporter=tap", ...files], { stdio: ["ignore", "pipe", "inherit"] });
    let count: Count | undefined;
    let failing = false;
    createInterface({ input: child.stdout }).on("line", (line) => {
      log.write(`${line}\n`);
      const result = /^( *)(not )?ok \d+/.exec(line);
      if (result !== null) failing = result[2] !== undefined;
      if (failing || result?.[1] === "") console.log(line);
      count = countIn(line) ?? count;
    });
    child.on("error", (error) => tell(error.message));
    child.on("close", (code) => {
      const seen = count ?? { passed: 0, failed: 1, skipped: 0 };
      resolve(code !== 0 && seen.failed === 0 ? { ...seen, failed: 1 } : seen);
    });
  });
}

/** The counts of tap's closing comment: `# { total: 9, pass: 7, fail: 1, skip: 1 }`. */
function countIn(line: string): Count | undefined {
  if (!line.startsWith("# { total:")) return undefined;
  const number = (name: string): number => Number(new RegExp(`\\b${name}: (\\d+)`).exec(line)?.[1] ?? "0");
  return { passed: number("pass"), failed: number("fail"), skipped: number("skip") + number("todo") };
}

/** Leaves the figures of a run of all tests for npm run testing. */
function keepFigures({ passed, failed, skipped }: Count): void {
  leaveTests({
    engine: ensureEngine().name,
    minutes: Math.round((Date.now() - begun) / 60_000),
    checks: passed + failed + skipped,
    failed,
    files: filesIn(readFileSync(LOG, "utf8")),
  });
}

/** Whether a test file needs nothing but Node. */
function isUnitTest(file: string): boolean {
  return relative(PROJECT, file).startsWith("test/unit/");
}

const begun = Date.now();
const files = process.argv.slice(2);
const isAll = files.length === 0;
const LOG = isAll ? "build/tests.tap" : "build/tests-of-files.tap";
const needsContainers = isAll || !files.every(isUnitTest);

const prepared = await Promise.all([
  needsContainers ? failures("a container engine and a base image", "node", ["scripts/setup.ts"]) : 0,
  needsContainers ? failures("both executables", "node", ["scripts/build.ts"]) : 0,
  isAll ? failures("the native fuzzers", "node", ["scripts/build-fuzzer.ts"]) : 0,
  failures("what the tests themselves need built", "node", ["scripts/test-tools.ts"]),
]);
const unprepared = prepared.reduce((sum, one) => sum + one);
const unchecked = isAll ? await failures("format, lint and types", "npm", ["run", "--silent", "lint"]) : 0;
const count = unprepared === 0 ? await runTap(files) : { passed: 0, failed: 0, skipped: 0 };
if (isAll && unprepared === 0) keepFigures(count);
if (needsContainers) tell("the images stay for the next time; npm run clean removes them");

const failed = count.failed + unprepared + unchecked;
const skipped = count.skipped === 0 ? "" : `, ${count.skipped} skipped`;
console.log(`${count.passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed === 0 ? 0 : 1;

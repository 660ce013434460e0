// Runs unit tests in one process that stays, for Stryker. Its own runner for tap starts a process per test file and mutant,
// which takes fifty times as long. Where a mutant hangs or breaks the process, Stryker ends it and starts another.

import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext, type StrykerOptions } from "@stryker-mutator/api/core";
import { commonTokens, declareFactoryPlugin, type Injector, PluginKind, tokens } from "@stryker-mutator/api/plugin";
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from "@stryker-mutator/api/test-runner";
import fc from "fast-check";
import type { Test, TestOpts } from "tap";

type TestClass = typeof Test;
type Body = (t: Test) => unknown;

/** A test as a file defines it with t.test at its top. */
interface Defined {
  /** The file and the test's name. */
  readonly id: string;
  readonly fileName: string;
  readonly body: Body;
}

/** What the instrumented code asks for the mutant that is active, and tells of what it has reached. */
const context: InstrumenterContext = {};
Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: context });

const defined: Defined[] = [];
let loading = "";

/** What test files get for tap's root test: it keeps the tests, so that they can run as often as there are mutants. */
const collector = {
  test(name: string, body: Body): Promise<void> {
    defined.push({ id: `${loading}: ${name}`, fileName: loading, body });
    return Promise.resolve();
  },
};
const COLLECTOR = "tsgosu:collector";

/** So many random inputs does a property meet at most: thousands find more, but not in the time that thousands of mutants leave. */
const MOST_INPUTS = 200;

/** fast-check's assert, with few inputs. */
function assert<Ts>(property: fc.IProperty<Ts>, parameters: fc.Parameters<Ts> = {}): void {
  fc.assert(property, { ...parameters, numRuns: Math.min(parameters.numRuns ?? MOST_INPUTS, MOST_INPUTS) });
}

const HASTY = "tsgosu:hasty";
Object.assign(globalThis, { [COLLECTOR]: collector, [HASTY]: { ...fc, assert } });

/** What test files get in place of these packages. */
const REPLACED: Readonly<Record<string, string>> = { tap: COLLECTOR, "fast-check": HASTY };

registerHooks({
  resolve(specifier, asked, next) {
    const name = REPLACED[specifier];
    if (name === undefined || !asked.parentURL?.includes("/test/unit/")) return next(specifier, asked);
    return {
      url: `data:text/javascript,export default globalThis["${name}"]`,
      format: "module",
      shortCircuit: true,
    };
  },
});

/**
 * What makes tests. tap's root test, which nothing runs in, would end the process after half a minute; and it tells the
 * parent process of itself, which is Stryker, and takes every message for one of its own.
 */
async function loadTap(): Promise<TestClass> {
  const { send } = process;
  delete process.send;
  const { t, Test } = await import("tap");
  t.setTimeout(0);
  Object.assign(process, { send });
  return Test;
}

/** Runs one test; what failed in it first, or nothing. */
async function failureOf({ id, body }: Defined, Test: TestClass): Promise<string> {
  const options: TestOpts = { name: "of a mutant" };
  const test = new Test(options);
  void test.test(id, body);
  test.end();
  const report = await test.concat();
  return test.passing() ? "" : (/^ *not ok .*$/m.exec(report)?.[0].trim() ?? "not ok");
}

class StayingRunner implements TestRunner {
  private readonly files: readonly string[];
  private tests: Promise<TestClass> | undefined = undefined;
  /** How long each test took when it ran last, in milliseconds: short ones come first, and most mutants meet no other. */
  private readonly took = new Map<string, number>();

  constructor(files: readonly string[]) {
    this.files = files;
  }

  capabilities(): { reloadEnvironment: boolean } {
    // What a module computes as it is loaded can only be changed in another process.
    return { reloadEnvironment: false };
  }

  /** Loads the tests, once. */
  private load(): Promise<TestClass> {
    this.tests ??= this.loadNow();
    return this.tests;
  }

  private async loadNow(): Promise<TestClass> {
    const tests = await loadTap();
    // The same random inputs each time, so that the same mutants survive.
    fc.configureGlobal({ seed: 1 });
    for (const file of this.files) {
      loading = file;
      await import(pathToFileURL(resolve(file)).href);
    }
    return tests;
  }

  async dryRun(): Promise<DryRunResult> {
    const tests = await this.load();
    const results: TestResult[] = [];
    for (const test of defined) {
      const { id, fileName } = test;
      context.currentTestId = id;
      const begin = performance.now();
      const failureMessage = await failureOf(test, tests);
      const common = { id, name: id, fileName, timeSpentMs: performance.now() - begin };
      results.push(
        failureMessage === ""
          ? { ...common, status: TestStatus.Success }
          : { ...common, status: TestStatus.Failed, failureMessage },
      );
    }
    const { mutantCoverage } = context;
    return {
      status: DryRunStatus.Complete,
      tests: results,
      ...(mutantCoverage === undefined ? {} : { mutantCoverage }),
    };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    delete context.currentTestId;
    context.hitCount = 0;
    if (options.hitLimit !== undefined) context.hitLimit = options.hitLimit;
    if (options.mutantActivation === "static") context.activeMutant = options.activeMutant.id;
    const tests = await this.load();
    context.activeMutant = options.activeMutant.id;
    const tookOf = ({ id }: Defined): number => this.took.get(id) ?? 0;
    const chosen = defined.filter(({ id }) => options.testFilter?.includes(id) ?? true);
    chosen.sort((one, other) => tookOf(one) - tookOf(other));
    let nrOfTests = 0;
    for (const test of chosen) {
      nrOfTests++;
      const begin = performance.now();
      const failureMessage = await failureOf(test, tests);
      this.took.set(test.id, performance.now() - begin);
      const tooOften = determineHitLimitReached(context.hitCount, options.hitLimit);
      if (tooOften !== undefined) return { ...tooOften, status: MutantRunStatus.Timeout };
      if (failureMessage !== "")
        return { status: MutantRunStatus.Killed, killedBy: [test.id], failureMessage, nrOfTests };
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }
}

function make(injector: Injector<{ [commonTokens.options]: StrykerOptions }>): TestRunner {
  const files: unknown = injector.resolve(commonTokens.options)["unitTests"];
  if (!Array.isArray(files)) throw new Error("the option unitTests names no test files");
  return new StayingRunner(files.map(String));
}
make.inject = tokens(commonTokens.injector);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "staying", make)];

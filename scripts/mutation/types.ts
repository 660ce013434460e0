// Whether mutants are programs at all: those that the compiler refuses could never be built, and are left out of the count.
// Stryker's own checker needs the compiler's interface for programs, which TypeScript 7 does not have. So each mutant becomes a
// module beside the one that it changes, and the compiler looks at all of them in one run.

import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Checker, type CheckResult, CheckStatus } from "@stryker-mutator/api/check";
import type { Mutant } from "@stryker-mutator/api/core";
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { attempt, BUILD, PROJECT } from "../host.ts";

/** A copy of the source, with the mutants in it. */
const COPY = join(BUILD, "mutants");

/** What a mutant may leave behind without being wrong: names that nothing uses any more, and code that is not reached. */
const ALLOWED = { noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true };

/** The module that a mutant makes of its file. Throws an Error for a place that the file does not have. */
export function mutated(text: string, { location, replacement }: Pick<Mutant, "location" | "replacement">): string {
  const { start, end } = location;
  return text.slice(0, offsetOf(text, start)) + replacement + text.slice(offsetOf(text, end));
}

/** Where a place, counted in lines and columns from 0 on, is in a text. Throws an Error if there is no such line. */
export function offsetOf(text: string, { line, column }: { readonly line: number; readonly column: number }): number {
  let offset = 0;
  for (let passed = 0; passed < line; passed++) {
    offset = text.indexOf("\n", offset) + 1;
    if (offset === 0) throw new Error(`there is no line ${line + 1}`);
  }
  return offset + column;
}

/** The first complaint of the compiler about each module, by the module's path. */
export function complaints(output: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, file = "", what = ""] of output.matchAll(/^(\S+\.ts)\(\d+,\d+\): error (.*)$/gm))
    if (!found.has(file)) found.set(file, what);
  return found;
}

const checker: Checker = {
  async init() {},

  async check(mutants) {
    rmSync(COPY, { recursive: true, force: true });
    cpSync(join(PROJECT, "src"), join(COPY, "src"), { recursive: true });
    const modules = new Map<string, string>();
    for (const { id, fileName, ...change } of mutants) {
      const module = relative(PROJECT, fileName).replace(/\.ts$/, `.mutant-${id}.ts`);
      modules.set(id, module);
      writeFileSync(join(COPY, module), mutated(readFileSync(fileName, "utf8"), change));
    }
    const configuration = { extends: "../../tsconfig.json", compilerOptions: ALLOWED, include: ["src"] };
    writeFileSync(join(COPY, "tsconfig.json"), JSON.stringify(configuration));
    const { code, stdout, stderr } = attempt(["env", "-C", COPY, "tsc", "--pretty", "false"]);
    const wrong = complaints(stdout);
    if (code !== 0 && wrong.size === 0) throw new Error(`tsc says nothing of any mutant: ${stdout}${stderr}`);
    const results: Record<string, CheckResult> = {};
    for (const [id, module] of modules) {
      const reason = wrong.get(module);
      results[id] =
        reason === undefined ? { status: CheckStatus.Passed } : { status: CheckStatus.CompileError, reason };
    }
    rmSync(COPY, { recursive: true });
    return results;
  },

  async group(mutants) {
    return [mutants.map(({ id }) => id)];
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Checker, "types", checker)];

// Many small cases in one container, which takes a tenth of a second to start.

import type { Test } from "tap";
import { type Ran, type RunOptions, run } from "./containers.ts";
import type { Executable } from "./executables.ts";

/** A case: a script for bash, which root runs in a container where `tsgosu` and `probe` are on the PATH. */
export interface Case {
  readonly name: string;
  readonly script: string;
}

/** A case, and what has to come of it: by default exit code 0, no output and no line on standard error. */
export interface ExpectedCase extends Case {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string | RegExp;
}

export interface CasesOptions extends RunOptions {
  /** A script that runs before each case, to put back what others may have changed. */
  readonly before?: string;
}

/** How a case ended. */
export interface CaseRan extends Ran {
  /** The processor time that it took, of all its processes that were waited for: it does not grow with other work. */
  readonly cpuMs: number;
}

const FRAME = /^@case (\d+) (\d+) ([\d.]+) ([\d.]+) (\S*) (\S*)$/gm;

/**
 * Runs the cases one after the other in one container; what each wrote, how it ended and what it took, by name.
 * Scripts are bytes, one character each (Latin-1). Throws where a case has no result, as when the container was ended: the
 * first of these is the one that was being run.
 */
export async function runCases(
  executable: Executable,
  cases: readonly Case[],
  options: CasesOptions = {},
): Promise<Map<string, CaseRan>> {
  const script = cases.map((one, at) => frame(one, at, options.before ?? "")).join("\n");
  const ran = await run(executable, ["-s"], { ...options, entrypoint: "bash", input: `${script}\nexit 0\n` });
  const results = new Map<string, CaseRan>();
  for (const [, index, code, user, system, stdout, stderr] of ran.stdout.matchAll(FRAME)) {
    const name = cases[Number(index)]?.name ?? "";
    const cpuMs = Math.round((Number(user) + Number(system)) * 1000);
    results.set(name, { code: Number(code), cpuMs, stdout: decoded(stdout), stderr: decoded(stderr) });
  }
  const missing = cases.find((one) => !results.has(one.name));
  if (missing !== undefined)
    throw new Error(`no result of '${missing.name}': exit code ${ran.code}: ${ran.stdout.slice(-500)}${ran.stderr}`);
  return results;
}

/** Runs the cases as `runCases` does, and holds each to what is expected of it; `stderr` is what most of them say. */
export async function holdCases(
  t: Test,
  executable: Executable,
  cases: readonly ExpectedCase[],
  options: CasesOptions & { readonly stderr?: RegExp } = {},
): Promise<void> {
  const results = await runCases(executable, cases, options);
  for (const one of cases) {
    const ran = results.get(one.name);
    t.same(
      { code: ran?.code, stdout: ran?.stdout },
      { code: one.code ?? 0, stdout: one.stdout ?? "" },
      `${one.name}${ran?.stderr === "" ? "" : `: ${ran?.stderr}`}`,
    );
    const stderr = one.stderr ?? options.stderr ?? "";
    if (typeof stderr === "string") t.equal(ran?.stderr, stderr, `${one.name}: what it says`);
    else t.match(ran?.stderr, stderr, `${one.name}: what it says`);
  }
}

/** Runs one script in a container. */
export async function runScript(executable: Executable, script: string, options: CasesOptions = {}): Promise<CaseRan> {
  const results = await runCases(executable, [{ name: "script", script }], options);
  return results.get("script") ?? { code: -1, stdout: "", stderr: "", cpuMs: 0 };
}

function frame(one: Case, at: number, before: string): string {
  return `${before}
TIMEFORMAT='%3U %3S'
{ time { (
${one.script}
) </dev/null >/tmp/.out 2>/tmp/.err; }; } 2>/tmp/.time
code=$?
echo "@case ${at} $code $(tail -n 1 /tmp/.time) $(base64 -w0 /tmp/.out) $(base64 -w0 /tmp/.err)"`;
}

function decoded(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString("latin1");
}

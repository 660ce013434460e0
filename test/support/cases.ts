// Many small cases in one container, which takes a tenth of a second to start.

import { type Ran, type RunOptions, run } from "./containers.ts";
import type { Executable } from "./executables.ts";

/** A case: a script for bash, which root runs in a container where `tsgosu` and `probe` are on the PATH. */
export interface Case {
  readonly name: string;
  readonly script: string;
}

export interface CasesOptions extends RunOptions {
  /** A script that runs before each case, to put back what others may have changed. */
  readonly before?: string;
}

const FRAME = /^@case (\d+) (\d+) (\d+) (\S*) (\S*)$/gm;

/**
 * Runs the cases one after the other in one container; what each wrote, how it ended and how long it took, by name.
 * Scripts are bytes, one character each (Latin-1). Throws where a case has no result, as when the container was ended.
 */
export async function runCases(
  executable: Executable,
  cases: readonly Case[],
  options: CasesOptions = {},
): Promise<Map<string, Ran>> {
  const script = cases.map((one, at) => frame(one, at, options.before ?? "")).join("\n");
  const ran = await run(executable, ["-s"], { ...options, entrypoint: "bash", input: `${script}\nexit 0\n` });
  const results = new Map<string, Ran>();
  for (const [, index, code, ms, stdout, stderr] of ran.stdout.matchAll(FRAME)) {
    const name = cases[Number(index)]?.name ?? "";
    results.set(name, { code: Number(code), ms: Number(ms), stdout: decoded(stdout), stderr: decoded(stderr) });
  }
  const missing = cases.find((one) => !results.has(one.name));
  if (missing !== undefined)
    throw new Error(`no result of '${missing.name}': exit code ${ran.code}: ${ran.stdout.slice(-500)}${ran.stderr}`);
  return results;
}

/** Runs one script in a container. */
export async function runScript(executable: Executable, script: string, options: CasesOptions = {}): Promise<Ran> {
  const results = await runCases(executable, [{ name: "script", script }], options);
  return results.get("script") ?? { code: -1, stdout: "", stderr: "", ms: 0 };
}

function frame(one: Case, at: number, before: string): string {
  return `${before}
t0=\${EPOCHREALTIME/./}
(
${one.script}
) </dev/null >/tmp/.out 2>/tmp/.err
code=$?
t1=\${EPOCHREALTIME/./}
echo "@case ${at} $code $(( (t1 - t0) / 1000 )) $(base64 -w0 /tmp/.out) $(base64 -w0 /tmp/.err)"`;
}

function decoded(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString("latin1");
}

// How init speaks under the name of another init: its lines begin as that tool's do, so that whoever reads logs finds them.

import { EXIT_CANNOT_RUN, EXIT_NOT_FOUND, Failure, printable } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { bytesOf } from "../text.ts";
import type { InitOptions } from "./options.ts";

/** The init by whose name tsgosu was called; empty for its own name. */
export type Tool = "" | "tini" | "catatonit" | "dumb-init";

/** How important a line is, which `InitOptions.verbosity` is compared with: an error is always said. */
export const ERROR = 0;
export const WARNING = 1;
export const INFORMATION = 2;
export const DEBUG = 3;

/** How an error, a warning, an information or a line for finding mistakes begins. */
function lineStart(tool: Tool, importance: number, pid: number): string {
  if (tool === "") return "tsgosu: ";
  if (tool === "dumb-init") return "[dumb-init] ";
  const isTini = tool === "tini";
  let level = isTini ? "FATAL" : "ERROR";
  if (importance === WARNING) level = isTini ? "WARN " : "WARN";
  if (importance === INFORMATION) level = isTini ? "INFO " : "INFO";
  if (importance === DEBUG) level = "DEBUG";
  return isTini ? `[${level} tini (${pid})] ` : `${level} (catatonit:${pid}): `;
}

/** Says something on standard error, where init is to say what is so important. */
export function tell(kernel: Kernel, options: InitOptions, importance: number, text: string): void {
  if (options.verbosity < importance) return;
  kernel.write(2, bytesOf(`${lineStart(options.tool, importance, kernel.getpid())}${printable(text)}\n`));
}

/**
 * A failure as the tool by whose name tsgosu was called reports it: tini tells a command that was not found from one that
 * cannot run by 127 and 126, dumb-init ends with 2 for both, and 1 means all else.
 */
export function inItsWords(tool: Tool, failure: Failure, pid: number): Failure {
  const ofCommand = failure.code === EXIT_CANNOT_RUN || failure.code === EXIT_NOT_FOUND;
  let code = 1;
  let before = "";
  if (ofCommand && tool === "tini") {
    code = failure.code;
    before = "exec ";
  }
  if (ofCommand && tool === "catatonit") before = "failed to exec pid1: ";
  if (ofCommand && tool === "dumb-init") code = 2;
  return new Failure(`${before}${failure.message}`, failure.hint, code, lineStart(tool, ERROR, pid));
}

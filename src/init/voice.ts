// How init reports under the name of another init: its lines begin as that tool's do, so that log filters still find them.

import { EXIT_CANNOT_RUN, EXIT_NOT_FOUND, Failure, printable } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { bytesOf, itemOf } from "../text.ts";
import type { InitOptions } from "./options.ts";

/** The init by whose name tsgosu was called: its own, or one of the others. */
export type Tool = 0 | 1 | 2 | 3;
export const OWN = 0;
export const TINI = 1;
export const CATATONIT = 2;
export const DUMB_INIT = 3;

/** How important a line is, which `InitOptions.verbosity` is compared with: an error is always said. */
export const ERROR = 0;
export const WARNING = 1;
export const INFORMATION = 2;
export const DEBUG = 3;

/** How a line of this importance begins. */
function lineStart(tool: Tool, importance: number, pid: number): string {
  if (tool === OWN) return "tsgosu: ";
  if (tool === DUMB_INIT) return "[dumb-init] ";
  const level = itemOf(["ERROR", "WARN", "INFO", "DEBUG"], importance);
  if (tool === CATATONIT) return `${level} (catatonit:${pid}): `;
  return importance === ERROR ? `[FATAL tini (${pid})] ` : `[${level.padEnd(5)} tini (${pid})] `;
}

/** Writes a line to standard error if init is to report lines of this importance. */
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
  if (ofCommand) {
    if (tool === TINI) {
      code = failure.code;
      before = "exec ";
    } else if (tool === CATATONIT) before = "failed to exec pid1: ";
    else code = 2;
  }
  return new Failure(before + failure.message, failure.hint, code, lineStart(tool, ERROR, pid));
}

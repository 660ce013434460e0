// --check and --explain: what tsgosu prints instead of running a command.

import { accountNamed } from "../accounts/passwd.ts";
import { PASSWD, readAccountFile } from "../accounts/read.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { bytesOf } from "../text.ts";
import { explain } from "./explain.ts";
import { factsOf } from "./facts.ts";
import { judge } from "./judge.ts";
import { readPosture } from "./posture.ts";
import { explanationText, isRestricted, postureJson, postureTable } from "./print.ts";

/**
 * Prints the posture of a command that this process would execute, and exits: 0 if it meets the Pod Security Standard
 * "restricted", 1 if not. Throws a Failure if the IDs or the capabilities cannot be read.
 */
export function checkPosture(kernel: Kernel, asJson: boolean): void {
  const posture = readPosture(kernel);
  const controls = judge(posture);
  const facts = factsOf(posture);
  print(kernel, asJson ? postureJson(controls, facts) : postureTable(controls, facts, wantsColour(kernel)));
  kernel.exit(isRestricted(controls) ? 0 : 1);
}

/** Whether standard output is a terminal and NO_COLOR is unset or empty (no-color.org). */
function wantsColour(kernel: Kernel): boolean {
  return kernel.isatty(1) && (kernel.environment("NO_COLOR") ?? "") === "";
}

/** Prints what a message means, and exits: 0 if it is known, 1 if not. */
export function explainMessage(kernel: Kernel, message: string): void {
  const explanations = explain(message, (user) => accountNamed(readAccountFile(kernel, PASSWD).bytes, user)?.uid);
  print(kernel, explanationText(explanations));
  kernel.exit(explanations.length > 0 ? 0 : 1);
}

function print(kernel: Kernel, text: string): void {
  kernel.write(1, bytesOf(text));
}

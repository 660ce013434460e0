// --check and --explain: what tsgosu says instead of running a command.

import { accountNamed } from "../accounts/passwd.ts";
import { PASSWD, readAccountFile } from "../accounts/read.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { bytesOf } from "../text.ts";
import { explain } from "./explain.ts";
import { factsOf, judge } from "./judge.ts";
import { readPosture } from "./posture.ts";
import { explanationText, postureJson, postureTable } from "./print.ts";

/** Prints the posture of a command that this process would execute. Exits 0 if all controls hold, else 1. */
export function checkPosture(kernel: Kernel, asJson: boolean): void {
  const posture = readPosture(kernel);
  const controls = judge(posture);
  const restricted = !controls.includes("false");
  // no-color.org: set and not empty.
  const colour = kernel.isatty(1) && (kernel.environment("NO_COLOR") ?? "") === "";
  const facts = factsOf(posture);
  const text = asJson ? postureJson(controls, facts, restricted) : postureTable(controls, facts, restricted, colour);
  finish(kernel, text, restricted);
}

/** Prints what the message means. Exits 0 if that is known, else 1. */
export function explainMessage(kernel: Kernel, message: string): void {
  const explanations = explain(message, (user) => {
    const account = accountNamed(readAccountFile(kernel, PASSWD).bytes, user);
    return account === undefined ? "1000" : `${account.uid}`;
  });
  finish(kernel, explanationText(explanations), explanations.length > 0);
}

function finish(kernel: Kernel, text: string, good: boolean): void {
  kernel.write(1, bytesOf(text));
  kernel.exit(good ? 0 : 1);
}

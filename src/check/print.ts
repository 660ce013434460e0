// Controls and facts as a table for people and as JSON for programs, and explanations for people.

import { hexDigit, printable } from "../failure.ts";
import type { Explanation } from "./explain.ts";
import type { Fact } from "./facts.ts";
import type { Control, Settings } from "./judge.ts";

const NAME_WIDTH = 26;
const PLACE_WIDTH = 12;
/** The indentation of a setting. */
const INDENT = "      ";

/** Whether the standard is met: every control holds. */
export function isRestricted(controls: readonly Control[]): boolean {
  return controls.every((control) => control.holds);
}

/** The table: a line for each control, below each one that fails the settings that fix it, and the facts. */
export function postureTable(controls: readonly Control[], facts: readonly Fact[], colour: boolean): string {
  let table = "";
  for (const control of controls) table += controlLines(control, colour);
  for (const fact of facts) table += factLine(fact);
  return `${table}Pod Security Standard "restricted": ${isRestricted(controls) ? "met" : "not met"}\n`;
}

function factLine(fact: Fact): string {
  return line("    ", fact.name, NAME_WIDTH, `${fact.value ?? ""}`);
}

function controlLines(control: Control, colour: boolean): string {
  const judged = line(mark(control.holds, colour), control.name, NAME_WIDTH, control.found);
  return control.holds ? judged : judged + settingLines(control.fix);
}

function settingLines(fix: Settings): string {
  const kubernetes = line(INDENT, "kubernetes", PLACE_WIDTH, fix.kubernetes);
  const docker = line(INDENT, "docker", PLACE_WIDTH, fix.docker);
  return kubernetes + docker + line(INDENT, "tsgosu", PLACE_WIDTH, fix.tsgosu);
}

/** Four columns: green where the control holds, red where it fails. */
function mark(holds: boolean, colour: boolean): string {
  if (!colour) return holds ? "ok  " : "FAIL";
  return holds ? "\x1b[32mok\x1b[0m  " : "\x1b[31mFAIL\x1b[0m";
}

function line(start: string, name: string, width: number, value: string): string {
  return `${start}  ${name.padEnd(width)}${printable(value)}\n`;
}

/**
 * The same as one line of JSON (RFC 8259) in ASCII, in the shape described in the README: null stands for what is not known
 * and for the settings of a control that holds.
 */
export function postureJson(controls: readonly Control[], facts: readonly Fact[]): string {
  let listed = "";
  for (const control of controls) listed = joined(listed, controlJson(control));
  let known = "";
  for (const fact of facts) known = joined(known, factJson(fact));
  return `{"version":1,"restricted":${isRestricted(controls)},"controls":[${listed}],"facts":{${known}}}\n`;
}

function joined(list: string, item: string): string {
  return list === "" ? item : `${list},${item}`;
}

function factJson(fact: Fact): string {
  return `${jsonString(fact.name)}:${jsonValue(fact.value)}`;
}

function controlJson(control: Control): string {
  const judged = `"control":${jsonString(control.name)},"holds":${control.holds},"found":${jsonString(control.found)}`;
  return `{${judged},${control.holds ? NO_SETTINGS : settingsJson(control.fix)}}`;
}

const NO_SETTINGS = '"kubernetes":null,"docker":null,"tsgosu":null';

function settingsJson(fix: Settings): string {
  const kubernetes = jsonString(fix.kubernetes);
  return `"kubernetes":${kubernetes},"docker":${jsonString(fix.docker)},"tsgosu":${jsonString(fix.tsgosu)}`;
}

function jsonValue(value: string | boolean | undefined): string {
  if (value === undefined) return "null";
  return typeof value === "boolean" ? `${value}` : jsonString(value);
}

/** A string of bytes: each is a character from U+0000 to U+00FF (text.ts). */
function jsonString(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34 || code === 92 || code < 32 || code > 126)
      out += `\\u00${hexDigit(code >> 4)}${hexDigit(code & 15)}`;
    else out += text.charAt(i);
  }
  return `"${out}"`;
}

/** What a message means, for people: a line for each cause, followed by a line for its fix. */
export function explanationText(explanations: readonly Explanation[]): string {
  if (explanations.length === 0) {
    return "tsgosu does not know this message; tsgosu --check shows what a process in this container may do\n";
  }
  let text = "";
  for (const explanation of explanations) text += explanationLines(explanation);
  return text;
}

function explanationLines(explanation: Explanation): string {
  return `cause  ${printable(explanation.cause)}\nfix    ${printable(explanation.fix)}\n`;
}

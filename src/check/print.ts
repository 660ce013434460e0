// A posture and its judgement, and explanations, as tables for people and as JSON for programs.

import { printable } from "../failure.ts";
import type { Explanation } from "./explain.ts";
import { type Control, PLACES } from "./judge.ts";

const WIDTH = 26;

/** The table: a line a control, below each that fails the lines that mend it, and the facts. */
export function postureTable(controls: readonly Control[], facts: readonly string[], colour: boolean): string {
  const ok = colour ? "\x1b[32mok\x1b[0m  " : "ok  ";
  const fail = colour ? "\x1b[31mFAIL\x1b[0m" : "FAIL";
  let text = "";
  for (let i = 0; i < controls.length; i++) {
    const control = controls[i];
    if (control === undefined) continue;
    text += line(control.holds ? ok : fail, control.id, WIDTH, control.found);
    for (let at = 0; at < PLACES.length && !control.holds; at++)
      text += line("        ", PLACES[at] ?? "", 12, control.mends[at] ?? "");
  }
  for (let i = 0; i < facts.length; i += 2) text += line("    ", facts[i] ?? "", WIDTH, facts[i + 1] ?? "");
  return text;
}

function line(mark: string, name: string, width: number, value: string): string {
  return `${mark}  ${name.padEnd(width)}${value}\n`;
}

/**
 * The same as a line of JSON (RFC 8259) in ASCII; what is not known is null, what holds needs no mending.
 * Everything but `true` and `false` is a string.
 */
export function postureJson(controls: readonly Control[], facts: readonly string[], restricted: boolean): string {
  let list = "";
  for (let i = 0; i < controls.length; i++) {
    const control = controls[i];
    if (control === undefined) continue;
    const words = ["control", control.id, "holds", `${control.holds}`, "found", control.found];
    for (let at = 0; at < PLACES.length; at++) {
      words.push(PLACES[at] ?? "");
      words.push(control.holds ? "" : (control.mends[at] ?? ""));
    }
    list = append(list, jsonObject(words));
  }
  return `{"version":1,"restricted":${restricted},"controls":[${list}],"facts":${jsonObject(facts)}}\n`;
}

/** What a message means, for people. */
export function explanationText(explanations: readonly Explanation[]): string {
  let text = "";
  for (let i = 0; i < explanations.length; i++) {
    const one = explanations[i];
    if (one !== undefined) text += `cause: ${printable(one.cause)}\nfix:   ${printable(one.fix)}\n`;
  }
  return text === "" ? "no message that tsgosu knows; tsgosu --check shows the posture of this container\n" : text;
}

export function explanationJson(explanations: readonly Explanation[]): string {
  let list = "";
  for (let i = 0; i < explanations.length; i++) {
    const one = explanations[i];
    if (one !== undefined) list = append(list, jsonObject(["cause", one.cause, "fix", one.fix]));
  }
  return `{"version":1,"explanations":[${list}]}\n`;
}

function append(list: string, item: string): string {
  return list === "" ? item : `${list},${item}`;
}

/** An object of names and values, one after the other. */
function jsonObject(words: readonly string[]): string {
  let list = "";
  for (let i = 0; i < words.length; i += 2) {
    list = append(list, `${jsonString(words[i] ?? "")}:${jsonValue(words[i + 1] ?? "")}`);
  }
  return `{${list}}`;
}

function jsonValue(word: string): string {
  if (word === "") return "null";
  return word === "true" || word === "false" ? word : jsonString(word);
}

/** Names are bytes: one character each, U+0000 to U+00FF. */
function jsonString(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34 || code === 92 || code < 32 || code > 126)
      out += `\\u00${HEX.charAt(code >> 4)}${HEX.charAt(code & 15)}`;
    else out += text.charAt(i);
  }
  return `"${out}"`;
}

const HEX = "0123456789abcdef";

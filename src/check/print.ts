// A posture and its judgement, and explanations, as tables for people and as JSON for programs.

import { hexDigit, printable } from "../failure.ts";
import { itemOf } from "../text.ts";
import { MEMBERS } from "./judge.ts";

const WIDTH = 26;

/** The table: a line a control, below each that fails the lines that mend it, and the facts. */
export function postureTable(
  controls: readonly string[],
  facts: readonly string[],
  restricted: boolean,
  colour: boolean,
): string {
  let text = "";
  for (let at = 0; at < controls.length; at += MEMBERS.length) {
    const holds = itemOf(controls, at + 1) === "true";
    text += line(mark(holds, colour), itemOf(controls, at), WIDTH, itemOf(controls, at + 2));
    for (let i = 3; i < MEMBERS.length && !holds; i++) {
      text += line("      ", itemOf(MEMBERS, i), 12, itemOf(controls, at + i));
    }
  }
  for (let i = 0; i < facts.length; i += 2) text += line("    ", itemOf(facts, i), WIDTH, itemOf(facts, i + 1));
  return `${text}Pod Security Standard "restricted": ${restricted ? "met" : "not met"}\n`;
}

function mark(holds: boolean, colour: boolean): string {
  if (!colour) return holds ? "ok  " : "FAIL";
  return holds ? "\x1b[32mok\x1b[0m  " : "\x1b[31mFAIL\x1b[0m";
}

function line(start: string, name: string, width: number, value: string): string {
  let column = `${start}  ${name}`;
  for (let length = name.length; length < width; length++) column += " ";
  return `${column}${value}\n`;
}

/** The same as a line of JSON (RFC 8259): `true`, `false` and strings; null for what is not known or needs no mending. */
export function postureJson(controls: readonly string[], facts: readonly string[], restricted: boolean): string {
  let list = "";
  for (let at = 0; at < controls.length; at += MEMBERS.length) {
    const words: string[] = [];
    for (let i = 0; i < MEMBERS.length; i++) {
      words.push(itemOf(MEMBERS, i));
      words.push(itemOf(controls, at + i));
    }
    list = append(list, jsonObject(words));
  }
  return `{"version":1,"restricted":${restricted},"controls":[${list}],"facts":${jsonObject(facts)}}\n`;
}

/** What a message means (causes and fixes, one after the other), for people. */
export function explanationText(explanations: readonly string[]): string {
  if (explanations.length === 0) return "not a message that tsgosu knows; tsgosu --check tells the posture here\n";
  let text = "";
  for (let i = 0; i < explanations.length; i++) {
    text += line(i % 2 === 0 ? "cause" : "fix  ", "", 0, printable(itemOf(explanations, i)));
  }
  return text;
}

function append(list: string, item: string): string {
  return list === "" ? item : `${list},${item}`;
}

/** An object of names and values, one after the other. */
function jsonObject(words: readonly string[]): string {
  let list = "";
  for (let i = 0; i < words.length; i += 2) {
    list = append(list, `${jsonString(itemOf(words, i))}:${jsonValue(itemOf(words, i + 1))}`);
  }
  return `{${list}}`;
}

function jsonValue(word: string): string {
  if (word === "") return "null";
  return word === "true" || word === "false" ? word : jsonString(word);
}

/** In ASCII. Names are bytes: one character each, U+0000 to U+00FF. */
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

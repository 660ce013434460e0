// Finding texts in a message, and the names that stand around them: of a container, a user, a file.

import { isDigits, itemOf, lowerCase } from "../text.ts";

/** A message, ready to be searched. */
export interface Message {
  readonly text: string;
  readonly lines: readonly Line[];
}

interface Line {
  readonly text: string;
  /** The same in lower case, of the same length. */
  readonly searched: string;
}

/** Where a text that is known was found in a message. */
export interface Place {
  /** The whole message. */
  readonly message: string;
  /** The line that the text is on. */
  readonly line: string;
  /** Where the text begins in the line, and where it ends. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a message that somebody copied: from JSON, with its backslashes, or from a program that prints the quotes of a
 * UTF-8 locale.
 */
export function readMessage(copied: string): Message {
  const plain = copied.split("\\n").join("\n").split("\\").join("");
  const single = plain.split("\xe2\x80\x98").join("'").split("\xe2\x80\x99").join("'");
  const text = single.split("\xe2\x80\x9c").join('"').split("\xe2\x80\x9d").join('"');
  return { text, lines: text.split("\n").map((line) => ({ text: line, searched: lowerCase(line) })) };
}

/**
 * The first line on which all of `texts` (in lower case) stand, one after the other; undefined where there is none. The
 * place is that of the last text.
 */
export function placeOf(texts: readonly string[], message: Message): Place | undefined {
  for (const line of message.lines) {
    let start = 0;
    let end = 0;
    for (const text of texts) {
      start = line.searched.indexOf(text, end);
      if (start < 0) break;
      end = start + text.length;
    }
    if (start >= 0) return { message: message.text, line: line.text, start, end };
  }
  return undefined;
}

/** What stands in `text` between `before` and the next `after`; empty where that is not found. */
export function between(text: string, before: string, after: string): string {
  const at = text.indexOf(before);
  if (at < 0) return "";
  const start = at + before.length;
  const end = text.indexOf(after, start);
  return end < 0 ? "" : text.slice(start, end);
}

/** The first word of digits after the place; empty where there is none. */
export function numberAfter(place: Place): string {
  for (const word of place.line.slice(place.end).split(" ")) {
    const number = untilAny(word, 0, ":,.;)'\"");
    if (isDigits(number)) return number;
  }
  return "";
}

/**
 * The containers that admission or kubelet speaks of, in words: `container web`, `containers a, b`, or `the container`;
 * `the pod`, where the rule that is broken is one for the whole pod.
 */
export function containersAt(place: Place): string {
  // A rule of the Pod Security Standards, and in parentheses who breaks it: (pod or containers "a", "b" must set …).
  const clause = untilAny(place.line, place.start, ")");
  if (clause.includes('container "')) return `container ${between(clause, 'container "', '"')}`;
  if (clause.includes('containers "')) return `containers ${quotedList(clause, 'containers "')}`;
  if (clause.includes("(pod ")) return "the pod";
  // kubelet: (pod: "web_default(UID)", container: web).
  const one = between(place.message, "container: ", ")");
  return one === "" ? "the container" : `container ${one}`;
}

/** `a, b` of `before` + `a", "b" …`. */
function quotedList(text: string, before: string): string {
  const items: string[] = [];
  const pieces = text.slice(text.indexOf(before) + before.length).split('"');
  // Items and what stands between them take turns.
  for (let i = 0; i < pieces.length; i += 2) {
    items.push(itemOf(pieces, i));
    if (itemOf(pieces, i + 1) !== ", ") break;
  }
  return items.join(", ");
}

/**
 * The file that a message about a refusal speaks of; empty where it names none. It is quoted right after the place or
 * right before it, or it is the nearest word that looks like a path, before the place if there is one.
 */
export function pathAt(place: Place): string {
  const before = place.line.slice(0, place.start);
  const after = place.line.slice(place.end);
  for (const path of [quotedAfter(after), quotedBefore(before), lastPath(before), firstPath(after)]) {
    if (path !== "") return path;
  }
  return "";
}

/** X of `: 'X'` (Python) or `, open 'X'` (Node.js), at the start of `text`. */
function quotedAfter(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (isQuote(character)) return i === 0 ? "" : between(text, character, character);
    if (!isOneOf(character, ":, abcdefghijklmnopqrstuvwxyz")) return "";
  }
  return "";
}

/** X of `'X': `, at the end of `text`. */
function quotedBefore(text: string): string {
  const end = text.length - 3;
  const quote = text.charAt(end);
  if (end <= 0 || text.slice(end + 1) !== ": " || !isQuote(quote)) return "";
  return text.slice(text.lastIndexOf(quote, end - 1) + 1, end);
}

function lastPath(text: string): string {
  let last = "";
  for (let i = 0; i < text.length; i++) if (startsPath(text, i)) last = pathFrom(text, i);
  return last;
}

function firstPath(text: string): string {
  for (let i = 0; i < text.length; i++) if (startsPath(text, i)) return pathFrom(text, i);
  return "";
}

/** Whether a word begins at `index` that is a path from `/`, `.` or `..` on: the `/` in `and/or` or `unix:///` is none. */
function startsPath(text: string, index: number): boolean {
  if (index > 0 && !isOneOf(text.charAt(index - 1), " \t(=['\"`")) return false;
  return text.startsWith("/", index) || text.startsWith("./", index) || text.startsWith("../", index);
}

/** The path that begins at `index`: up to the closing quote, or to where a message ends a word. */
function pathFrom(text: string, index: number): string {
  const quote = index > 0 ? text.charAt(index - 1) : "";
  const path = untilAny(text, index, isQuote(quote) ? quote : " \t:,;)]'\"`");
  return path.endsWith(".") && path.length > 2 && !isQuote(quote) ? path.slice(0, path.length - 1) : path;
}

/** `text` from `start` up to, not including, the first of these characters; else up to its end. */
function untilAny(text: string, start: number, characters: string): string {
  let end = start;
  while (end < text.length && !isOneOf(text.charAt(end), characters)) end++;
  return text.slice(start, end);
}

function isQuote(character: string): boolean {
  return isOneOf(character, "'\"`");
}

/** Whether the one character is among these. */
function isOneOf(character: string, characters: string): boolean {
  return character !== "" && characters.includes(character);
}

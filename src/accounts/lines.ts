// What /etc/passwd and /etc/group have in common: lines of fields with ':' between them (passwd(5), group(5)).
// Whoever reads the files and whoever changes them take from here what a line is and where its fields stand.
//
// A file of 100,000 lines is ordinary, so it is searched as bytes for the name or number that is looked for. Only lines
// that hold it become strings. No byte is read by its index: the static executable traps on one that is out of range.

import { bytesOf, itemOf, numberOf, textOf } from "../text.ts";
import { MAX_ID } from "./spec.ts";

/** A line of an account file, taken apart. */
export interface Line {
  /** Where the line begins in its file, and where the next line begins; after the last line, the file's length. */
  readonly start: number;
  readonly next: number;
  /** How many blanks stand before the first field. */
  readonly indent: number;
  /** The texts between the colons. White space around the line belongs to no field, as moby/sys/user has it. */
  readonly fields: readonly string[];
}

/** The first line that holds `text` anywhere and for which `isMeant` is true; undefined where there is none. */
export function findLine(file: Buffer, text: string, isMeant: (line: Line) => boolean): Line | undefined {
  const bytes = bytesOf(text);
  let line = nextLineWith(file, bytes, 0);
  while (line !== undefined && !isMeant(line)) line = nextLineWith(file, bytes, line.next);
  return line;
}

/** Calls `visit` with each line that holds `text` anywhere, in the file's order. */
export function eachLine(file: Buffer, text: string, visit: (line: Line) => void): void {
  const bytes = bytesOf(text);
  let line = nextLineWith(file, bytes, 0);
  while (line !== undefined) {
    visit(line);
    line = nextLineWith(file, bytes, line.next);
  }
}

/** The first line that begins at `offset` or later and holds `text`, which is not empty, anywhere. */
function nextLineWith(file: Buffer, text: Buffer, offset: number): Line | undefined {
  const found = offset < file.length ? file.indexOf(text, offset) : -1;
  return found < 0 ? undefined : lineAround(file, found);
}

/** The line in which the byte at `offset` stands. */
function lineAround(file: Buffer, offset: number): Line {
  const start = offset === 0 ? 0 : file.lastIndexOf("\n", offset - 1) + 1;
  const newline = file.indexOf("\n", offset);
  const end = newline < 0 ? file.length : newline;
  const text = textOf(file, start, end);
  const indent = blanksBefore(text);
  const fields = text.slice(indent, text.length - blanksAfter(text, indent)).split(":");
  return { start, next: newline < 0 ? file.length : newline + 1, indent, fields };
}

function blanksBefore(text: string): number {
  let count = 0;
  while (count < text.length && isBlank(text.charCodeAt(count))) count++;
  return count;
}

/** How many blanks stand at the end, not counting the first `indent` characters. */
function blanksAfter(text: string, indent: number): number {
  let count = 0;
  while (count < text.length - indent && isBlank(text.charCodeAt(text.length - 1 - count))) count++;
  return count;
}

/** Whether a character is ASCII white space: a CR before the newline is, too. */
function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Field `index` of a line, from 0 on; empty where the line has fewer. */
export function field(line: Line, index: number): string {
  return itemOf(line.fields, index);
}

/** The ID in field `index`, or -1 where the field is anything but digits for a number from 0 to 4294967294. */
export function idIn(line: Line, index: number): number {
  const id = numberOf(field(line, index));
  return id <= MAX_ID ? id : -1;
}

/** Whether the first field can be a name: it is not empty and has no NUL, and the line is no comment. */
export function hasName(line: Line): boolean {
  const name = field(line, 0);
  return name !== "" && !name.startsWith("#") && !name.includes("\0");
}

/** The bytes of a line, its blanks and what ends it included, with `fields` in place of its own. */
export function lineWithFields(file: Buffer, line: Line, fields: readonly string[]): string {
  const text = textOf(file, line.start, line.next);
  const end = line.indent + line.fields.join(":").length;
  return text.slice(0, line.indent) + fields.join(":") + text.slice(end);
}

/** The fields of a line with `id` in field `index`, which stays as it stands where it says the same, with zeros in front. */
export function withId(fields: readonly string[], index: number, id: number): string[] {
  return fields.map((text, at) => (at === index && numberOf(text) !== id ? `${id}` : text));
}

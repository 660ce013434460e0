// What /etc/passwd and /etc/group have in common: lines of fields with ':' between them (passwd(5), group(5)).
// Whoever reads the files and whoever changes them take from here what a line is and where its fields stand.
//
// A file of 100,000 lines is ordinary, so it is searched as bytes for the name or number that is looked for. Only lines
// that hold it become strings, whose characters can be asked for beyond their end as well: the static executable traps on
// a byte of a buffer that is out of range.

import { byteAt, bytesOf, itemOf, numberOf, textOf } from "../text.ts";
import { MAX_ID } from "./spec.ts";

const NEWLINE = 10;
const COMMA = 44;
const COLON = 58;

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
  let found = indexFrom(file, bytes, 0);
  while (found >= 0) {
    const line = lineAround(file, found);
    if (isMeant(line)) return line;
    found = indexFrom(file, bytes, line.next);
  }
  return undefined;
}

/** Calls `visit` with each line where `item` stands at the end of a field or of an item in a list, in the file's order. */
export function eachLineWith(file: Buffer, item: string, visit: (line: Line) => void): void {
  const bytes = bytesOf(item);
  let found = indexFrom(file, bytes, 0);
  while (found >= 0) {
    let next = found + bytes.length;
    if (endsItem(file, next)) {
      const line = lineAround(file, found);
      visit(line);
      next = line.next;
    }
    found = indexFrom(file, bytes, next);
  }
}

/** Where `text`, which is not empty, stands at `offset` or later; below 0 where it does not. */
function indexFrom(file: Buffer, text: Buffer, offset: number): number {
  return offset < file.length ? file.indexOf(text, offset) : -1;
}

/** Whether what stands before `offset` ends there: an item, a field, a line, or the file. */
function endsItem(file: Buffer, offset: number): boolean {
  const next = offset < file.length ? byteAt(file, offset) : NEWLINE;
  return next === COLON || next === COMMA || isBlank(next);
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

/** Whether a character is ASCII white space: a newline, and a CR before it, are too. */
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
  if (numberOf(itemOf(fields, index)) === id) return [...fields];
  return [...fields.slice(0, index), `${id}`, ...fields.slice(index + 1)];
}

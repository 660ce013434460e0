// What /etc/passwd and /etc/group have in common: lines of fields with ':' between them (passwd(5), group(5)).
// Both reading and changing the files rely on what this file says a line and its fields are.
//
// A file of 100,000 lines is ordinary, so the file is searched as bytes, and only lines that contain the wanted text become
// strings. (Unlike a buffer, a string may be read beyond its end: the static executable traps on a byte out of range.)

import { bytesOf, itemOf, numberOf, textOf } from "../text.ts";
import { MAX_ID } from "./spec.ts";

const NEWLINE = 10;
const COMMA = 44;
const COLON = 58;

/** A line of an account file, split into fields. */
export interface Line {
  /** The offsets of this line and of the next one; after the last line, the file's length. */
  readonly start: number;
  readonly next: number;
  /** How many blanks come before the first field. */
  readonly indent: number;
  /** The texts between the colons. White space around the line belongs to no field, as in moby/sys/user. */
  readonly fields: readonly string[];
}

/** The first line that contains `text` and for which `isMeant` is true, if any. */
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

/** Calls `visit` for each line in which a field or a list item ends with `item`, in the file's order. */
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

/** The index of `text`, which is not empty, at `offset` or later; below 0 if there is none. */
function indexFrom(file: Buffer, text: Buffer, offset: number): number {
  return offset < file.length ? file.indexOf(text, offset) : -1;
}

/** Whether an item, a field, a line, or the file ends at `offset`. */
function endsItem(file: Buffer, offset: number): boolean {
  const next = offset < file.length ? file[offset] : NEWLINE;
  return next === COLON || next === COMMA || isBlank(next ?? NEWLINE);
}

/** The line that contains the byte at `offset`. */
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

/** How many blanks are at the end, not counting the first `indent` characters. */
function blanksAfter(text: string, indent: number): number {
  let count = 0;
  while (count < text.length - indent && isBlank(text.charCodeAt(text.length - 1 - count))) count++;
  return count;
}

/** Whether a character is ASCII white space, which includes newline and CR. */
function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Field `index` of a line, counted from 0; empty if the line has fewer. */
export function field(line: Line, index: number): string {
  return itemOf(line.fields, index);
}

/** The ID in field `index`, or -1 if the field is not a number from 0 to 4294967294. */
export function idIn(line: Line, index: number): number {
  const id = numberOf(field(line, index));
  return id <= MAX_ID ? id : -1;
}

/** Whether the first field can be a name: it is not empty, has no NUL, and does not start a comment. */
export function hasName(line: Line): boolean {
  const name = field(line, 0);
  return name !== "" && !name.startsWith("#") && !name.includes("\0");
}

/** The number of a line in its file, counted from 1. */
export function lineNumber(file: Buffer, line: Line): number {
  let number = 1;
  for (let i = 0; i < line.start; i++) if (file[i] === NEWLINE) number++;
  return number;
}

/** The bytes of a line, including its blanks and its line ending, with `fields` in place of its own. */
export function lineWithFields(file: Buffer, line: Line, fields: readonly string[]): string {
  const text = textOf(file, line.start, line.next);
  const end = line.indent + line.fields.join(":").length;
  return text.slice(0, line.indent) + fields.join(":") + text.slice(end);
}

/** The fields of a line with `id` in field `index`. A field that means the same, with leading zeros, is left as it is. */
export function withId(fields: readonly string[], index: number, id: number): string[] {
  const changed = [...fields];
  if (numberOf(itemOf(fields, index)) !== id) changed[index] = `${id}`;
  return changed;
}

// The text files /etc/passwd and /etc/group share: lines of fields with ':' between them (passwd(5), group(5)).
// Files are scanned as bytes, since one with 100,000 lines is ordinary; only fields that matter become strings.

import { MAX_ID } from "./spec.ts";

const NEWLINE = 10;
const COLON = 58;
const NUL = 0;

/** Where a line's text stands, without surrounding white space, and where the next line starts. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** The line that starts at `offset`, trimmed as moby/sys/user does (a CR before the newline goes too). */
export function lineAt(bytes: Uint8Array, offset: number): Line {
  let stop = offset;
  while (stop < bytes.length && bytes[stop] !== NEWLINE) stop++;
  let start = offset;
  let end = stop;
  while (start < end && isBlank(bytes[start] ?? NUL)) start++;
  while (end > start && isBlank(bytes[end - 1] ?? NUL)) end--;
  return { start, end, next: stop + 1 };
}

/**
 * The first line at or after the line at `offset` in which `text` stands anywhere; undefined where there is none. Of the
 * others nothing is read: they are none of ours, and files of 100,000 lines are searched in no time.
 */
export function lineWith(bytes: Buffer, text: Buffer, offset: number): Line | undefined {
  const found = offset < bytes.length ? bytes.indexOf(text, offset) : -1;
  if (found < 0) return undefined;
  let start = found;
  while (start > offset && bytes[start - 1] !== NEWLINE) start--;
  return lineAt(bytes, start);
}

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** Where the field that starts at `start` ends: at a colon or at the line's end. */
export function fieldEnd(bytes: Uint8Array, start: number, lineEnd: number): number {
  let at = start;
  while (at < lineEnd && bytes[at] !== COLON) at++;
  return at;
}

/** Whether the bytes from `start` to `end` are those of `text`. */
export function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The ID in a field, or -1 where the field is not digits only or above 4294967294. */
export function idIn(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let id = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] ?? NUL) - 48;
    if (digit < 0 || digit > 9) return -1;
    id = id * 10 + digit;
    if (id > MAX_ID) return -1;
  }
  return id;
}

/** Whether the first field of a line can be a name: not empty, no NUL, and the line no comment. */
export function hasName(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end || bytes[start] === 35) return false;
  for (let i = start; i < end; i++) if (bytes[i] === NUL) return false;
  return true;
}

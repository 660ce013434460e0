// How tsgosu says that it cannot go on: what failed, why, and the fix if it is known.

import { itemOf, numberOf } from "./text.ts";

/** Exit code when tsgosu itself failed and the command did not run (as docker run does). */
export const EXIT_TSGOSU = 125;
/** Exit code when the command was found but cannot be run (POSIX sh, 2.8.2). */
export const EXIT_CANNOT_RUN = 126;
/** Exit code when the command was not found (POSIX sh, 2.8.2). */
export const EXIT_NOT_FOUND = 127;

/** The only error that tsgosu throws: `what: why`, an optional hint, and the exit code. */
export class Failure extends Error {
  readonly hint: string;
  readonly code: number;
  /** What its line begins with. */
  readonly start: string;

  constructor(message: string, hint: string = "", code: number = EXIT_TSGOSU, start: string = "tsgosu: ") {
    super(message);
    this.hint = hint;
    this.code = code;
    this.start = start;
  }
}

/**
 * The lines that a failure or a notice puts on standard error, as bytes in a string (see text.ts).
 * Control characters are escaped: a name from the command line must not write a second line or move the cursor.
 */
export function failureLines(message: string, hint: string, start: string = "tsgosu: "): string {
  const first = `${start}${printable(message)}\n`;
  return hint === "" ? first : `${first}tsgosu: hint: ${printable(hint)}\n`;
}

/**
 * `text` with every byte that is not part of a plainly printable UTF-8 character written as `\xNN`, so that the text stays on
 * one line, moves no cursor, reads in its own order, and hides nothing.
 */
export function printable(text: string): string {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const length = printableBytes(text, at);
    const code = text.charCodeAt(at);
    out += length > 0 ? text.slice(at, at + length) : `\\x${hexDigit(code >> 4)}${hexDigit(code & 15)}`;
    at += Math.max(length, 1);
  }
  return out;
}

/** The length in bytes of the plainly printable character at `at`; 0 if there is none. */
function printableBytes(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first < 128) return first >= 32 && first < 127 ? 1 : 0;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  let character = first & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = at + i < text.length ? text.charCodeAt(at + i) : 0;
    if ((next & 0xc0) !== 0x80) return 0;
    character = character * 64 + (next & 0x3f);
  }
  // A character written with more bytes than it needs is not valid (RFC 3629).
  const smallest = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000;
  return character >= smallest && !isHidden(character) ? length : 0;
}

/**
 * The first and the last character of each range that shows nothing, or changes how others show (UnicodeData.txt): control
 * characters of C1 and blanks of other widths; fillers and joiners; U+200B to U+200F, U+2028 to U+202E and U+2060 to U+206F, which are
 * separators of lines and overrides of direction; surrogates, private use, variants, tags, and what is no character. One text, of
 * which a list is made only where a name has such bytes at all.
 */
const HIDDEN =
  "128-160 173-173 847-847 1564-1564 4447-4448 5760-5760 6068-6069 6155-6159 8192-8207 8232-8239 8287-8303 12288-12288 12644-12644 55296-63743 64976-65007 65024-65039 65279-65279 65440-65440 65520-65531 113824-113827 119155-119162 917504-2097151";

function isHidden(character: number): boolean {
  // The last two of every 65,536 are no characters.
  if ((character & 0xfffe) === 0xfffe) return true;
  for (const range of HIDDEN.split(" ")) {
    const ends = range.split("-");
    if (character >= numberOf(itemOf(ends, 0)) && character <= numberOf(itemOf(ends, 1))) return true;
  }
  return false;
}

/** The lower-case hexadecimal digit of 0 to 15. */
export function hexDigit(value: number): string {
  return "0123456789abcdef".charAt(value);
}

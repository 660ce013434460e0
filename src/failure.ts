// How tsgosu says that it cannot go on: what failed, why, and the fix if it is known.

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

/** `text` with control characters as `\xNN`, so that it stays on one line and shows what it contains. */
export function printable(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127) out += `\\x${hexDigit(code >> 4)}${hexDigit(code & 15)}`;
    else out += text.charAt(i);
  }
  return out;
}

/** The lower-case hexadecimal digit of 0 to 15. */
export function hexDigit(value: number): string {
  return "0123456789abcdef".charAt(value);
}

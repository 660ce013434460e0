// Words and names are bytes, not characters. tsgosu keeps them in strings whose every character is one byte
// (0–255, as in Latin-1), so that nothing is lost whatever encoding the user has.

/** The bytes of a byte string. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** The bytes of a byte string, followed by the NUL that C needs. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, "latin1");
}

/** The byte string in `bytes` from `start` up to, not including, `end`. */
export function textOf(bytes: Buffer, start: number, end: number): string {
  return bytes.toString("latin1", start, end);
}

/** Whether `text` is one or more ASCII digits and nothing else. */
export function isDigits(text: string): boolean {
  if (text.length === 0) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** The value of a word of digits; Infinity above what a double holds exactly, NaN if it is not a number. */
export function numberOf(text: string): number {
  if (!isDigits(text)) return Number.NaN;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    value = value * 10 + (text.charCodeAt(i) - 48);
    if (value > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY;
  }
  return value;
}

/** The largest umask, and the largest mode without setuid, setgid and sticky bits. */
export const MOST_MODE = 0o777;

/** The value of a word of octal digits; NaN where it is none. */
export function octalOf(text: string): number {
  let value = text === "" ? Number.NaN : 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    value = digit >= 0 && digit < 8 ? value * 8 + digit : Number.NaN;
  }
  return value;
}

/** `text` in lower case, ASCII letters only: the built-in function brings in tables for all alphabets. */
export function lowerCase(text: string): string {
  let lower = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    lower += code >= 65 && code <= 90 ? String.fromCharCode(code + 32) : text.charAt(i);
  }
  return lower;
}

/** Item `index` of a list, or an empty string if there is none. */
export function itemOf(list: readonly string[], index: number): string {
  // The template keeps the static compiler from treating every user of this as one of `string | undefined`.
  return `${list[index] ?? ""}`;
}

/** Byte `index` of `bytes`; 0 where there is none, which would end the static executable. */
export function byteAt(bytes: Uint8Array, index: number): number {
  return index >= 0 && index < bytes.length ? (bytes[index] ?? 0) : 0;
}

/** Makes `value` byte `index` of `bytes`, where there is such a byte; of a larger number the lowest eight bits. */
export function putByte(bytes: Uint8Array, index: number, value: number): void {
  if (index >= 0 && index < bytes.length) bytes[index] = value % 256;
}

/** `1 file`, `2 files`: a count of what makes its plural with an s. */
export function counted(count: number, word: string): string {
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

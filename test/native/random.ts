// Inputs that nobody wrote: samples of the real thing, damaged at random, and plain noise. The same seed and number give
// the same input, in Node and in native code, so that each input can be made again alone.

/** Mulberry32: small, and good enough to damage text with. */
export class Random {
  private state: number;

  /** The numbers that belong to input `index` of the run with this seed. */
  constructor(seed: number, index: number) {
    this.state = (Math.imul(seed, 0x9e3779b1) + Math.imul(index, 0x85ebca6b)) | 0;
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
}

/** Pieces of text that mean something to one reader or another. */
const MEANT: readonly string[] = [
  ":",
  "::",
  "\n",
  "\r\n",
  "\0",
  ",",
  "-",
  "+",
  "#",
  " ",
  "\t",
  "x",
  "0",
  "00",
  "1000",
  "4294967294",
  "4294967295",
  "4294967296",
  "18446744073709551616",
  "99999999999999999999999999",
  "root",
  "app",
  "\xff",
  "\xc3\xb6",
  "\xc2\x9b",
  "\x9b",
  "\x1b[31m",
  "cap_",
  "CAP_",
  "none",
  "all",
  "(",
  ")",
  '"',
  "'",
  "\\",
  "<",
  ">",
  "|",
  "1e3",
  "0x10",
  "Seccomp:\t",
  "NaN",
  "Infinity",
];

/** The sample with up to five things done to it. */
export function damaged(sample: string, random: Random): string {
  let text = sample;
  for (let times = random.below(6); times > 0; times--) {
    const at = random.below(text.length + 1);
    const end = Math.min(text.length, at + random.below(8));
    switch (random.below(6)) {
      case 0:
        text = text.slice(0, at) + text.slice(end);
        break;
      case 1:
        text = text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
        break;
      case 2:
        text = text.slice(0, at) + (MEANT[random.below(MEANT.length)] ?? "") + text.slice(at);
        break;
      case 3:
        text = text.slice(0, at) + repeated(text.slice(at, end), 1 + random.below(20)) + text.slice(end);
        break;
      case 4:
        text = text.slice(0, at);
        break;
      default:
        text = text.slice(at) + text.slice(0, at);
    }
  }
  return text;
}

function repeated(text: string, times: number): string {
  let all = "";
  for (let i = 0; i < times; i++) all += text;
  return all;
}

/** Up to `most` bytes of which nothing is known, as a byte string. */
export function noise(most: number, random: Random): string {
  let text = "";
  for (let left = random.below(most + 1); left > 0; left--) text += String.fromCharCode(random.below(256));
  return text;
}

/** An input that is read as a row of decisions: one byte each, 0 once all are used up. */
export class Tape {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The next byte. */
  byte(): number {
    if (this.at >= this.text.length) return 0;
    return this.text.charCodeAt(this.at++) & 255;
  }

  /** A decision among `limit` ones (at most 256). */
  below(limit: number): number {
    return this.byte() % limit;
  }

  /** One of these, by the next byte. */
  one(choices: readonly number[]): number {
    return choices[this.byte() % choices.length] ?? 0;
  }

  /** Whether all bytes are used up. */
  ended(): boolean {
    return this.at >= this.text.length;
  }
}

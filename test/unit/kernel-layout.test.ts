// What the kernel leaves in memory, read from a memory made up here.

import t from "tap";
import {
  argumentVector,
  environmentValue,
  type Memory,
  putU64,
  statOf,
  stringAt,
  u64,
} from "../../src/kernel/layout.ts";
import { bytesOf, cString, isDigits, numberOf, textOf } from "../../src/text.ts";

/** A stack as execve(2) leaves it, at address 4096: count, words, NULL, environment, NULL, then the strings. */
function stack(words: readonly string[], environment: readonly string[]): Memory {
  const bytes = new Uint8Array(65536);
  const base = 4096;
  let slot = 64;
  let free = 32768;
  const put = (value: number): void => {
    putU64(bytes, slot, value);
    slot += 8;
  };
  const place = (text: string): number => {
    const at = free;
    bytes.set(cString(text), at);
    free += text.length + 1;
    return base + at;
  };
  put(words.length);
  for (const word of words) put(place(word));
  put(0);
  const environ = base + slot;
  for (const variable of environment) put(place(variable));
  put(0);
  return {
    environ,
    execfn: 0,
    peek: (address, into) => into.set(bytes.subarray(address - base, address - base + into.length)),
    length: (address) => bytes.indexOf(0, address - base) - (address - base),
    getenv(name) {
      const start = `${textOf(Buffer.from(name), 0, name.length - 1)}=`;
      const index = environment.findIndex((variable) => variable.startsWith(start));
      if (index < 0) return 0;
      const pointer = bytes.subarray(environ - base + index * 8);
      return u64(pointer, 0) + start.length;
    },
  };
}

t.test("the argument vector is found below the environment", async (t) => {
  for (const words of [[], [""], ["a"], ["a", "", "c\xff"], Array.from({ length: 100 }, (_, i) => `${i}`)]) {
    const memory = stack(words, ["A=1", "B="]);
    const vector = argumentVector(memory);
    t.equal(vector.count, words.length);
    const pointer = new Uint8Array(8);
    words.forEach((word, i) => {
      memory.peek(vector.address + 8 * i, pointer);
      t.equal(stringAt(memory, u64(pointer, 0)), word);
    });
  }
});

t.test("environment variables", async (t) => {
  const memory = stack(["x"], ["PATH=/bin", "EMPTY=", "PATH=/second", "BYTES=\xff\xfe"]);
  t.equal(environmentValue(memory, "PATH"), "/bin");
  t.equal(environmentValue(memory, "EMPTY"), "");
  t.equal(environmentValue(memory, "BYTES"), "\xff\xfe");
  t.equal(environmentValue(memory, "PAT"), undefined);
});

t.test("numbers in memory", async (t) => {
  const bytes = new Uint8Array(8);
  for (const value of [0, 1, 255, 65536, 4294967295, 4294967296, 140737488355327, Number.MAX_SAFE_INTEGER]) {
    putU64(bytes, 0, value);
    t.equal(u64(bytes, 0), value);
    t.equal(Buffer.from(bytes).readBigUInt64LE(), BigInt(value));
  }
});

t.test("statx", async (t) => {
  const statx = Buffer.alloc(256);
  statx.writeUInt32LE(3, 16);
  statx.writeUInt32LE(10001, 20);
  statx.writeUInt32LE(4294967294, 24);
  statx.writeUInt16LE(0o104755, 28);
  statx.writeBigUInt64LE(12345678901n, 32);
  statx.writeBigUInt64LE(99n, 40);
  statx.writeUInt32LE(259, 136);
  statx.writeUInt32LE(7, 140);
  t.match(statOf(statx), { uid: 10001, mode: 0o104755, size: 99 });
});

t.test("byte strings keep every byte", async (t) => {
  const all = Array.from({ length: 256 }, (_, i) => i);
  const text = textOf(Buffer.from(all), 0, 256);
  t.equal(text.length, 256);
  t.same([...bytesOf(text)], all);
  t.same([...cString("\xff")], [255, 0]);
});

t.test("digits", async (t) => {
  t.equal(numberOf("007"), 7);
  t.equal(numberOf("9007199254740993"), Number.POSITIVE_INFINITY);
  for (const word of ["", "-1", "1 ", "1.0", "٣", "1e3"]) {
    t.notOk(isDigits(word));
    t.ok(Number.isNaN(numberOf(word)));
  }
});

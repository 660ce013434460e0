// What execve(2) leaves on a new program's stack: the number of its words, the addresses of its words, NULL, the
// addresses of its environment, NULL.

import { textOf } from "../text.ts";
import type { Engine } from "./engine.ts";
import { u64 } from "./layout.ts";

const POINTER = 8;

/** The program's words as the kernel laid them down. */
export class ArgumentVector {
  readonly count: number;
  private readonly engine: Engine;
  private readonly address: number;

  /** Finds the words below the environment. No address is as small as a count, which is how the count is recognised. */
  constructor(engine: Engine) {
    let count = 0;
    let below = engine.environ() - 2 * POINTER;
    while (pointerAt(engine, below) !== count) {
      count++;
      below -= POINTER;
    }
    this.engine = engine;
    this.count = count;
    this.address = below + POINTER;
  }

  /** The address of the vector's entry for word `index`. */
  addressFrom(index: number): number {
    return this.address + index * POINTER;
  }

  /** Word `index` as a byte string; empty if there is none. */
  word(index: number): string {
    if (index >= this.count) return "";
    return stringAt(this.engine, pointerAt(this.engine, this.addressFrom(index)));
  }
}

function pointerAt(engine: Engine, address: number): number {
  const pointer = new Uint8Array(POINTER);
  engine.peek(address, pointer);
  return u64(pointer, 0);
}

/** The byte string that starts at `address` and ends before a NUL. */
export function stringAt(engine: Engine, address: number): string {
  const bytes = Buffer.alloc(engine.strlen(address));
  engine.peek(address, bytes);
  return textOf(bytes, 0, bytes.length);
}

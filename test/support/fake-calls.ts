// A kernel over system calls made up here, for tests of what src/kernel makes of them.

import type { Calls } from "../../src/kernel/calls.ts";
import type { Engine } from "../../src/kernel/engine.ts";
import { Kernel } from "../../src/kernel/kernel.ts";
import { putU64, STATX_LENGTH } from "../../src/kernel/layout.ts";
import { MACHINES } from "../../src/kernel/node/machine.ts";
import { cString } from "../../src/text.ts";

/** Where the memory made up here begins. */
const BASE = 4096;

/** A stack as execve(2) leaves it: count, words, NULL, environment, NULL, then the strings. */
export class FakeMemory {
  readonly environment: number;
  private readonly bytes = new Uint8Array(1 << 17);
  private slot = 64;
  private free = 1 << 16;

  constructor(words: readonly string[], environment: readonly string[]) {
    this.put(words.length);
    for (const word of words) this.put(this.place(word));
    this.put(0);
    this.environment = BASE + this.slot;
    for (const variable of environment) this.put(this.place(variable));
    this.put(0);
  }

  private put(value: number): void {
    putU64(this.bytes, this.slot, value);
    this.slot += 8;
  }

  /** Places a C string; its address. */
  place(text: string): number {
    const at = this.free;
    this.bytes.set(cString(text), at);
    this.free += text.length + 1;
    return BASE + at;
  }

  peek(address: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(address - BASE, address - BASE + into.length));
  }

  strlen(address: number): number {
    return this.bytes.indexOf(0, address - BASE) - (address - BASE);
  }
}

/** An object that has only these members; any other is a mistake of the test, or a call that was not expected. */
function only<T extends object>(what: string, members: Partial<T>): T {
  return new Proxy(members as T, {
    get(target, name): unknown {
      const found: unknown = Reflect.get(target, name);
      if (found === undefined) throw new Error(`${what} has no ${String(name)}`);
      return found;
    },
  });
}

export function fakeCalls(calls: Partial<Calls>): Calls {
  return only<Calls>("the fake system calls", calls);
}

/** An engine over a memory with these words and this environment. */
export function fakeEngine(
  words: readonly string[],
  environment: readonly string[] = [],
  others: Partial<Engine> = {},
): Engine {
  const memory = new FakeMemory(words, environment);
  return only<Engine>("the fake engine", {
    machine: () => MACHINES.x64,
    environ: () => memory.environment,
    execfn: () => 0,
    peek: (address, into) => memory.peek(address, into),
    strlen: (address) => memory.strlen(address),
    getenv(name) {
      const start = `${Buffer.from(name.subarray(0, -1)).toString("latin1")}=`;
      const found = environment.find((variable) => variable.startsWith(start));
      return found === undefined ? 0 : memory.place(found.slice(start.length));
    },
    ...others,
  });
}

/** The kernel over these system calls. */
export function kernelOver(calls: Partial<Calls>, engine: Engine = fakeEngine(["tsgosu"])): Kernel {
  return new Kernel(fakeCalls(calls), engine);
}

/** struct statx of a file, with the mount told. */
export function statxOf(fields: { mode: number; uid?: number; size?: number }): Buffer {
  const statx = Buffer.alloc(STATX_LENGTH);
  statx.writeUInt32LE(0x17ff, 0);
  statx.writeUInt32LE(1, 16);
  statx.writeUInt32LE(fields.uid ?? 0, 20);
  statx.writeUInt16LE(fields.mode, 28);
  statx.writeBigUInt64LE(BigInt(fields.size ?? 0), 40);
  return statx;
}

/** The system calls that open and read one file, whose size may be told wrongly, at most `most` bytes at a time. */
export function callsOfFile(bytes: Uint8Array, mode: number, size = bytes.length, most = 1 << 20): Partial<Calls> {
  let at = 0;
  return {
    openat: () => 3,
    close: () => 0,
    statx(_directory, _path, _flags, _mask, into) {
      into.set(statxOf({ mode, size }));
      return 0;
    },
    read(_fd, into, length) {
      const piece = bytes.subarray(at, at + Math.min(length, most));
      into.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
}

// Calling libc from Node, through node:ffi.
//
// A function of libc costs Node a tenth of a millisecond when it is first made, half of one where buffers are among its
// words. So the way to exec has just syscall(2), on numbers, and addresses are numbers too.

import { type ArgumentType, DynamicLibrary, getInt32, getRawPointer } from "node:ffi";
import { NodeCalls, type Word } from "./calls.ts";

/** A function of libc: a value of 0 or more, or −errno. */
export type Native = (...words: (number | bigint | Uint8Array | null)[]) => number;

/** The C library that Node itself runs on. */
export class Libc {
  private readonly library = new DynamicLibrary(null);
  private readonly syscallFunction = this.library.getFunction("syscall", {
    return: "int64",
    arguments: ["int64", "int64", "int64", "int64", "int64", "int64", "int64"],
  });
  /** Found before it is needed: to look for it after a call has failed would change what it says. */
  private readonly errnoAddress: bigint;

  constructor() {
    this.errnoAddress = BigInt(this.library.getFunction("__errno_location", { return: "int64", arguments: [] })());
  }

  /** Makes a system call on this thread: a value of 0 or more, or −errno. */
  syscall(number: number, words: readonly Word[]): number {
    const [a, b, c, d, e] = words;
    const values = [wordOf(a), wordOf(b), wordOf(c), wordOf(d), wordOf(e)] as const;
    const result = this.syscallFunction(BigInt(number), ...values, 0n);
    return result === -1n ? -this.errno() : Number(result);
  }

  /** A function by its name, looked up when it is first called. Throws, then, where libc has none of that name. */
  native(name: string, words: readonly ArgumentType[]): Native {
    let found: Native | undefined;
    return (...values) => {
      found ??= this.library.getFunction(name, { return: "int32", arguments: words });
      const result = found(...values);
      return result < 0 ? -this.errno() : result;
    };
  }

  /** The address of a variable of libc's. */
  addressOf(symbol: string): bigint {
    return this.library.getSymbol(symbol);
  }

  /** The error of this thread's last call. */
  private errno(): number {
    return getInt32(this.errnoAddress, 0);
  }
}

/** A buffer stands for its address, and an empty one for NULL. */
function wordOf(word: Word | undefined): bigint {
  if (word === undefined) return 0n;
  if (typeof word === "number") return BigInt(word);
  return word.length === 0 ? 0n : getRawPointer(word);
}

/** The system calls, through syscall(2). */
export class LibcCalls extends NodeCalls {
  private readonly libc: Libc;

  constructor(libc: Libc) {
    super();
    this.libc = libc;
  }

  protected override syscall(number: number, ...words: Word[]): number {
    return this.libc.syscall(number, words);
  }
}

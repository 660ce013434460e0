// Calling libc from Node, through node:ffi.
//
// In Node, a function of libc costs a tenth of a millisecond when it is first made, half a millisecond if it takes buffers.
// So the way to exec uses only syscall(2), on numbers; addresses are numbers too.

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
  /** Looked up before it is needed: a lookup after a failed call would change errno. */
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

  /** A function by its name, looked up at its first call, which throws if libc has none of that name. */
  native(name: string, words: readonly ArgumentType[]): Native {
    let found: Native | undefined;
    return (...values) => {
      found ??= this.library.getFunction(name, { return: "int32", arguments: words });
      const result = found(...values);
      return result < 0 ? -this.errno() : result;
    };
  }

  /** The address of one of libc's variables. */
  addressOf(symbol: string): bigint {
    return this.library.getSymbol(symbol);
  }

  /** The errno of this thread's last call. */
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

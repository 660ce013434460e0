// The process's own memory, and its environment as C sees it.

import { getRawPointer, getUint8, getUint64, setUint64, toBuffer } from "node:ffi";
import type { Libc } from "./libc.ts";

const POINTER = 8n;
const AT_EXECFN = 31n;
const EQUALS_SIGN = 61;

/** Reads memory, and reads and changes the environment that is passed to execve and posix_spawn. */
export class ProcessMemory {
  /** The address at which libc keeps the address of the environment's vector. */
  private readonly environSymbol: bigint;
  /** The vector that execve(2) laid on the stack. */
  private readonly stackEnviron: bigint;
  /** The buffers that the environment points to, which must never be garbage-collected. */
  private readonly kept: unknown[] = [];

  constructor(libc: Libc) {
    this.environSymbol = libc.addressOf("environ");
    this.stackEnviron = pointerAt(this.environSymbol);
  }

  /** The address of the vector that execve(2) laid on the stack. */
  environ(): number {
    return Number(this.stackEnviron);
  }

  /** The address of the vector as it is now. */
  currentEnviron(): number {
    return Number(pointerAt(this.environSymbol));
  }

  /** getauxval(3): the auxiliary vector follows the environment's on the stack, in pairs of key and value (execve(2)). */
  execfn(): number {
    let slot = this.stackEnviron;
    while (pointerAt(slot) !== 0n) slot += POINTER;
    for (slot += POINTER; pointerAt(slot) !== 0n; slot += 2n * POINTER)
      if (pointerAt(slot) === AT_EXECFN) return Number(pointerAt(slot + POINTER));
    return 0;
  }

  peek(address: number, into: Uint8Array): void {
    into.set(toBuffer(BigInt(address), into.length, false));
  }

  /** Writes a pointer to `bytes` at `address`, and keeps them alive. */
  pokePointer(address: number, bytes: Uint8Array): void {
    this.kept.push(bytes);
    setUint64(BigInt(address), 0, getRawPointer(bytes));
  }

  strlen(address: number): number {
    let length = 0;
    while (getUint8(BigInt(address), length) !== 0) length++;
    return length;
  }

  getenv(name: Uint8Array): number {
    const start = startOf(name);
    const found = this.pointers().find((pointer) => startsWith(pointer, start));
    return found === undefined ? 0 : Number(found) + start.length;
  }

  setenv(name: Uint8Array, value: Uint8Array): number {
    const start = startOf(name);
    const assignment = Buffer.concat([start, value]);
    const others = this.pointers().filter((pointer) => !startsWith(pointer, start));
    const vector = BigUint64Array.from([...others, getRawPointer(assignment), 0n]);
    this.kept.push(assignment, vector);
    setUint64(this.environSymbol, 0, getRawPointer(vector));
    return 0;
  }

  /** The pointers of the environment's vector, without the NULL at its end. */
  private pointers(): bigint[] {
    const pointers: bigint[] = [];
    for (let slot = pointerAt(this.environSymbol); pointerAt(slot) !== 0n; slot += POINTER)
      pointers.push(pointerAt(slot));
    return pointers;
  }
}

function pointerAt(address: bigint): bigint {
  return getUint64(address, 0);
}

/** The name of a variable (a C string) with '=' in place of its NUL. */
function startOf(name: Uint8Array): Uint8Array {
  const start = Uint8Array.from(name);
  start[start.length - 1] = EQUALS_SIGN;
  return start;
}

function startsWith(address: bigint, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (getUint8(address, i) !== start[i]) return false;
  return true;
}

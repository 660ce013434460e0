// How the kernel lays out its structures in memory, where both engines read or write them byte by byte (little-endian).

import { cString, textOf } from "../text.ts";
import type { Capabilities, Stat } from "./kernel.ts";

/** Reading the process's own memory: what neither language has. */
export interface Memory {
  /** Where the vector of environment strings stands: the value of C's `environ`. */
  readonly environ: number;
  /** Where the path stands that the program was executed by (getauxval(3), AT_EXECFN); 0 where that is unknown. */
  readonly execfn: number;
  /** Copies `into.length` bytes from `address`. */
  peek(address: number, into: Uint8Array): void;
  /** strlen(3) */
  length(address: number): number;
  /** getenv(3): where the value of the variable `name` (a C string) stands; 0 where there is none. */
  getenv(name: Uint8Array): number;
}

export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
}

export function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) + u16(bytes, at + 2) * 65536;
}

/** An unsigned 64-bit value; exact up to 2^53, which addresses, sizes and times stay below. */
export function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) + u32(bytes, at + 4) * 4294967296;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value % 256;
  bytes[at + 1] = Math.floor(value / 256) % 256;
  bytes[at + 2] = Math.floor(value / 65536) % 256;
  bytes[at + 3] = Math.floor(value / 16777216) % 256;
}

export function putU64(bytes: Uint8Array, at: number, value: number): void {
  putU32(bytes, at, value % 4294967296);
  putU32(bytes, at + 4, Math.floor(value / 4294967296));
}

/** Length of struct statx. */
export const STATX_LENGTH = 256;

/** What struct statx says (statx(2); its layout is the same on every architecture). */
export function statOf(statx: Uint8Array): Stat {
  return { mode: u16(statx, STATX_MODE), uid: u32(statx, STATX_UID), size: u64(statx, STATX_SIZE) };
}

/** Where fields of struct statx stand that are read one by one, in walks where every entry counts. */
export const STATX_LINKS = 16;
export const STATX_UID = 20;
export const STATX_GID = 24;
export const STATX_MODE = 28;
const STATX_INODE = 32;
const STATX_SIZE = 40;
export const STATX_DEVICE = 136;
export const STATX_MOUNT = 144;

function sameBytes(some: Uint8Array, others: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (some[i] !== others[i]) return false;
  return true;
}

/** Whether two files are the same one, whatever path led there. */
export function sameFile(some: Uint8Array, other: Uint8Array): boolean {
  return sameBytes(some, other, STATX_INODE, STATX_INODE + 8) && sameBytes(some, other, STATX_DEVICE, STATX_DEVICE + 8);
}

/** Length of struct statfs on 64-bit machines, and where its flags stand; bit 0 of them is ST_RDONLY (statfs(2)). */
export const STATFS_LENGTH = 120;
export const STATFS_FLAGS = 80;

/** Length of the two __user_cap_data_struct of version 3: three words for capabilities 0–31, three for 32–63 (capget(2)). */
export const CAPABILITY_DATA_LENGTH = 24;

/** struct __user_cap_header_struct: _LINUX_CAPABILITY_VERSION_3, and PID 0 for the calling thread. */
export function capabilityHeader(): Uint8Array {
  const header = new Uint8Array(8);
  putU32(header, 0, 0x20080522);
  return header;
}

export function capabilitiesOf(data: Uint8Array): Capabilities {
  return {
    effective: u32(data, 0) + u32(data, 12) * 4294967296,
    permitted: u32(data, 4) + u32(data, 16) * 4294967296,
    inheritable: u32(data, 8) + u32(data, 20) * 4294967296,
  };
}

export function capabilityData(sets: Capabilities): Uint8Array {
  const data = new Uint8Array(CAPABILITY_DATA_LENGTH);
  const words = [sets.effective, sets.permitted, sets.inheritable];
  for (let i = 0; i < words.length; i++) {
    putU32(data, i * 4, (words[i] ?? 0) % 4294967296);
    putU32(data, i * 4 + 12, Math.floor((words[i] ?? 0) / 4294967296));
  }
  return data;
}

const POINTER = 8;

/** One pointer, read again and again. */
const pointer = new Uint8Array(POINTER);

export function pointerAt(memory: Memory, address: number): number {
  memory.peek(address, pointer);
  return u64(pointer, 0);
}

/** The byte string at `address`. */
export function stringAt(memory: Memory, address: number): string {
  const bytes = Buffer.alloc(memory.length(address));
  memory.peek(address, bytes);
  return textOf(bytes, 0, bytes.length);
}

/** Where the argument vector stands, and how many words it has. */
export interface ArgumentVector {
  readonly address: number;
  readonly count: number;
}

/**
 * The argument vector as the kernel left it: right below the environment's, its count right below that (execve(2) lays
 * both on the new stack: count, words, NULL, environment, NULL). No pointer is as small as a count, so the count is
 * known when it is met.
 */
export function argumentVector(memory: Memory): ArgumentVector {
  let count = 0;
  let below = memory.environ - 2 * POINTER;
  while (pointerAt(memory, below) !== count) {
    count++;
    below -= POINTER;
  }
  return { address: below + POINTER, count };
}

/** The value of environment variable `name`, the first where there are several. */
export function environmentValue(memory: Memory, name: string): string | undefined {
  const address = memory.getenv(cString(name));
  return address === 0 ? undefined : stringAt(memory, address);
}

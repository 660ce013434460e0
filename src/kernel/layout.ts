// How the kernel lays out its structures in memory: bytes in, plain data out, and back. Numbers have the byte order of the
// machine; static/abi.c holds lengths and offsets to the headers of each architecture.

import { byteAt, putByte, textOf } from "../text.ts";
import { DT_DIR, DT_REG, DT_UNKNOWN, F_WRLCK, SIG_IGN } from "./abi.ts";

/** Real, effective and saved ID (credentials(7)). */
export interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}

/** What statx(2) says about a file. */
export interface Stat {
  /** Type and permission bits (inode(7)). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** How many names the file has. */
  readonly links: number;
  /** Bytes; exact below 2^53. */
  readonly size: number;
  /** The upper and lower half of the inode number, which needs all 64 bits on some file systems. */
  readonly inodeHigh: number;
  readonly inodeLow: number;
  /** The device that the file is on: major × 2^32 + minor. */
  readonly device: number;
  /**
   * When the inode last changed, in milliseconds since 1970 by the file system's clock: by writing, linking, unlinking, renaming
   * or a change of owner or mode. The fraction is exact to a microsecond.
   */
  readonly changed: number;
  /** The ID of the mount through which the file was reached; −1 if the kernel does not tell (before Linux 5.8). */
  readonly mount: number;
}

/** A directory entry (getdents64(2)); `unknown` if the file system does not tell the type. */
export interface DirectoryEntry {
  readonly name: string;
  readonly type: "directory" | "regular" | "other" | "unknown";
}

/** Three of a process's capability sets (capget(2)): bit N is capability N; a set is exact below 2^53. */
export interface Capabilities {
  readonly permitted: number;
  readonly effective: number;
  readonly inheritable: number;
}

/** Whether this machine puts the lowest byte of a number first. s390x puts it last. */
const LITTLE = new DataView(new Uint32Array([1]).buffer).getUint8(0) === 1;

/** The offset of byte `index` of a number of so many bytes, counted from its lowest one. */
function byteOf(index: number, length: number): number {
  return LITTLE ? index : length - 1 - index;
}

function u16(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at + byteOf(0, 2)) + byteAt(bytes, at + byteOf(1, 2)) * 256;
}

/** The unsigned 32-bit number at an offset. */
export function u32(bytes: Uint8Array, at: number): number {
  return LITTLE ? u16(bytes, at) + u16(bytes, at + 2) * 65536 : u16(bytes, at + 2) + u16(bytes, at) * 65536;
}

/** The unsigned 64-bit number at an offset; exact below 2^53, as all addresses, sizes and times are. */
export function u64(bytes: Uint8Array, at: number): number {
  return LITTLE ? u32(bytes, at) + u32(bytes, at + 4) * 4294967296 : u32(bytes, at + 4) + u32(bytes, at) * 4294967296;
}

/** Writes an unsigned number of `length` bytes, below 2^53, at an offset. */
function put(bytes: Uint8Array, at: number, value: number, length: number): void {
  let rest = value;
  for (let index = 0; index < length; index++) {
    putByte(bytes, at + byteOf(index, length), rest);
    rest = Math.floor(rest / 256);
  }
}

/** Writes an unsigned 32-bit number at an offset. */
export function putU32(bytes: Uint8Array, at: number, value: number): void {
  put(bytes, at, value, 4);
}

/** Writes an unsigned 64-bit number below 2^53 at an offset. */
export function putU64(bytes: Uint8Array, at: number, value: number): void {
  put(bytes, at, value, 8);
}

/** Length of struct statx. */
export const STATX_LENGTH = 256;
/** The requested fields: the basic ones and the mount. */
export const STATX_BASIC_AND_MOUNT = 0x17ff;
const STATX_MNT_ID = 0x1000;
/** Where the lower and the upper half of a 64-bit number are in it. */
const LOW = LITTLE ? 0 : 4;
const HIGH = LITTLE ? 4 : 0;

/** The contents of a struct statx (statx(2); its layout is the same on every architecture). */
export function statOf(statx: DataView): Stat {
  return {
    mode: statx.getUint16(28, LITTLE),
    uid: statx.getUint32(20, LITTLE),
    gid: statx.getUint32(24, LITTLE),
    links: statx.getUint32(16, LITTLE),
    size: statx.getUint32(40 + LOW, LITTLE) + statx.getUint32(40 + HIGH, LITTLE) * 4294967296,
    inodeHigh: statx.getUint32(32 + HIGH, LITTLE),
    inodeLow: statx.getUint32(32 + LOW, LITTLE),
    device: statx.getUint32(136, LITTLE) * 4294967296 + statx.getUint32(140, LITTLE),
    changed:
      (statx.getUint32(96 + LOW, LITTLE) + statx.getUint32(96 + HIGH, LITTLE) * 4294967296) * 1000 +
      statx.getUint32(104, LITTLE) / 1000000,
    // The field has 64 bits, but the requested kind of ID has 31 (STATX_MNT_ID in statx(2)).
    mount: (statx.getUint32(0, LITTLE) & STATX_MNT_ID) === 0 ? -1 : statx.getUint32(144 + LOW, LITTLE),
  };
}

/** struct open_how (openat2(2)), with flags of open(2) and flags for the resolution of names. */
export function openHow(flags: number, resolve: number): Uint8Array {
  const how = new Uint8Array(24);
  putU64(how, 0, flags);
  putU64(how, 16, resolve);
  return how;
}

/** Whether two files are the same, whatever paths led there. */
export function isSameFile(some: Stat, other: Stat): boolean {
  return some.inodeHigh === other.inodeHigh && some.inodeLow === other.inodeLow && some.device === other.device;
}

const DOT = 46;

/** The entries in the first `length` bytes written by getdents64(2), without "." and "..". */
export function entriesOf(dents: Buffer, length: number): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  let at = 0;
  // struct linux_dirent64: inode (8), offset (8), length of the record (2), type (1), name ending in NUL.
  while (at + 19 < length) {
    const next = at + u16(dents, at + 16);
    if (next <= at || next > length) break;
    const start = at + 19;
    const nul = dents.indexOf(0, start);
    const name = textOf(dents, start, nul < 0 || nul > next ? next : nul);
    const isDots = byteAt(dents, start) === DOT && (name === "." || name === "..");
    if (!isDots) entries.push({ name, type: entryType(byteAt(dents, at + 18)) });
    at = next;
  }
  return entries;
}

/** The type in struct linux_dirent64. */
function entryType(type: number): DirectoryEntry["type"] {
  if (type === DT_DIR) return "directory";
  if (type === DT_REG) return "regular";
  return type === DT_UNKNOWN ? "unknown" : "other";
}

/** The names in the first `length` bytes written by listxattr(2), each ending in NUL. */
export function namesOf(list: Buffer, length: number): string[] {
  const names: string[] = [];
  let start = 0;
  for (let at = 0; at < length; at++) {
    if (byteAt(list, at) !== 0) continue;
    names.push(textOf(list, start, at));
    start = at + 1;
  }
  return names;
}

/** Room for the kernel's struct statfs. */
export const STATFS_LENGTH = 120;

/** Whether struct statfs, whose flags are at an offset, says that the file system is mounted read-only (ST_RDONLY, statfs(2)). */
export function isReadOnlyMount(statfs: Uint8Array, flagsAt: number): boolean {
  return u32(statfs, flagsAt) % 2 === 1;
}

/** Length of the two __user_cap_data_struct of version 3: capabilities 0 to 31, and 32 to 63 (capget(2)). */
export const CAPABILITY_DATA_LENGTH = 24;

/** struct __user_cap_header_struct: _LINUX_CAPABILITY_VERSION_3, and PID 0 for the calling thread. */
export function capabilityHeader(): Uint8Array {
  const header = new Uint8Array(8);
  putU32(header, 0, 0x20080522);
  return header;
}

/** The sets in the two structures: effective, permitted, inheritable in each. */
export function capabilitiesOf(data: Uint8Array): Capabilities {
  return {
    effective: u32(data, 0) + u32(data, 12) * 4294967296,
    permitted: u32(data, 4) + u32(data, 16) * 4294967296,
    inheritable: u32(data, 8) + u32(data, 20) * 4294967296,
  };
}

/** The two structures that contain these sets. */
export function capabilityData(sets: Capabilities): Uint8Array {
  const data = new Uint8Array(CAPABILITY_DATA_LENGTH);
  let at = 0;
  for (const set of [sets.effective, sets.permitted, sets.inheritable]) {
    putU32(data, at, set % 4294967296);
    putU32(data, at + 12, Math.floor(set / 4294967296));
    at += 4;
  }
  return data;
}

/** Bytes of the kernel's own signal set: 64 signals. */
export const SIGNAL_SET_LENGTH = 8;

/** The kernel's signal set with these signals (1 to 64) in it. */
export function signalSet(signals: readonly number[]): Uint8Array {
  const set = new Uint8Array(SIGNAL_SET_LENGTH);
  for (const signal of signals) {
    const at = byteOf(Math.floor((signal - 1) / 8), SIGNAL_SET_LENGTH);
    putByte(set, at, byteAt(set, at) | (1 << ((signal - 1) % 8)));
  }
  return set;
}

/**
 * Room for the kernel's struct sigaction: handler, flags, restorer, mask. Not every architecture has a restorer. All zeros is
 * the default disposition.
 */
export const SIGACTION_LENGTH = 32;

/** struct sigaction of a signal that is ignored. */
export function ignoring(): Uint8Array {
  const action = new Uint8Array(SIGACTION_LENGTH);
  putU64(action, 0, SIG_IGN);
  return action;
}

/** struct timespec of a number of milliseconds, which may have a fraction; empty (NULL) for a negative number. */
export function timespecOf(milliseconds: number): Uint8Array {
  if (milliseconds < 0) return new Uint8Array(0);
  const timespec = new Uint8Array(16);
  const seconds = Math.floor(milliseconds / 1000);
  putU64(timespec, 0, seconds);
  putU64(timespec, 8, Math.floor((milliseconds - seconds * 1000) * 1000000));
  return timespec;
}

/** The milliseconds of a struct timespec, without their fraction. */
export function millisecondsOf(timespec: Uint8Array): number {
  return u64(timespec, 0) * 1000 + Math.floor(u64(timespec, 8) / 1000000);
}

/** Length of struct flock. */
const FLOCK_LENGTH = 32;

/** struct flock of a lock on a whole file, for writing (fcntl(2)). */
export function wholeFileLock(): Uint8Array {
  const flock = new Uint8Array(FLOCK_LENGTH);
  put(flock, 0, F_WRLCK, 2);
  return flock;
}

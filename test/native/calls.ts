// Every system call answered as a tape decides: with success, with any error, with less than was asked for.

import { DecidedCalls } from "./decided-calls.ts";
import type { Tape } from "./random.ts";

/** What is thrown where a program would end or be replaced. */
export class Ended extends Error {}

/** Errors that calls return: EPERM, ENOENT, EINTR, EIO, EBADF, ENOMEM, EACCES, ENOTDIR, EINVAL, ENOSPC, EROFS, ENOSYS, ENODATA. */
const ERRORS: readonly number[] = [1, 2, 4, 5, 9, 12, 13, 20, 22, 28, 30, 38, 61];
/** After so many calls everything is at its end, so that what is asked ends too. */
const MOST_CALLS = 400;

/** One call in so many is refused. */
const REFUSED_ONCE_IN = 12;

/** The system calls, and a note of each. */
export class TapeCalls extends DecidedCalls {
  readonly tape: Tape;
  readonly notes: string[] = [];
  /** Descriptors that are open. */
  private readonly open = new Set<number>();
  private lastFd = 2;

  constructor(tape: Tape) {
    super();
    this.tape = tape;
  }

  /** Notes a call, and answers with an error now and then, else with `value`. */
  protected done(name: string, value: number): number {
    const isLast = this.notes.length >= MOST_CALLS;
    const result = !isLast && this.tape.below(REFUSED_ONCE_IN) === 1 ? -this.tape.one(ERRORS) : value;
    this.notes.push(`${name}=${result}`);
    return result;
  }

  /** A call of which nothing more is known succeeds, mostly. */
  protected override decided(call: string): number {
    return this.done(call, 0);
  }

  protected isAtEnd(): boolean {
    return this.notes.length >= MOST_CALLS || this.tape.ended();
  }

  protected opened(name: string): number {
    const result = this.done(name, this.lastFd + 1);
    if (result >= 0) {
      this.lastFd = result;
      this.open.add(result);
    }
    return result;
  }

  /** How many descriptors are open. */
  openCount(): number {
    return this.open.size;
  }

  /** Bytes of the tape, in a buffer of the program's: how many. */
  protected fill(into: Uint8Array, most: number): number {
    const count = Math.min(most, into.length, this.tape.byte());
    for (let i = 0; i < count; i++) into[i] = this.tape.byte();
    return count;
  }

  override openat(directory: number, path: Uint8Array, _flags: number, _mode: number): number {
    return this.opened(`openat ${directory} ${nameIn(path)}`);
  }

  override openat2(directory: number, path: Uint8Array, _how: Uint8Array, _length: number): number {
    return this.opened(`openat2 ${directory} ${nameIn(path)}`);
  }

  override close(fd: number): number {
    if (!this.open.has(fd)) throw new Error(`it does not hold that descriptor ${fd}, which is closed, is open`);
    this.open.delete(fd);
    this.notes.push(`close ${fd}`);
    return 0;
  }

  override read(fd: number, into: Uint8Array, length: number): number {
    const count = this.isAtEnd() ? 0 : this.fill(into, length);
    return this.done(`read ${fd} ${length}`, count);
  }

  override write(fd: number, from: Uint8Array, length: number): number {
    return this.done(`write ${fd} ${textIn(from)}`, length);
  }

  override pwrite64(fd: number, _from: Uint8Array, length: number, offset: number): number {
    return this.done(`pwrite64 ${fd} ${length} ${offset}`, this.tape.below(8) === 1 ? Math.floor(length / 2) : length);
  }

  override ioctl(fd: number, request: number, _argument: Uint8Array): number {
    return this.done(`ioctl ${fd} ${request}`, this.tape.below(2) - 1);
  }

  override statx(directory: number, path: Uint8Array, _flags: number, _mask: number, into: Uint8Array): number {
    for (let i = 0; i < into.length; i++) into[i] = 0;
    this.describe(into);
    return this.done(`statx ${directory} ${nameIn(path)}`, 0);
  }

  /** Writes what statx(2) tells of some file. */
  protected describe(into: Uint8Array): void {
    const bits = this.tape.byte();
    into[0] = 0xff;
    // STATX_MNT_ID, mostly.
    into[1] = (bits & 7) === 1 ? 0x07 : 0x17;
    into[16] = (bits & 24) === 8 ? 2 : (bits & 24) === 16 ? 0 : 1;
    const owners = this.tape.byte();
    into[20] = OWNERS[owners & 3] ?? 0;
    into[24] = OWNERS[(owners >> 2) & 3] ?? 0;
    const mode = this.tape.byte();
    into[28] = this.tape.byte();
    // The type in the upper four bits: mostly a directory or an ordinary file.
    into[29] = ((mode & 128) !== 0 ? mode & 15 : 1) | ((mode & 64) !== 0 ? mode : (mode & 32) !== 0 ? 0x40 : 0x80);
    into[32] = owners >> 4;
    into[140] = (bits & 32) === 0 ? 1 : 2;
    into[144] = (bits & 64) === 0 || (bits & 128) === 0 ? 1 : 2;
  }

  override statfs(path: Uint8Array, into: Uint8Array): number {
    into[80] = this.tape.byte();
    return this.done(`statfs ${nameIn(path)}`, 0);
  }

  override faccessat(directory: number, path: Uint8Array, mode: number): number {
    return this.done(`faccessat ${directory} ${nameIn(path)} ${mode}`, 0);
  }

  override faccessat2(directory: number, path: Uint8Array, mode: number, flags: number): number {
    return this.done(`faccessat2 ${directory} ${nameIn(path)} ${mode} ${flags}`, 0);
  }

  override fchownat(directory: number, path: Uint8Array, uid: number, gid: number, flags: number): number {
    return this.done(`fchownat ${directory} ${nameIn(path)} ${uid} ${gid} ${flags}`, 0);
  }

  override fchmodat(directory: number, path: Uint8Array, mode: number): number {
    return this.done(`fchmodat ${directory} ${nameIn(path)} ${mode}`, 0);
  }

  /** A few records: their lengths are right, mostly; their types and names are whatever the tape has. */
  override getdents64(fd: number, into: Uint8Array, length: number): number {
    let at = 0;
    for (let left = this.isAtEnd() ? 0 : this.tape.below(5); left > 0; left--) {
      const name = this.tape.below(6);
      const record = this.tape.below(16) === 1 ? this.tape.byte() : 24;
      if (at + 24 > length || at + 24 > into.length) break;
      for (let i = 0; i < 24; i++) into[at + i] = 0;
      into[at + 16] = record;
      into[at + 18] = this.tape.one(TYPES);
      for (let i = 0; i < name && i < 5; i++) into[at + 19 + i] = 46 + this.tape.below(54);
      at += 24;
    }
    return this.done(`getdents64 ${fd} ${length}`, at);
  }

  override readlinkat(directory: number, path: Uint8Array, into: Uint8Array, length: number): number {
    return this.done(`readlinkat ${directory} ${nameIn(path)}`, this.fill(into, length));
  }

  override renameat2(_fromDir: number, from: Uint8Array, _toDir: number, to: Uint8Array, _flags: number): number {
    return this.done(`renameat2 ${nameIn(from)} ${nameIn(to)}`, 0);
  }

  override unlinkat(directory: number, path: Uint8Array, _flags: number): number {
    return this.done(`unlinkat ${directory} ${nameIn(path)}`, 0);
  }

  override getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array, length: number): number {
    const result = this.tape.below(2) === 0 ? -61 : this.fill(into, length);
    return this.done(`getxattr ${nameIn(path)} ${nameIn(name)}`, result);
  }

  override setxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array, _length: number, _flags: number): number {
    return this.done(`setxattr ${nameIn(path)} ${nameIn(name)} ${textIn(value)}`, 0);
  }

  override listxattr(path: Uint8Array, into: Uint8Array, length: number): number {
    return this.done(`listxattr ${nameIn(path)}`, this.fill(into, length));
  }

  override chdir(path: Uint8Array): number {
    return this.done(`chdir ${nameIn(path)}`, 0);
  }

  override getresuid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    real[0] = this.tape.below(2);
    effective[0] = this.tape.below(2);
    saved[0] = this.tape.below(2);
    return this.done("getresuid", 0);
  }

  override getresgid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    real[0] = this.tape.below(2);
    effective[0] = this.tape.below(2);
    saved[0] = this.tape.below(2);
    return this.done("getresgid", 0);
  }

  override getgroups(most: number, into: Uint8Array): number {
    const count = this.tape.below(4);
    for (let i = 0; i < into.length; i++) into[i] = this.tape.below(3);
    return this.done(`getgroups ${most}`, count);
  }

  override capget(_header: Uint8Array, data: Uint8Array): number {
    for (let i = 0; i < data.length; i++) data[i] = this.tape.byte();
    return this.done("capget", 0);
  }

  override capset(_header: Uint8Array, data: Uint8Array): number {
    return this.done(`capset ${textIn(data)}`, 0);
  }

  override prctl(option: number, second: number, third: number, _fourth: number, _fifth: number): number {
    return this.done(`prctl ${option} ${second} ${third}`, this.tape.below(2));
  }

  override getpid(): number {
    return this.tape.below(2) + 1;
  }

  override getppid(): number {
    return this.tape.below(2);
  }

  override getpgid(pid: number): number {
    return this.done(`getpgid ${pid}`, 1 + this.tape.below(2));
  }

  /** A child that has ended or stopped; after the last byte there is none. */
  override wait4(_pid: number, status: Uint8Array, _options: number, _usage: Uint8Array): number {
    status[0] = this.tape.byte();
    status[1] = this.tape.byte();
    const pid = this.isAtEnd() ? -10 : this.tape.below(8);
    return this.done("wait4", pid);
  }

  override rt_sigtimedwait(_set: Uint8Array, _info: Uint8Array, _timeout: Uint8Array, _setLength: number): number {
    return this.done("rt_sigtimedwait", this.tape.below(16) === 1 ? 15 : -11);
  }

  override clock_gettime(_clock: number, into: Uint8Array): number {
    into[0] = this.notes.length & 255;
    return this.done("clock_gettime", 0);
  }

  override execve(path: Uint8Array, _words: number, _environment: number): number {
    return this.done(`execve ${nameIn(path)}`, -2);
  }

  override exit_group(code: number): number {
    this.notes.push(`exit_group ${code}`);
    throw new Ended("the program has ended");
  }
}

/** Owners of files, the user's among them. */
const OWNERS: readonly number[] = [0, 7, 8, 9];
/** DT_UNKNOWN, DT_DIR, DT_REG, DT_LNK. */
const TYPES: readonly number[] = [0, 4, 4, 8, 8, 10];

/** A C string in a buffer, printable or not. */
export function nameIn(buffer: Uint8Array): string {
  let text = "";
  for (let i = 0; i < buffer.length; i++) {
    const code = buffer[i] ?? 0;
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}

/** All bytes of a buffer as a byte string. */
function textIn(buffer: Uint8Array): string {
  let text = "";
  for (let i = 0; i < buffer.length; i++) text += String.fromCharCode(buffer[i] ?? 0);
  return text;
}

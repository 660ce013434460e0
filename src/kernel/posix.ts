// The kernel over raw calls: what the calls of both engines have in common, in terms of numbers and bytes.

import { cString } from "../text.ts";
import type { Capabilities, Ended, Ids, Kernel, Stat } from "./kernel.ts";
import {
  type ArgumentVector,
  argumentVector,
  CAPABILITY_DATA_LENGTH,
  capabilitiesOf,
  capabilityData,
  capabilityHeader,
  environmentValue,
  type Memory,
  pointerAt,
  putU32,
  STATFS_FLAGS,
  STATFS_LENGTH,
  STATX_LENGTH,
  statOf,
  stringAt,
  u32,
  u64,
} from "./layout.ts";

/** System calls as C has them, on numbers and buffers; paths end in NUL. Each returns a value ≥ 0, or −errno. */
export interface Calls {
  getpid(): number;
  getppid(): number;
  getresuid(ids: Uint8Array): number;
  getresgid(ids: Uint8Array): number;
  getgroups(gids: Uint8Array): number;
  setresuid(uid: number): number;
  setresgid(gid: number): number;
  setgroups(gids: Uint8Array): number;
  capget(header: Uint8Array, data: Uint8Array): number;
  capset(header: Uint8Array, data: Uint8Array): number;
  prctl(option: number, second: number, third: number): number;
  statfs(path: Uint8Array, into: Uint8Array): number;
  open(path: Uint8Array, flags: number): number;
  close(fd: number): number;
  read(fd: number, into: Uint8Array): number;
  write(fd: number, from: Uint8Array): number;
  statx(fd: number, path: Uint8Array, flags: number, into: Uint8Array): number;
  fchown(fd: number, uid: number, gid: number): number;
  openat(directory: number, path: Uint8Array, flags: number, mode: number): number;
  openatPath(directory: number, path: Uint8Array): number;
  fchownat(fd: number, path: Uint8Array, uid: number, gid: number, flags: number): number;
  chmod(path: Uint8Array, mode: number): number;
  getdents64(fd: number, into: Uint8Array): number;
  readlinkat(fd: number, path: Uint8Array, into: Uint8Array): number;
  rename(from: Uint8Array, to: Uint8Array): number;
  unlink(path: Uint8Array): number;
  fsync(fd: number): number;
  ftruncate(fd: number, length: number): number;
  pwrite(fd: number, from: Uint8Array, offset: number): number;
  fcntl(fd: number, command: number, argument: Uint8Array): number;
  setxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array): number;
  listxattr(path: Uint8Array, into: Uint8Array): number;
  clockGettime(clock: number, into: Uint8Array): number;
  access(path: Uint8Array, mode: number): number;
  getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array): number;
  chdir(path: Uint8Array): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  getpgrp(): number;
  kill(pid: number, signal: number): number;
  wait4(pid: number, status: Uint8Array, options: number): number;
  setenv(name: Uint8Array, value: Uint8Array): number;
  execve(path: Uint8Array, words: number): number;
}

/** What each engine does in its own way. */
export interface Engine {
  /** See `Kernel`. */
  hasOneThread(): boolean;
  holdSignals(signals: readonly number[]): number;
  restoreSignals(): void;
  /**
   * Waits for up to so many milliseconds for one of the held signals in `set` (a kernel signal set of 8 bytes): the
   * signal, or below 0 where none came.
   */
  takeSignal(set: Uint8Array, milliseconds: number): number;
  onSignals(handle: (signal: number) => number): void;
  suspend(): void;
  /**
   * posix_spawn(3) with a process group of its own, foreground on `terminal`: the PID, or −errno. With `listens` the
   * child writes its own PID into its LISTEN_PID, which has room for it.
   */
  spawn(path: Uint8Array, words: number, listens: boolean, terminal: number): number;
  releaseResources(): void;
  exit(code: number): void;
}

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const X_OK = 1;
const WNOHANG = 1;
const WUNTRACED = 2;
const TCGETS = 0x5401;
const TIOCGPGRP = 0x540f;
export const TIOCSPGRP = 0x5410;
const POINTER = 8;
const F_SETLK = 6;
const F_WRLCK = 1;
const CLOCK_MONOTONIC = 1;
const EMPTY_PATH = new Uint8Array(1);

/** SIGHUP, SIGINT, SIGQUIT and SIGTERM, as a set. */
function stopSignals(): Uint8Array {
  const set = new Uint8Array(8);
  putU32(set, 0, 0b100000000000111);
  return set;
}

// What a process reaches its kernel by, set once. It is the module's and not captured: functions that capture nothing are
// constants of the static executable, which makes none of them when it starts.
let calls: Calls;
let engine: Engine;
let memory: Memory;
let vector: ArgumentVector;
let statx: Uint8Array;

function wordsFrom(index: number): number {
  return vector.address + index * POINTER;
}

function statAt(fd: number, path: string, flags: number): Stat | number {
  const result = calls.statx(fd, cString(path), flags, statx);
  return result < 0 ? result : statOf(statx);
}

/** The kernel, in the words that the rest of tsgosu uses; there is one for a process. */
export function posixKernel(itsCalls: Calls, itsEngine: Engine, itsMemory: Memory): Kernel {
  calls = itsCalls;
  engine = itsEngine;
  memory = itsMemory;
  vector = argumentVector(memory);
  statx = new Uint8Array(STATX_LENGTH);
  return {
    argumentCount(): number {
      return vector.count;
    },
    argument(index: number): string {
      if (index >= vector.count) return "";
      return stringAt(memory, pointerAt(memory, wordsFrom(index)));
    },
    executedPath(): string {
      return memory.execfn === 0 ? "" : stringAt(memory, memory.execfn);
    },
    environment(name: string): string | undefined {
      return environmentValue(memory, name);
    },
    getpid(): number {
      return calls.getpid();
    },
    getppid(): number {
      return calls.getppid();
    },
    prctl(option: number, second: number, third: number): number {
      return calls.prctl(option, second, third);
    },
    getresuid(): Ids {
      const triple = new Uint8Array(12);
      calls.getresuid(triple);
      return idsOf(triple);
    },
    getresgid(): Ids {
      const triple = new Uint8Array(12);
      calls.getresgid(triple);
      return idsOf(triple);
    },
    getgroups(): number[] {
      const count = calls.getgroups(new Uint8Array(0));
      const list = new Uint8Array(count * 4);
      if (count > 0) calls.getgroups(list);
      const gids: number[] = [];
      for (let i = 0; i < count; i++) gids.push(u32(list, i * 4));
      return gids;
    },
    setresuid(uid: number): number {
      return calls.setresuid(uid);
    },
    setresgid(gid: number): number {
      return calls.setresgid(gid);
    },
    setgroups(gids: readonly number[]): number {
      const list = new Uint8Array(gids.length * 4);
      for (let i = 0; i < gids.length; i++) putU32(list, i * 4, gids[i] ?? 0);
      return calls.setgroups(list);
    },
    capget(): Capabilities | number {
      const data = new Uint8Array(CAPABILITY_DATA_LENGTH);
      const result = calls.capget(capabilityHeader(), data);
      return result < 0 ? result : capabilitiesOf(data);
    },
    capset(sets: Capabilities): number {
      return calls.capset(capabilityHeader(), capabilityData(sets));
    },
    open(path: string, flags: number): number {
      return calls.open(cString(path), flags);
    },
    close(fd: number): number {
      return calls.close(fd);
    },
    read(fd: number, into: Uint8Array): number {
      return calls.read(fd, into);
    },
    write(fd: number, bytes: Uint8Array): number {
      let done = 0;
      while (done < bytes.length) {
        const count = calls.write(fd, bytes.subarray(done, bytes.length));
        if (count < 0) return count;
        done += count;
      }
      return 0;
    },
    fstat(fd: number): Stat | number {
      return statAt(fd, "", AT_EMPTY_PATH);
    },
    stat(path: string): Stat | number {
      return statAt(AT_FDCWD, path, 0);
    },
    fchown(fd: number, uid: number, gid: number): number {
      return calls.fchown(fd, uid, gid);
    },
    openPath(directory: number, name: Uint8Array): number {
      return calls.openatPath(directory, name);
    },
    openAt(directory: number, name: Uint8Array, flags: number, mode: number): number {
      return calls.openat(directory, name, flags, mode);
    },
    statInto(fd: number, into: Uint8Array): number {
      return calls.statx(fd, EMPTY_PATH, AT_EMPTY_PATH, into);
    },
    statAt(directory: number, name: Uint8Array, into: Uint8Array): number {
      return calls.statx(directory, name, AT_SYMLINK_NOFOLLOW, into);
    },
    chownAt(directory: number, name: Uint8Array, uid: number, gid: number): number {
      return calls.fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW);
    },
    chownPath(fd: number, uid: number, gid: number): number {
      return calls.fchownat(fd, EMPTY_PATH, uid, gid, AT_EMPTY_PATH);
    },
    getdents(fd: number, into: Uint8Array): number {
      return calls.getdents64(fd, into);
    },
    readlink(fd: number, into: Uint8Array): number {
      return calls.readlinkat(fd, EMPTY_PATH, into);
    },
    chmod(path: string, mode: number): number {
      return calls.chmod(cString(path), mode);
    },
    rename(from: string, to: string): number {
      return calls.rename(cString(from), cString(to));
    },
    unlink(path: string): number {
      return calls.unlink(cString(path));
    },
    fsync(fd: number): number {
      return calls.fsync(fd);
    },
    ftruncate(fd: number, length: number): number {
      return calls.ftruncate(fd, length);
    },
    pwrite(fd: number, bytes: Uint8Array, offset: number): number {
      return calls.pwrite(fd, bytes, offset);
    },
    lock(fd: number): number {
      const flock = new Uint8Array(32);
      flock[0] = F_WRLCK;
      return calls.fcntl(fd, F_SETLK, flock);
    },
    getxattr(path: string, name: Uint8Array, into: Uint8Array): number {
      return calls.getxattr(cString(path), name, into);
    },
    setxattr(path: string, name: Uint8Array, value: Uint8Array): number {
      return calls.setxattr(cString(path), name, value);
    },
    listxattr(path: string, into: Uint8Array): number {
      return calls.listxattr(cString(path), into);
    },
    monotonic(): number {
      const time = new Uint8Array(16);
      calls.clockGettime(CLOCK_MONOTONIC, time);
      return u64(time, 0) * 1000 + Math.floor(u64(time, 8) / 1000000);
    },
    takeStop(milliseconds: number): number {
      return engine.takeSignal(stopSignals(), milliseconds);
    },
    restoreSignals(): void {
      engine.restoreSignals();
    },
    mayExecute(path: string): number {
      return calls.access(cString(path), X_OK);
    },
    getxattrLength(path: string, name: string): number {
      return calls.getxattr(cString(path), cString(name), new Uint8Array(0));
    },
    isReadOnly(path: string): number {
      const into = new Uint8Array(STATFS_LENGTH);
      const result = calls.statfs(cString(path), into);
      return result < 0 ? result : u32(into, STATFS_FLAGS) % 2;
    },
    chdir(path: string): number {
      return calls.chdir(cString(path));
    },
    releaseResources(): void {
      engine.releaseResources();
    },
    isatty(fd: number): boolean {
      return calls.ioctl(fd, TCGETS, new Uint8Array(64)) >= 0;
    },
    getpgrp(): number {
      return calls.getpgrp();
    },
    tcgetpgrp(fd: number): number {
      const group = new Uint8Array(4);
      const result = calls.ioctl(fd, TIOCGPGRP, group);
      return result < 0 ? result : u32(group, 0);
    },
    tcsetpgrp(fd: number, group: number): number {
      const argument = new Uint8Array(4);
      putU32(argument, 0, group);
      return calls.ioctl(fd, TIOCSPGRP, argument);
    },
    hasOneThread(): boolean {
      return engine.hasOneThread();
    },
    holdSignals(signals: readonly number[]): number {
      return engine.holdSignals(signals);
    },
    onSignals(handle: (signal: number) => number): void {
      engine.onSignals(handle);
    },
    kill(pid: number, signal: number): number {
      return calls.kill(pid, signal);
    },
    suspend(): void {
      engine.suspend();
    },
    reap(): Ended {
      const status = new Uint8Array(4);
      const pid = calls.wait4(-1, status, WNOHANG | WUNTRACED);
      return { pid, status: u32(status, 0) };
    },
    setenv(name: string, value: string): number {
      return calls.setenv(cString(name), cString(value));
    },
    execve(file: string, firstWord: number): number {
      return calls.execve(cString(file), wordsFrom(firstWord));
    },
    spawn(file: string, firstWord: number, listens: boolean, terminal: number): number {
      return engine.spawn(cString(file), wordsFrom(firstWord), listens, terminal);
    },
    exit(code: number): void {
      engine.exit(code);
    },
  };
}

function idsOf(triple: Uint8Array): Ids {
  return { real: u32(triple, 0), effective: u32(triple, 4), saved: u32(triple, 8) };
}

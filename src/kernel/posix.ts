// The kernel over raw calls: what the calls of both engines have in common, in terms of numbers and bytes.

import { cString } from "../text.ts";
import type { Assignment, Ended, Ids, Kernel, Stat } from "./kernel.ts";
import {
  argumentVector,
  environmentValue,
  environmentVector,
  type Memory,
  putU32,
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
  open(path: Uint8Array, flags: number): number;
  close(fd: number): number;
  read(fd: number, into: Uint8Array): number;
  write(fd: number, from: Uint8Array): number;
  statx(fd: number, path: Uint8Array, flags: number, into: Uint8Array): number;
  fchown(fd: number, uid: number, gid: number): number;
  access(path: Uint8Array, mode: number): number;
  getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array): number;
  chdir(path: Uint8Array): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  prctl(option: number, second: number, third: number): number;
  getpgrp(): number;
  kill(pid: number, signal: number): number;
  wait4(pid: number, status: Uint8Array, options: number): number;
  execve(path: Uint8Array, words: number, environment: Uint8Array): number;
}

/** What each engine does in its own way. */
export interface Engine {
  /** See `Kernel`. */
  holdSignals(signals: readonly number[]): void;
  onSignals(handle: (signal: number) => number): void;
  clock(): number;
  suspend(): void;
  /**
   * posix_spawn(3) with a process group of its own, foreground on `terminal`: the PID, or −errno. `listener`, unless
   * empty, is the place in the environment where the child's own PID has to stand.
   */
  spawn(path: Uint8Array, words: number, environment: Uint8Array, listener: Uint8Array, terminal: number): number;
  releaseDescriptors(): void;
  exit(code: number): void;
}

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const X_OK = 1;
const WNOHANG = 1;
const WUNTRACED = 2;
const TCGETS = 0x5401;
const TIOCGPGRP = 0x540f;
export const TIOCSPGRP = 0x5410;
const POINTER = 8;
/** The digits of a PID, and the NUL. */
const PID_LENGTH = 11;
const NOTHING = new Uint8Array(0);

/** The kernel, in the words that the rest of tsgosu uses. */
export function posixKernel(calls: Calls, engine: Engine, memory: Memory): Kernel {
  const vector = argumentVector(memory);

  function wordsFrom(index: number): number {
    return vector.address + index * POINTER;
  }

  function statAt(fd: number, path: string, flags: number): Stat | number {
    const into = new Uint8Array(STATX_LENGTH);
    const result = calls.statx(fd, cString(path), flags, into);
    return result < 0 ? result : statOf(into);
  }

  return {
    argumentCount(): number {
      return vector.count;
    },
    argument(index: number): string {
      if (index >= vector.count) return "";
      const pointer = new Uint8Array(POINTER);
      memory.peek(wordsFrom(index), pointer);
      return stringAt(memory, u64(pointer, 0));
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
    mayExecute(path: string): number {
      return calls.access(cString(path), X_OK);
    },
    getxattrLength(path: string, name: string): number {
      return calls.getxattr(cString(path), cString(name), new Uint8Array(0));
    },
    chdir(path: string): number {
      return calls.chdir(cString(path));
    },
    releaseDescriptors(): void {
      engine.releaseDescriptors();
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
    holdSignals(signals: readonly number[]): void {
      engine.holdSignals(signals);
    },
    onSignals(handle: (signal: number) => number): void {
      engine.onSignals(handle);
    },
    clock(): number {
      return engine.clock();
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
    execve(file: string, firstWord: number, changes: readonly Assignment[]): number {
      const environment = environmentVector(memory, changes);
      return calls.execve(cString(file), wordsFrom(firstWord), environment.table);
    },
    spawn(file: string, firstWord: number, changes: readonly Assignment[], listens: boolean, terminal: number): number {
      const environment = environmentVector(memory, changes);
      const last = environment.strings[changes.length - 1];
      const own = listens && last !== undefined ? last.subarray(last.length - PID_LENGTH, last.length) : NOTHING;
      return engine.spawn(cString(file), wordsFrom(firstWord), environment.table, own, terminal);
    },
    exit(code: number): void {
      engine.exit(code);
    },
  };
}

function idsOf(triple: Uint8Array): Ids {
  return { real: u32(triple, 0), effective: u32(triple, 4), saved: u32(triple, 8) };
}

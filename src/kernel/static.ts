// The kernel for the static executable: declarations that scriptc binds to the functions of kernel.c.

import { Failure } from "../failure.ts";
import { SIGCHLD, SIGTSTP } from "../init/signals.ts";
import { cString } from "../text.ts";
import { EAGAIN, EINTR, errorText } from "./errno.ts";
import { LISTEN_PID, SIGNALS_REFUSED } from "./kernel.ts";
import { type Memory, putU32 } from "./layout.ts";
import { type Calls, type Engine, posixKernel } from "./posix.ts";

declare function kernel_environ(): number;
declare function kernel_getenv(name: Uint8Array): number;
declare function kernel_execfn(): number;
declare function kernel_strlen(address: number): number;
declare function kernel_peek(address: number, into: Uint8Array): void;
declare function kernel_getpid(): number;
declare function kernel_getppid(): number;
declare function kernel_getresuid(ids: Uint8Array): number;
declare function kernel_getresgid(ids: Uint8Array): number;
declare function kernel_getgroups(gids: Uint8Array): number;
declare function kernel_setresuid(uid: number): number;
declare function kernel_setresgid(gid: number): number;
declare function kernel_setgroups(gids: Uint8Array): number;
declare function kernel_capget(header: Uint8Array, data: Uint8Array): number;
declare function kernel_capset(header: Uint8Array, data: Uint8Array): number;
declare function kernel_prctl(option: number, second: number, third: number): number;
declare function kernel_statfs(path: Uint8Array, into: Uint8Array): number;
declare function kernel_open(path: Uint8Array, flags: number): number;
declare function kernel_openat(directory: number, path: Uint8Array, flags: number, mode: number): number;
declare function kernel_openat_path(directory: number, path: Uint8Array): number;
declare function kernel_close(fd: number): number;
declare function kernel_read(fd: number, into: Uint8Array): number;
declare function kernel_write(fd: number, from: Uint8Array): number;
declare function kernel_statx(fd: number, path: Uint8Array, flags: number, into: Uint8Array): number;
declare function kernel_fchown(fd: number, uid: number, gid: number): number;
declare function kernel_fchownat(fd: number, path: Uint8Array, uid: number, gid: number, flags: number): number;
declare function kernel_fchmodat(path: Uint8Array, mode: number): number;
declare function kernel_getdents64(fd: number, into: Uint8Array): number;
declare function kernel_readlinkat(fd: number, path: Uint8Array, into: Uint8Array): number;
declare function kernel_renameat(from: Uint8Array, to: Uint8Array): number;
declare function kernel_unlinkat(path: Uint8Array): number;
declare function kernel_fsync(fd: number): number;
declare function kernel_ftruncate(fd: number, length: number): number;
declare function kernel_pwrite(fd: number, from: Uint8Array, offset: number): number;
declare function kernel_fcntl(fd: number, command: number, argument: Uint8Array): number;
declare function kernel_access(path: Uint8Array, mode: number): number;
declare function kernel_getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array): number;
declare function kernel_setxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array): number;
declare function kernel_listxattr(path: Uint8Array, into: Uint8Array): number;
declare function kernel_chdir(path: Uint8Array): number;
declare function kernel_close_range(first: number, last: number): number;
declare function kernel_forget_program(): number;
declare function kernel_ioctl(fd: number, request: number, argument: Uint8Array): number;
declare function kernel_getpgrp(): number;
declare function kernel_rt_sigaction(signal: number, action: Uint8Array, old: Uint8Array): number;
declare function kernel_rt_sigprocmask(how: number, set: Uint8Array, old: Uint8Array): number;
declare function kernel_rt_sigtimedwait(set: Uint8Array, info: Uint8Array, milliseconds: number): number;
declare function kernel_clock_gettime(clock: number, into: Uint8Array): number;
declare function kernel_kill(pid: number, signal: number): number;
declare function kernel_wait4(pid: number, status: Uint8Array, options: number): number;
declare function kernel_setenv(name: Uint8Array, value: Uint8Array): number;
declare function kernel_execve(path: Uint8Array, words: number): number;
declare function kernel_spawn(
  path: Uint8Array,
  words: number,
  mask: Uint8Array,
  sigchld: Uint8Array,
  listener: number,
  terminal: number,
): number;
declare function kernel_exit(code: number): void;

const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;
const SIGACTION_LENGTH = 32;
const LAST_DESCRIPTOR = 4294967295;

const memory: Memory = {
  environ: kernel_environ(),
  execfn: kernel_execfn(),
  peek(address: number, into: Uint8Array): void {
    kernel_peek(address, into);
  },
  length(address: number): number {
    return kernel_strlen(address);
  },
  getenv(name: Uint8Array): number {
    return kernel_getenv(name);
  },
};

const calls: Calls = {
  getpid(): number {
    return kernel_getpid();
  },
  getppid(): number {
    return kernel_getppid();
  },
  getresuid(ids: Uint8Array): number {
    return kernel_getresuid(ids);
  },
  getresgid(ids: Uint8Array): number {
    return kernel_getresgid(ids);
  },
  getgroups(gids: Uint8Array): number {
    return kernel_getgroups(gids);
  },
  setresuid(uid: number): number {
    return kernel_setresuid(uid);
  },
  setresgid(gid: number): number {
    return kernel_setresgid(gid);
  },
  setgroups(gids: Uint8Array): number {
    return kernel_setgroups(gids);
  },
  capget(header: Uint8Array, data: Uint8Array): number {
    return kernel_capget(header, data);
  },
  capset(header: Uint8Array, data: Uint8Array): number {
    return kernel_capset(header, data);
  },
  prctl(option: number, second: number, third: number): number {
    return kernel_prctl(option, second, third);
  },
  statfs(path: Uint8Array, into: Uint8Array): number {
    return kernel_statfs(path, into);
  },
  open(path: Uint8Array, flags: number): number {
    return kernel_open(path, flags);
  },
  close(fd: number): number {
    return kernel_close(fd);
  },
  read(fd: number, into: Uint8Array): number {
    return kernel_read(fd, into);
  },
  write(fd: number, from: Uint8Array): number {
    return kernel_write(fd, from);
  },
  statx(fd: number, path: Uint8Array, flags: number, into: Uint8Array): number {
    return kernel_statx(fd, path, flags, into);
  },
  fchown(fd: number, uid: number, gid: number): number {
    return kernel_fchown(fd, uid, gid);
  },
  openat(directory: number, path: Uint8Array, flags: number, mode: number): number {
    return kernel_openat(directory, path, flags, mode);
  },
  openatPath(directory: number, path: Uint8Array): number {
    return kernel_openat_path(directory, path);
  },
  fchownat(fd: number, path: Uint8Array, uid: number, gid: number, flags: number): number {
    return kernel_fchownat(fd, path, uid, gid, flags);
  },
  chmod(path: Uint8Array, mode: number): number {
    return kernel_fchmodat(path, mode);
  },
  getdents64(fd: number, into: Uint8Array): number {
    return kernel_getdents64(fd, into);
  },
  readlinkat(fd: number, path: Uint8Array, into: Uint8Array): number {
    return kernel_readlinkat(fd, path, into);
  },
  rename(from: Uint8Array, to: Uint8Array): number {
    return kernel_renameat(from, to);
  },
  unlink(path: Uint8Array): number {
    return kernel_unlinkat(path);
  },
  fsync(fd: number): number {
    return kernel_fsync(fd);
  },
  ftruncate(fd: number, length: number): number {
    return kernel_ftruncate(fd, length);
  },
  pwrite(fd: number, from: Uint8Array, offset: number): number {
    return kernel_pwrite(fd, from, offset);
  },
  fcntl(fd: number, command: number, argument: Uint8Array): number {
    return kernel_fcntl(fd, command, argument);
  },
  setxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array): number {
    return kernel_setxattr(path, name, value);
  },
  listxattr(path: Uint8Array, into: Uint8Array): number {
    return kernel_listxattr(path, into);
  },
  clockGettime(clock: number, into: Uint8Array): number {
    return kernel_clock_gettime(clock, into);
  },
  access(path: Uint8Array, mode: number): number {
    return kernel_access(path, mode);
  },
  getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array): number {
    return kernel_getxattr(path, name, into);
  },
  chdir(path: Uint8Array): number {
    return kernel_chdir(path);
  },
  ioctl(fd: number, request: number, argument: Uint8Array): number {
    return kernel_ioctl(fd, request, argument);
  },
  getpgrp(): number {
    return kernel_getpgrp();
  },
  kill(pid: number, signal: number): number {
    return kernel_kill(pid, signal);
  },
  wait4(pid: number, status: Uint8Array, options: number): number {
    return kernel_wait4(pid, status, options);
  },
  setenv(name: Uint8Array, value: Uint8Array): number {
    return kernel_setenv(name, value);
  },
  execve(path: Uint8Array, words: number): number {
    return kernel_execve(path, words);
  },
};

/** The mask that tsgosu was started with, which is the command's: none until `holdSignals` has read it. */
const startMask = new Uint8Array(8);
/** What tsgosu was started to do about SIGCHLD, which is the command's too. */
const startSigchld = new Uint8Array(SIGACTION_LENGTH);
const ignored = new Uint8Array(8);
/** Filled by `holdSignals`. */
const everySignal = new Uint8Array(8);

const engine: Engine = {
  hasOneThread(): boolean {
    return true;
  },
  // Blocking every signal costs no more than blocking some.
  holdSignals(): number {
    putU32(everySignal, 0, 4294967295);
    putU32(everySignal, 4, 4294967295);
    const result = kernel_rt_sigprocmask(SIG_SETMASK, everySignal, startMask);
    // Where it is ignored, the kernel reaps children itself and tells nobody.
    kernel_rt_sigaction(SIGCHLD, new Uint8Array(SIGACTION_LENGTH), startSigchld);
    return result;
  },
  restoreSignals(): void {
    kernel_rt_sigprocmask(SIG_SETMASK, startMask, ignored);
    kernel_rt_sigaction(SIGCHLD, startSigchld, new Uint8Array(SIGACTION_LENGTH));
  },
  takeSignal(set: Uint8Array, milliseconds: number): number {
    return kernel_rt_sigtimedwait(set, new Uint8Array(128), milliseconds);
  },
  onSignals(handle: (signal: number) => number): void {
    const info = new Uint8Array(128);
    let wait = handle(0);
    for (;;) {
      const signal = kernel_rt_sigtimedwait(everySignal, info, wait);
      if (signal > 0) wait = handle(signal);
      else if (signal === -EAGAIN) wait = handle(0);
      else if (signal !== -EINTR) throw new Failure(`cannot wait for signals: ${errorText(-signal)}`, SIGNALS_REFUSED);
    }
  },
  suspend(): void {
    // SIGTSTP is 20: bit 19.
    const onlySigtstp = new Uint8Array(8);
    onlySigtstp[2] = 8;
    kernel_rt_sigprocmask(SIG_UNBLOCK, onlySigtstp, ignored);
    kernel_kill(0, SIGTSTP);
    kernel_rt_sigprocmask(SIG_SETMASK, everySignal, ignored);
  },
  spawn(path: Uint8Array, words: number, listens: boolean, terminal: number): number {
    const listener = listens ? kernel_getenv(cString(LISTEN_PID)) : 0;
    return kernel_spawn(path, words, startMask, startSigchld, listener, terminal);
  },
  releaseResources(): void {
    kernel_close_range(3, LAST_DESCRIPTOR);
    kernel_forget_program();
  },
  exit(code: number): void {
    kernel_exit(code);
  },
};

/** The kernel, as the static executable reaches it. */
export const staticKernel = posixKernel(calls, engine, memory);

// The engine of the static executable: binds what kernel.c offers besides system calls.

import { cString, numberOf } from "../../text.ts";
import { AT_FDCWD, CLOCK_MONOTONIC, type Machine, NULL, O_CLOEXEC, SIG_SETMASK, SIG_UNBLOCK } from "../abi.ts";
import { Engine, type SpawnOptions } from "../engine.ts";
import { EAGAIN, EINTR, ENOSYS, EPERM } from "../errno.ts";
import {
  entriesOf,
  millisecondsOf,
  putU32,
  SIGACTION_LENGTH,
  SIGNAL_SET_LENGTH,
  signalSet,
  timespecOf,
} from "../layout.ts";
import { O_RDONLY } from "../linux.ts";
import { SIGCHLD, SIGTSTP } from "../signals.ts";
import type { StaticCalls } from "./calls.ts";

declare function kernel_O_NOFOLLOW(): number;
declare function kernel_TCGETS(): number;
declare function kernel_TIOCGPGRP(): number;
declare function kernel_TIOCSPGRP(): number;
declare function kernel_statfs_flags(): number;
declare function kernel_environ(): number;
declare function kernel_execfn(): number;
declare function kernel_peek(address: number, into: Uint8Array): void;
declare function kernel_poke(address: number, bytes: Uint8Array): void;
declare function kernel_strlen(address: number): number;
declare function kernel_getenv(name: Uint8Array): number;
declare function kernel_setenv(name: Uint8Array, value: Uint8Array): number;
declare function kernel_sleep(set: Uint8Array, info: Uint8Array, milliseconds: number): number;
declare function kernel_spawn(
  path: Uint8Array,
  words: number,
  mask: Uint8Array,
  sigchld: Uint8Array,
  pidPlace: number,
  terminal: number,
  session: number,
): number;

const SIGINFO_LENGTH = 128;
const FIRST_DESCRIPTOR = 3;
const LAST_DESCRIPTOR = 4294967295;
const DIRECTORY_CHUNK = 32768;
const TIMESPEC_LENGTH = 16;
/** How often in a second a wait may be interrupted without a signal. */
const MOST_INTERRUPTIONS = 1000;

function everySignal(): Uint8Array {
  const set = new Uint8Array(SIGNAL_SET_LENGTH);
  putU32(set, 0, 4294967295);
  putU32(set, 4, 4294967295);
  return set;
}

/** What the static executable does besides making system calls. */
export class StaticEngine extends Engine {
  private readonly calls: StaticCalls;
  /** The mask that tsgosu was started with, which the command gets; empty until `holdSignals` has read it. */
  private readonly startMask = new Uint8Array(SIGNAL_SET_LENGTH);
  /** The disposition of SIGCHLD that tsgosu was started with, which the command gets too. */
  private readonly startSigchld = new Uint8Array(SIGACTION_LENGTH);

  constructor(calls: StaticCalls) {
    super();
    this.calls = calls;
  }

  /** Of the headers that the C was compiled with. */
  override machine(): Machine {
    return {
      O_NOFOLLOW: kernel_O_NOFOLLOW(),
      TCGETS: kernel_TCGETS(),
      TIOCGPGRP: kernel_TIOCGPGRP(),
      TIOCSPGRP: kernel_TIOCSPGRP(),
      statfsFlags: kernel_statfs_flags(),
    };
  }

  override environ(): number {
    return kernel_environ();
  }

  override execfn(): number {
    return kernel_execfn();
  }

  override peek(address: number, into: Uint8Array): void {
    kernel_peek(address, into);
  }

  override pokePointer(address: number, bytes: Uint8Array): void {
    kernel_poke(address, bytes);
  }

  override strlen(address: number): number {
    return kernel_strlen(address);
  }

  override getenv(name: Uint8Array): number {
    return kernel_getenv(name);
  }

  override setenv(name: Uint8Array, value: Uint8Array): number {
    return kernel_setenv(name, value);
  }

  override setresuidOfAllThreads(uid: number): number {
    return this.calls.setresuid(uid, uid, uid);
  }

  override setresgidOfAllThreads(gid: number): number {
    return this.calls.setresgid(gid, gid, gid);
  }

  override setgroupsOfAllThreads(count: number, gids: Uint8Array): number {
    return this.calls.setgroups(count, gids);
  }

  /** Holds every signal, which costs no more than holding some. */
  override holdSignals(_signals: readonly number[]): number {
    const held = this.calls.rt_sigprocmask(SIG_SETMASK, everySignal(), this.startMask, SIGNAL_SET_LENGTH);
    if (held < 0) return held;
    // If SIGCHLD is ignored, the kernel reaps children itself and tells nobody.
    const byDefault = new Uint8Array(SIGACTION_LENGTH);
    return this.calls.rt_sigaction(SIGCHLD, byDefault, this.startSigchld, SIGNAL_SET_LENGTH);
  }

  override restoreSignals(): number {
    const unheld = this.calls.rt_sigprocmask(SIG_SETMASK, this.startMask, NULL, SIGNAL_SET_LENGTH);
    if (unheld < 0) return unheld;
    return this.calls.rt_sigaction(SIGCHLD, this.startSigchld, NULL, SIGNAL_SET_LENGTH);
  }

  override takeSignal(set: Uint8Array, milliseconds: number): number {
    const info = new Uint8Array(SIGINFO_LENGTH);
    return Math.max(this.calls.rt_sigtimedwait(set, info, timespecOf(milliseconds), SIGNAL_SET_LENGTH), 0);
  }

  override onSignals(handle: (signal: number) => number): number {
    const held = everySignal();
    const info = new Uint8Array(SIGINFO_LENGTH);
    let milliseconds = handle(0);
    let interrupted = 0;
    let interruptedSince = 0;
    for (;;) {
      const start = milliseconds > 0 ? this.now() : 0;
      const signal = kernel_sleep(held, info, milliseconds);
      if (signal > 0) {
        milliseconds = handle(signal);
        continue;
      }
      const end = this.now();
      const isInTime = milliseconds < 0 || end - start < milliseconds;
      if (signal === -EAGAIN && !isInTime) {
        milliseconds = handle(0);
        continue;
      }
      if (signal !== -EINTR) return signal;
      // A debugger or a frozen container interrupts now and then. Only a sandbox reports interruptions without end, or that
      // the time is up when it is not. Trying again would keep a processor busy.
      if (end - interruptedSince > 1000) {
        interruptedSince = end;
        interrupted = 0;
      }
      interrupted++;
      if (interrupted > MOST_INTERRUPTIONS) return signal;
      if (milliseconds > 0) milliseconds = Math.max(milliseconds - (end - start), 0);
    }
  }

  private now(): number {
    const timespec = new Uint8Array(TIMESPEC_LENGTH);
    this.calls.clock_gettime(CLOCK_MONOTONIC, timespec);
    return millisecondsOf(timespec);
  }

  override suspend(): number {
    const unheld = this.calls.rt_sigprocmask(SIG_UNBLOCK, signalSet([SIGTSTP]), NULL, SIGNAL_SET_LENGTH);
    if (unheld < 0) return unheld;
    const stopped = this.calls.kill(0, SIGTSTP);
    const held = this.calls.rt_sigprocmask(SIG_SETMASK, everySignal(), NULL, SIGNAL_SET_LENGTH);
    return stopped < 0 ? stopped : held;
  }

  override tcsetpgrp(fd: number, group: number): number {
    const argument = new Uint8Array(4);
    putU32(argument, 0, group);
    return this.calls.ioctl(fd, kernel_TIOCSPGRP(), argument);
  }

  override execve(path: Uint8Array, words: number, _inherited: number): number {
    return this.calls.execve(path, words, kernel_environ());
  }

  override spawn(path: Uint8Array, words: number, options: SpawnOptions): number {
    const pidPlace = options.pidVariable === "" ? 0 : kernel_getenv(cString(options.pidVariable));
    const session = options.session ? 1 : 0;
    return kernel_spawn(path, words, this.startMask, this.startSigchld, pidPlace, options.terminal, session);
  }

  override releaseResources(kept: number): number {
    let closed = kept > FIRST_DESCRIPTOR ? this.calls.close_range(FIRST_DESCRIPTOR, kept - 1, 0) : 0;
    if (closed >= 0) closed = this.calls.close_range(Math.max(kept + 1, FIRST_DESCRIPTOR), LAST_DESCRIPTOR, 0);
    // This call is missing before Linux 5.9, and older seccomp profiles refuse calls they do not know with EPERM.
    return closed === -ENOSYS || closed === -EPERM ? this.closeEach(kept) : closed;
  }

  /** Closes, one by one, the descriptors that /proc lists. */
  private closeEach(kept: number): number {
    const directory = this.calls.openat(AT_FDCWD, cString("/proc/self/fd"), O_RDONLY | O_CLOEXEC, 0);
    if (directory < 0) return directory;
    const dents = Buffer.alloc(DIRECTORY_CHUNK);
    const open: number[] = [];
    for (;;) {
      const length = this.calls.getdents64(directory, dents, dents.length);
      if (length < 0) return length;
      if (length === 0) break;
      for (const entry of entriesOf(dents, length)) open.push(numberOf(entry.name));
    }
    // The directory's own descriptor is among them, and is closed last.
    for (const fd of open) if (fd >= FIRST_DESCRIPTOR && fd !== directory && fd !== kept) this.calls.close(fd);
    return this.calls.close(directory);
  }
}

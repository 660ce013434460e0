// The kernel for Node. What Node changed at its start is restored here as far as possible.

import { getRawPointer } from "node:ffi";
import { cString } from "../../text.ts";
import { type Machine, NULL, SIG_BLOCK, SIG_SETMASK } from "../abi.ts";
import { Engine, type SpawnOptions } from "../engine.ts";
import { Kernel } from "../kernel.ts";
import { putU32, SIGACTION_LENGTH, SIGNAL_SET_LENGTH, signalSet } from "../layout.ts";
import { SIGTTOU } from "../signals.ts";
import { handOnDescriptors, inheritedDescriptors } from "./descriptors.ts";
import { Libc, LibcCalls } from "./libc.ts";
import { machine } from "./machine.ts";
import { ProcessMemory } from "./memory.ts";
import { SparePages } from "./pages.ts";
import { HeldSignals, unblockInspectorSignal } from "./signals.ts";
import { IGNORED_BY_NODE, posixSpawn } from "./spawn.ts";

/** The kernel's struct sigaction; all zeros is the default disposition. */
const DEFAULT_ACTION = new Uint8Array(SIGACTION_LENGTH);
const POINTER = 8;
const NO_DESCRIPTOR = -1;

/** The word with which this executable starts again to become a command that has to know its own PID. */
export const LISTENER = "--as-listener";

class NodeEngine extends Engine {
  private readonly libc: Libc;
  private readonly calls: LibcCalls;
  private readonly memory: ProcessMemory;
  private readonly signals: HeldSignals;
  private readonly spare: SparePages;

  constructor(libc: Libc, calls: LibcCalls) {
    super();
    this.libc = libc;
    this.calls = calls;
    this.memory = new ProcessMemory(libc);
    this.signals = new HeldSignals(calls);
    this.spare = new SparePages(calls);
  }

  override machine(): Machine {
    return machine();
  }

  override environ(): number {
    return this.memory.environ();
  }

  override execfn(): number {
    return this.memory.execfn();
  }

  override peek(address: number, into: Uint8Array): void {
    this.memory.peek(address, into);
  }

  override pokePointer(address: number, bytes: Uint8Array): void {
    this.memory.pokePointer(address, bytes);
  }

  override strlen(address: number): number {
    return this.memory.strlen(address);
  }

  override getenv(name: Uint8Array): number {
    return this.memory.getenv(name);
  }

  override setenv(name: Uint8Array, value: Uint8Array): number {
    return this.memory.setenv(name, value);
  }

  // libc's own functions change every thread of the process.

  override setresuidOfAllThreads(uid: number): number {
    return this.libc.native("setresuid", ["uint32", "uint32", "uint32"])(uid, uid, uid);
  }

  override setresgidOfAllThreads(gid: number): number {
    return this.libc.native("setresgid", ["uint32", "uint32", "uint32"])(gid, gid, gid);
  }

  override setgroupsOfAllThreads(count: number, gids: Uint8Array): number {
    const address = count === 0 ? 0n : getRawPointer(gids);
    return this.libc.native("setgroups", ["uint64", "uint64"])(BigInt(count), address);
  }

  override holdSignals(signals: readonly number[]): number {
    return this.signals.hold(signals);
  }

  override restoreSignals(): number {
    return this.signals.restore();
  }

  override takeSignal(set: Uint8Array, milliseconds: number): number {
    return this.signals.take(set, milliseconds);
  }

  override onSignals(handle: (signal: number) => number): number {
    return this.signals.tell((signal) => {
      this.spare.releaseSoon();
      return handle(signal);
    });
  }

  override suspend(): number {
    return this.signals.suspend();
  }

  override tcsetpgrp(fd: number, group: number): number {
    const argument = new Uint8Array(4);
    putU32(argument, 0, group);
    // To a background group that does not block SIGTTOU, the kernel sends it.
    const before = new Uint8Array(SIGNAL_SET_LENGTH);
    const blocked = this.calls.rt_sigprocmask(SIG_BLOCK, signalSet([SIGTTOU]), before, SIGNAL_SET_LENGTH);
    if (blocked < 0) return blocked;
    const result = this.calls.ioctl(fd, this.machine().TIOCSPGRP, argument);
    const unblocked = this.calls.rt_sigprocmask(SIG_SETMASK, before, NULL, SIGNAL_SET_LENGTH);
    return result < 0 ? result : unblocked;
  }

  override execve(path: Uint8Array, words: number, inherited: number): number {
    const handedOn = handOnDescriptors(this.calls, inherited, NO_DESCRIPTOR);
    if (handedOn < 0) return handedOn;
    for (const ignored of IGNORED_BY_NODE) {
      const result = this.calls.rt_sigaction(ignored, DEFAULT_ACTION, NULL, SIGNAL_SET_LENGTH);
      if (result < 0) return result;
    }
    const unblocked = unblockInspectorSignal(this.calls);
    if (unblocked < 0) return unblocked;
    return this.calls.execve(path, words, this.memory.currentEnviron());
  }

  override spawn(path: Uint8Array, words: number, options: SpawnOptions): number {
    const handedOn = handOnDescriptors(this.calls, options.inherited, options.own);
    if (handedOn < 0) return handedOn;
    const knowsItself = options.pidVariable !== "";
    const file = knowsItself ? cString("/proc/self/exe") : path;
    const start = knowsItself ? this.listenerWords(words) : words;
    const environment = this.memory.currentEnviron();
    return posixSpawn(this.libc, file, start, environment, options, (fd, group) => this.tcsetpgrp(fd, group));
  }

  /**
   * posix_spawn(3) cannot write a child's PID into its environment, so the child is this executable again, which knows its
   * own PID: its two words replace the two before the command's.
   */
  private listenerWords(words: number): number {
    const before = words - 2 * POINTER;
    this.memory.pokePointer(before, cString("tsgosu"));
    this.memory.pokePointer(before + POINTER, cString(LISTENER));
    return before;
  }

  override releaseResources(kept: number): number {
    const inherited = inheritedDescriptors(this.calls);
    if (typeof inherited === "number") return inherited;
    let result = 0;
    for (const fd of inherited) if (fd !== kept) result = Math.min(result, this.calls.close(fd));
    return result;
  }
}

/** The kernel, as Node reaches it. */
export function nodeKernel(): Kernel {
  const libc = new Libc();
  const calls = new LibcCalls(libc);
  return new Kernel(calls, new NodeEngine(libc, calls));
}

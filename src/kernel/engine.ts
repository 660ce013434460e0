// What each engine does in its own way, besides making system calls: accessing the process's own memory, holding signals,
// starting a child, and releasing what it opened for itself.

import type { Machine } from "./abi.ts";

/** The part of the kernel that differs between Node and the static executable. */
export abstract class Engine {
  /** The numbers of the kernel's interface on this machine. */
  abstract machine(): Machine;

  // The process's own memory, which neither JavaScript nor compiled TypeScript can read. Addresses are numbers.

  /** The address of the vector of environment strings: the value of C's `environ`. */
  abstract environ(): number;
  /** The address of the path that the program was executed by (getauxval(3), AT_EXECFN); 0 if it is unknown. */
  abstract execfn(): number;
  /** Copies `into.length` bytes from `address`. */
  abstract peek(address: number, into: Uint8Array): void;
  /** Writes the address of `bytes` (a C string) at `address`; the string stays where it is for good. */
  abstract pokePointer(address: number, bytes: Uint8Array): void;
  /** strlen(3) */
  abstract strlen(address: number): number;
  /** getenv(3): the address of the value of the variable `name` (a C string); 0 if there is no such variable. */
  abstract getenv(name: Uint8Array): number;
  /** setenv(3), but replaces every variable of that name: 0, or −errno. */
  abstract setenv(name: Uint8Array, value: Uint8Array): number;

  // Node has threads besides the one that runs tsgosu, and each thread has its own IDs.

  /** setresuid(2), setresgid(2) and setgroups(2) for every thread of the process. */
  abstract setresuidOfAllThreads(uid: number): number;
  abstract setresgidOfAllThreads(gid: number): number;
  abstract setgroupsOfAllThreads(count: number, gids: Uint8Array): number;

  // Signals and children; see the methods of `Kernel` with the same names.

  abstract holdSignals(signals: readonly number[]): number;
  abstract restoreSignals(): number;
  /** The first held signal of a set (in the kernel's layout) that comes within so many milliseconds; 0 for none. */
  abstract takeSignal(set: Uint8Array, milliseconds: number): number;
  abstract onSignals(handle: (signal: number) => number): number;
  abstract suspend(): number;
  abstract tcsetpgrp(fd: number, group: number): number;
  /** `words` is the address of the command's words. */
  abstract spawn(path: Uint8Array, words: number, options: SpawnOptions): number;
  abstract execve(path: Uint8Array, words: number, inherited: number): number;
  abstract releaseResources(kept: number): number;
}

/** How a child is started. */
export interface SpawnOptions {
  /** Whether the child leads a session of its own (setsid(2)); if not, it leads a process group of its own. */
  readonly session: boolean;
  /** The terminal whose foreground process group the child's becomes; −1 for none. */
  readonly terminal: number;
  /**
   * The variable that is set to the child's own PID in the child's environment; empty for none. Its present value must be
   * ten digits long, to make room.
   */
  readonly pidVariable: string;
  /** A descriptor that is tsgosu's own, and is not handed to the child; below 0 for none. */
  readonly own: number;
  /** So many descriptors from 3 on are handed to the child on purpose (sd_listen_fds(3)). */
  readonly inherited: number;
}

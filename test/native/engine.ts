// The rest of the kernel made up: a program's words and environment, and what a tape decides of signals and children.

import type { Machine } from "../../src/kernel/abi.ts";
import { Engine, type SpawnOptions } from "../../src/kernel/engine.ts";
import { putU64 } from "../../src/kernel/layout.ts";
import { bytesOf } from "../../src/text.ts";
import { nameIn } from "./calls.ts";
import type { Tape } from "./random.ts";

/** Where the memory made up here begins, and how much of it there is. */
const BASE = 4096;
const LENGTH = 8192;
const STRINGS = 2048;

/** The engine over a stack as execve(2) leaves it: count, words, NULL, environment, NULL, then the strings. */
export class TapeEngine extends Engine {
  private readonly memory = new Uint8Array(LENGTH);
  private readonly environment: readonly string[];
  private readonly environmentAt: number;
  private readonly tape: Tape;
  private slot = 64;
  private free = STRINGS;

  constructor(words: readonly string[], environment: readonly string[], tape: Tape) {
    super();
    this.environment = environment;
    this.tape = tape;
    this.put(words.length);
    for (const word of words) this.put(this.place(word));
    this.put(0);
    this.environmentAt = BASE + this.slot;
    for (const variable of environment) this.put(this.place(variable));
    this.put(0);
  }

  private put(value: number): void {
    putU64(this.memory, this.slot, value);
    this.slot += 8;
  }

  /** Places a C string; its address. */
  private place(text: string): number {
    const at = this.free;
    this.memory.set(bytesOf(text), at);
    this.free += text.length + 1;
    return BASE + at;
  }

  /** The made-up calls take any number. */
  override machine(): Machine {
    return { O_NOFOLLOW: 0o400000, TCGETS: 0x5401, TIOCGPGRP: 0x540f, TIOCSPGRP: 0x5410, statfsFlags: 80 };
  }

  override environ(): number {
    return this.environmentAt;
  }

  override execfn(): number {
    return 0;
  }

  override peek(address: number, into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.memory[address - BASE + i] ?? 0;
  }

  /** The words that a tape makes have no end in common with what is written here: nobody reads it. */
  override pokePointer(_address: number, _bytes: Uint8Array): void {}

  override strlen(address: number): number {
    let length = 0;
    while ((this.memory[address - BASE + length] ?? 0) !== 0) length++;
    return length;
  }

  override getenv(name: Uint8Array): number {
    const start = `${nameIn(name)}=`;
    for (const variable of this.environment)
      if (variable.startsWith(start)) return this.place(variable.slice(start.length));
    return 0;
  }

  override setenv(_name: Uint8Array, _value: Uint8Array): number {
    return this.tape.below(16) === 1 ? -12 : 0;
  }

  override setresuidOfAllThreads(_uid: number): number {
    return this.result();
  }

  override setresgidOfAllThreads(_gid: number): number {
    return this.result();
  }

  override setgroupsOfAllThreads(_count: number, _gids: Uint8Array): number {
    return this.result();
  }

  private result(): number {
    return this.tape.below(16) === 1 ? -1 : 0;
  }

  override holdSignals(_signals: readonly number[]): number {
    return this.result();
  }

  override restoreSignals(): number {
    return this.result();
  }

  override takeSignal(_set: Uint8Array, _milliseconds: number): number {
    return this.tape.below(16) === 1 ? 15 : 0;
  }

  override onSignals(handle: (signal: number) => number): number {
    let milliseconds = handle(0);
    for (let times = 0; times < 20 && !this.tape.ended(); times++) {
      const signal = this.tape.below(65);
      if (signal > 0 || milliseconds >= 0) milliseconds = handle(signal);
    }
    return -4;
  }

  override suspend(): number {
    return this.result();
  }

  override tcsetpgrp(_fd: number, _group: number): number {
    return this.result();
  }

  override spawn(_path: Uint8Array, _words: number, _options: SpawnOptions): number {
    return this.tape.below(4) === 1 ? -2 : 5;
  }

  override execve(_path: Uint8Array, _words: number, _inherited: number): number {
    return -2;
  }

  override releaseResources(_kept: number): number {
    return this.result();
  }
}

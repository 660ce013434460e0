// Signals in Node: libuv's handlers take them, and the event loop passes them to JavaScript.

import { NULL, O_CLOEXEC, SIG_UNBLOCK } from "../abi.ts";
import type { Calls } from "../calls.ts";
import { SIGNAL_SET_LENGTH, signalSet, timespecOf, u32 } from "../layout.ts";
import { FIRST_REAL_TIME, SIGCHLD, SIGTSTP, SIGUSR1, signalName } from "../signals.ts";
import { FIONREAD } from "./machine.ts";

const MOST_LIBUV_DESCRIPTORS = 64;
/** struct uv__signal_msg_t of libuv: a handle's address and the signal's number, padded. */
const MESSAGE_LENGTH = 16;

/**
 * The held signals: those that come before anybody asks for them are kept, and so are those in libuv's pipe while JavaScript
 * is busy.
 */
export class HeldSignals {
  private readonly calls: Calls;
  private isHolding = false;
  /** Signals that came before anybody asked for them. */
  private early: number[] = [];
  private deliver: (signal: number) => void = (signal) => {
    this.early.push(signal);
  };
  /** libuv's pipe: its descriptor (negative if not found), and how many bytes in it have been seen. */
  private pipe = -1;
  private seen = 0;

  constructor(calls: Calls) {
    this.calls = calls;
  }

  hold(signals: readonly number[]): number {
    for (const signal of signals) {
      // libuv knows no names for real-time signals.
      if (signal < FIRST_REAL_TIME) process.on(signalName(signal), () => this.deliver(signal));
    }
    this.isHolding = true;
    return unblockInspectorSignal(this.calls);
  }

  restore(): number {
    for (const name of process.eventNames()) process.removeAllListeners(name);
    this.isHolding = false;
    return 0;
  }

  /** See `Kernel.takeSignal`. The signal stays in libuv's pipe, for the event loop to deliver. */
  take(set: Uint8Array, milliseconds: number): number {
    if (this.isHolding && this.pipe < 0) this.pipe = this.findPipe();
    const signal = this.waiting(set);
    if (signal > 0 || milliseconds === 0) return signal;
    this.calls.ppoll(NULL, 0, timespecOf(milliseconds), NULL, SIGNAL_SET_LENGTH);
    return this.waiting(set);
  }

  /** See `Kernel.onSignals`. Returns at once; the event loop goes on. */
  tell(handle: (signal: number) => number): number {
    let timer: NodeJS.Timeout | undefined;
    // Signal listeners do not keep the event loop alive; an open port does, without a timer.
    new MessageChannel().port1.ref();
    this.deliver = (signal) => {
      clearTimeout(timer);
      const wait = handle(signal);
      if (wait >= 0) timer = setTimeout(() => this.deliver(0), wait);
    };
    this.deliver(0);
    for (const signal of this.early) this.deliver(signal);
    return 0;
  }

  /** See `Kernel.suspend`. */
  suspend(): number {
    process.removeAllListeners("SIGTSTP");
    const result = this.calls.kill(0, SIGTSTP);
    process.on("SIGTSTP", () => this.deliver(SIGTSTP));
    return result;
  }

  /** libuv's pipe is the descriptor in which a signal that this process sends to itself appears; −1 if it appears in none. */
  private findPipe(): number {
    const before: number[] = [];
    for (let fd = 3; fd < MOST_LIBUV_DESCRIPTORS; fd++) before.push(this.bytesWaiting(fd));
    // An extra SIGCHLD does not mislead init, which does not forward it either.
    this.calls.kill(this.calls.getpid(), SIGCHLD);
    for (let fd = 3; fd < MOST_LIBUV_DESCRIPTORS; fd++) {
      const waiting = this.bytesWaiting(fd);
      if (waiting >= 0 && waiting === (before[fd - 3] ?? 0) + MESSAGE_LENGTH) return fd;
    }
    return -1;
  }

  /** The first signal of `set` in libuv's pipe that has not been seen before; 0 for none. */
  private waiting(set: Uint8Array): number {
    if (this.pipe < 0) return 0;
    const waiting = this.bytesWaiting(this.pipe);
    if (waiting <= this.seen) return 0;
    this.seen = waiting;
    const messages = this.peekPipe(this.pipe, waiting);
    for (let at = 0; at < messages.length; at += MESSAGE_LENGTH) {
      const bit = u32(messages, at + 8) - 1;
      if ((((set[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1) return bit + 1;
    }
    return 0;
  }

  /** The bytes in a pipe, which stay there. */
  private peekPipe(fd: number, length: number): Uint8Array {
    const ends = new Uint8Array(8);
    if (this.calls.pipe2(ends, O_CLOEXEC) < 0) return new Uint8Array(0);
    const [out, into] = [u32(ends, 0), u32(ends, 4)];
    const messages = new Uint8Array(Math.max(this.calls.tee(fd, into, length, 0), 0));
    if (messages.length > 0) this.calls.read(out, messages, messages.length);
    this.calls.close(out);
    this.calls.close(into);
    return messages;
  }

  private bytesWaiting(fd: number): number {
    const count = new Uint8Array(4);
    return this.calls.ioctl(fd, FIONREAD, count) < 0 ? -1 : u32(count, 0);
  }
}

/** Node blocks SIGUSR1, which would start its inspector; for tsgosu it is a signal like any other. */
export function unblockInspectorSignal(calls: Calls): number {
  return calls.rt_sigprocmask(SIG_UNBLOCK, signalSet([SIGUSR1]), NULL, SIGNAL_SET_LENGTH);
}

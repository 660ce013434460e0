// A world of processes for init to live in, without a kernel: it checks what init does to it.

import { ECHILD, EPERM, ESRCH } from "../../src/kernel/errno.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";

interface Process {
  parent: number;
  readonly group: number;
  zombie: boolean;
  stopped: boolean;
  readonly ignoresTerm: boolean;
  /** Whether init may not signal it. */
  readonly foreign: boolean;
  /** How often init has asked it to end, of its own accord. */
  asked: number;
  status: number;
}

/** What `exit` throws, since it does not come back. */
export class Exited extends Error {}

const OUTSIDE = 0;
const SIGKILL = 9;
const SIGTERM = 15;
const SIGCHLD = 17;
const SIGCONT = 18;

export class World {
  readonly command = 2;
  now = 0;
  /** The exit code, once init has ended. */
  exitCode = -1;
  /** Every signal that the command, or its group, was sent by init. */
  readonly sent: number[] = [];
  /** Whether the command was reaped. */
  commandGone = false;
  /** The status word with which it was. */
  commandStatus = 0;
  /** What init did that it must not. */
  readonly wrongs: string[] = [];
  suspended = 0;
  /** How often init has asked which children there are. */
  looks = 0;
  private readonly processes = new Map<number, Process>();
  private childSignal = false;
  private handle: (signal: number) => number = () => -1;
  private wakeAt = Number.POSITIVE_INFINITY;
  private readonly first: boolean;
  private readonly adopts: boolean;

  constructor(first: boolean, adopts: boolean, foreignCommand = false) {
    this.first = first;
    this.adopts = adopts;
    this.add(this.command, this.init, this.command, false, foreignCommand);
  }

  get init(): number {
    return this.first ? 1 : 1000;
  }

  private add(pid: number, parent: number, group: number, ignoresTerm: boolean, foreign: boolean): void {
    this.processes.set(pid, {
      parent,
      group,
      ignoresTerm,
      foreign,
      zombie: false,
      stopped: false,
      asked: 0,
      status: 0,
    });
  }

  /** The processes that run, the command first. */
  running(): number[] {
    return [...this.processes].filter(([, one]) => !one.zombie).map(([pid]) => pid);
  }

  /** The children of init that have ended and were not reaped. */
  zombies(): number[] {
    return [...this.processes].filter(([, one]) => one.zombie && one.parent === this.init).map(([pid]) => pid);
  }

  children(): number[] {
    return [...this.processes].filter(([, one]) => one.parent === this.init).map(([pid]) => pid);
  }

  /** A process that runs has a child, with the lowest PID that is free: the same numbers come again soon. */
  fork(parent: number, ignoresTerm: boolean, ownGroup: boolean, foreign: boolean): void {
    let pid = 3;
    while (this.processes.has(pid)) pid++;
    this.add(pid, parent, ownGroup ? pid : (this.processes.get(parent)?.group ?? pid), ignoresTerm, foreign);
  }

  end(pid: number, status: number): void {
    const one = this.processes.get(pid);
    if (one === undefined || one.zombie) return;
    one.zombie = true;
    one.status = status;
    for (const [child, other] of this.processes) {
      if (other.parent !== pid) continue;
      other.parent = this.adopts ? this.init : OUTSIDE;
      // Adopted, it stands last in the list of children.
      this.processes.delete(child);
      this.processes.set(child, other);
      if (other.zombie) this.childSignal ||= this.adopts;
    }
    if (one.parent === this.init) this.childSignal = true;
    else this.processes.delete(pid);
  }

  stop(pid: number): void {
    const one = this.processes.get(pid);
    if (one === undefined || one.zombie) return;
    one.stopped = true;
    one.status = 0x137f;
    if (one.parent === this.init) this.childSignal = true;
  }

  /** Sends init a signal. */
  signal(signal: number): void {
    this.wake(signal);
    this.settle();
  }

  /** Lets time pass, and init do what it does meanwhile. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    this.settle();
    for (let turns = 0; this.wakeAt <= end; turns++) {
      if (turns > 100_000) throw new Error("init never sleeps");
      this.now = Math.max(this.now, this.wakeAt);
      this.wake(0);
      this.settle();
    }
    this.now = end;
  }

  /** Lets time pass without init getting to run before it is over. */
  oversleep(milliseconds: number): void {
    this.now += milliseconds;
    if (this.wakeAt <= this.now) this.wake(0);
    this.settle();
  }

  /** Delivers SIGCHLD as often as there is cause. */
  settle(): void {
    while (this.childSignal) {
      this.childSignal = false;
      this.wake(SIGCHLD);
    }
  }

  private wake(signal: number): void {
    if (this.exitCode >= 0) return;
    try {
      const wait = this.handle(signal);
      this.wakeAt = wait < 0 ? Number.POSITIVE_INFINITY : this.now + wait;
    } catch (error) {
      if (!(error instanceof Exited)) throw error;
      this.wakeAt = Number.POSITIVE_INFINITY;
      this.childSignal = false;
    }
  }

  private kill(pid: number, signal: number): number {
    if (this.exitCode >= 0) this.wrongs.push(`kill ${pid} after the end`);
    if (pid === -1) {
      if (!this.first) this.wrongs.push("kill -1 although not PID 1");
      for (const [member, one] of [...this.processes]) {
        if (signal === SIGTERM) one.asked = 1;
        this.hit(member, signal);
      }
      return 0;
    }
    if (pid < 0) {
      if (-pid !== this.command) this.wrongs.push(`kill ${pid}: not the command's group`);
      if (this.commandGone) this.wrongs.push(`kill ${pid}: the command is gone`);
      this.sent.push(signal);
      const members = [...this.processes].filter(([, one]) => one.group === -pid).map(([member]) => member);
      for (const one of members) this.hit(one, signal);
      return members.length > 0 ? 0 : -ESRCH;
    }
    const one = this.processes.get(pid);
    if (one === undefined || one.parent !== this.init) {
      this.wrongs.push(`kill ${pid} ${signal}: not a child`);
      return -ESRCH;
    }
    if (pid === this.command) this.sent.push(signal);
    else if (signal === SIGTERM) this.noteAsked(pid);
    return this.hit(pid, signal);
  }

  private noteAsked(pid: number): void {
    const one = this.processes.get(pid);
    if (one === undefined) return;
    one.asked++;
    if (one.asked > 1) this.wrongs.push(`asked ${pid} to end again`);
  }

  private hit(pid: number, signal: number): number {
    const one = this.processes.get(pid);
    if (one === undefined) return -ESRCH;
    if (one.foreign) return -EPERM;
    if (signal === SIGKILL || (signal === SIGTERM && !one.ignoresTerm && !one.stopped)) this.end(pid, signal);
    if (signal === SIGCONT) one.stopped = false;
    return 0;
  }

  private reap(): { pid: number; status: number } {
    const children = [...this.processes].filter(([, one]) => one.parent === this.init);
    const found = children.find(([, one]) => one.zombie || (one.stopped && one.status !== 0));
    if (found === undefined) return { pid: children.length === 0 ? -ECHILD : 0, status: 0 };
    const [pid, one] = found;
    const { status } = one;
    one.status = 0;
    if (one.zombie) {
      this.processes.delete(pid);
      if (pid === this.command) {
        this.commandGone = true;
        this.commandStatus = status;
      }
    }
    return { pid, status };
  }

  /** The part of the kernel that init uses; anything else is not to be called. */
  kernel(): Kernel {
    const part: Partial<Kernel> = {
      monotonic: () => this.now,
      getpid: () => this.init,
      kill: (pid, signal) => this.kill(pid, signal),
      reap: () => this.reap(),
      write: () => 0,
      rewind: () => 0,
      readToEnd: () => {
        this.looks++;
        return Buffer.from(
          this.children()
            .map((pid) => `${pid} `)
            .join(""),
        );
      },
      suspend: () => {
        this.suspended++;
        return 0;
      },
      tcgetpgrp: () => 0,
      tcsetpgrp: () => 0,
      onSignals: (handle) => {
        this.handle = handle;
        this.wake(0);
        return 0;
      },
      exit: (code) => {
        if (this.exitCode >= 0) this.wrongs.push("exit twice");
        if (!this.commandGone) this.wrongs.push("exit before the command");
        this.exitCode = code;
        throw new Exited();
      },
    };
    return part as Kernel;
  }
}

// The driver of the state machine: turns what the kernel reports into events, and carries out the machine's actions.

import { Failure } from "../failure.ts";
import { ECHILD, EINTR, EPERM, ESRCH, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { SIGSTOP } from "../kernel/signals.ts";
import { endWith, notice } from "../report.ts";
import { readChildren, sayOrphansUnknown } from "./children.ts";
import { type ChildStatus, isStopped, readStatus } from "./status.ts";
import { type Action, type Event, firstState, NEVER, type Policy, type State, step } from "./supervisor.ts";
import { DEBUG, INFORMATION, tell, WARNING } from "./voice.ts";

/** Waits forever: an idle init does not wake up. */
export const FOR_EVER = -1;

/** How often a call that reports an interruption is repeated in a row: a sandbox may report one every time. */
const MOST_INTERRUPTIONS = 1000;

/** The terminal that init and the command share. */
export interface Terminal {
  /** The standard stream that is tsgosu's controlling terminal; -1 if there is none. */
  readonly fd: number;
  /** tsgosu's own process group. */
  readonly group: number;
}

/** What init was started with. */
export interface Surroundings {
  readonly terminal: Terminal;
  /** The list of the children (`openChildren`). */
  readonly children: number;
  /** The children from before the command; init leaves them alone. */
  readonly spared: readonly number[];
}

/**
 * Watches over the command until it ends, and ends with its status. Signals must already be held (`holdSignals`). Ends tsgosu
 * with a line, or throws a Failure, if the kernel does not let init wait for signals or children, or read the time.
 */
export function supervise(kernel: Kernel, policy: Policy, surroundings: Surroundings): void {
  const { verbosity, grace, orphans: fate } = policy.options;
  const usesTime = grace !== undefined || fate !== "leave";
  const terminal = surroundings.terminal;
  let state: State = firstState(policy, surroundings.spared, now());
  /** What has been said already. */
  let isRefused = false;
  let isBlind = surroundings.children < 0;

  /** The time in milliseconds. Only an init that acts at a certain time reads the clock, which is a system call an event. */
  function now(): number {
    return usesTime ? readClock(kernel) : 0;
  }

  function say(importance: number, text: string): void {
    tell(kernel, policy.options, importance, text);
  }

  function handle(event: Event): void {
    if (verbosity > WARNING) narrate(event);
    const next = step(policy, state, event, now());
    state = next.state;
    const refused: number[] = [];
    for (const action of next.actions) {
      const pid = perform(action);
      if (pid > 0) refused.push(pid);
    }
    if (refused.length > 0) handle({ kind: "refused", pids: refused });
  }

  function narrate(event: Event): void {
    if (event.kind === "signal") say(DEBUG, `Received signal ${event.signal}`);
    if (event.kind === "ended") say(INFORMATION, `Main child exited (with status '${event.code}')`);
  }

  /** Carries out an action. Returns the PID of a process that may not be signalled, or a number below 1 if there is none. */
  function perform(action: Action): number {
    switch (action.kind) {
      case "reap":
        reapAll();
        return 0;
      case "look":
        handle({ kind: "children", pids: childrenNow() });
        return 0;
      case "kill":
        return send(action.pid, action.signal) === -EPERM ? refusedTo(action.pid, action.signal) : 0;
      case "suspend":
        // Init may not stop processes of the job that belong to another user; the terminal stops them at the next Ctrl-Z.
        passTerminal(policy.command, terminal.group);
        kernel.suspend();
        return 0;
      case "stop":
        kernel.kill(kernel.getpid(), SIGSTOP);
        return 0;
      case "foreground":
        passTerminal(terminal.group, policy.command);
        return 0;
      case "exit":
        // Without this, the next program of a script would find itself in the background.
        passTerminal(policy.command, terminal.group);
        kernel.exit(action.code);
        return 0;
    }
  }

  function send(pid: number, signal: number): number {
    if (verbosity >= DEBUG) say(DEBUG, `Sending signal ${signal} to ${pid}`);
    let result = kernel.kill(pid, signal);
    // A child keeps its PID until it is reaped, so it exists. A group is missing if the command has left it.
    if (result === -ESRCH && pid < -1 && state.code < 0) result = kernel.kill(-pid, signal);
    if (result >= 0 || result === -EPERM || result === -ESRCH) return result;
    throw cannotGoOn("send signals", "kill", -result);
  }

  /** Says once that a process may not be signalled, because it runs as another user or a sandbox refuses the call. */
  function refusedTo(pid: number, signal: number): number {
    const whom = Math.abs(pid) === policy.command ? "the command" : pid < 0 ? "what still runs" : `process ${pid}`;
    if (!isRefused) notice(kernel, `signal ${signal} cannot be sent to ${whom}: ${errorText(EPERM)}`);
    isRefused = true;
    return pid;
  }

  /** The children; says once that they cannot be read. */
  function childrenNow(): readonly number[] {
    const pids = readChildren(kernel, surroundings.children);
    if (typeof pids !== "number") return pids;
    if (!isBlind) sayOrphansUnknown(kernel, -pids);
    isBlind = true;
    return [];
  }

  function passTerminal(from: number, to: number): void {
    if (policy.jobControl && kernel.tcgetpgrp(terminal.fd) === from) kernel.tcsetpgrp(terminal.fd, to);
  }

  /** Reaps every child that has ended. There may be many orphans, so the machine is told about them all at once. */
  function reapAll(): void {
    let interrupted = 0;
    let orphans: number[] = [];
    for (;;) {
      const child = kernel.reap();
      if (child.pid > 0 && child.pid !== policy.command) {
        if (isStopped(child.status)) continue;
        const importance = policy.options.warnsOfOrphans ? WARNING : DEBUG;
        if (verbosity >= importance) say(importance, `Reaped zombie process with pid=${child.pid}`);
        if (state.asked.length > 0 || state.spared.length > 0) orphans.push(child.pid);
        continue;
      }
      if (orphans.length > 0) handle({ kind: "reaped", pids: orphans });
      orphans = [];
      if (child.pid === 0) return;
      if (child.pid === -EINTR && interrupted++ < MOST_INTERRUPTIONS) continue;
      if (child.pid === -ECHILD) {
        // As far as init knows the command has not ended, and nothing will report its end.
        if (state.code < 0) throw cannotGoOn("wait for the command", "wait4", ECHILD);
        handle({ kind: "childless" });
        return;
      }
      if (child.pid < 0) throw cannotGoOn("wait for children", "wait4", -child.pid);
      handle(eventOf(readStatus(child.status)));
    }
  }

  /** Milliseconds until a `time` event is wanted. */
  function left(): number {
    const due = Math.min(state.killAt, state.lookAt);
    return due === NEVER ? FOR_EVER : Math.max(due - now(), 0);
  }

  function wake(signal: number): void {
    if (signal > 0) handle({ kind: "signal", signal });
    if (left() === 0) {
      // A command that has ended by now has ended in time, even if init has not been told yet. The processes it started must
      // not be killed, and its exit code is the one to report.
      reapAll();
      handle({ kind: "time" });
    }
  }

  const result = kernel.onSignals((signal) => {
    try {
      wake(signal);
      return left();
    } catch (error) {
      // In Node, the event loop calls this, and it would not report a failure.
      if (!(error instanceof Failure)) throw error;
      endWith(kernel, error);
      return FOR_EVER;
    }
  });
  if (result < 0) throw cannotGoOn("wait for signals", "rt_sigtimedwait", -result);
}

function cannotGoOn(what: string, call: string, errno: number): Failure {
  return new Failure(
    `cannot ${what}: ${errorText(errno)}`,
    `a seccomp profile or a sandbox refuses ${call}, which tsgosu --exec does not need`,
  );
}

/** The event of a command that ended or was stopped. */
function eventOf(status: ChildStatus): Event {
  switch (status.kind) {
    case "stopped":
      return { kind: "stopped" };
    case "exited":
      return { kind: "ended", code: status.code };
    case "signalled":
      // As a shell reports it (POSIX sh, 2.8.2).
      return { kind: "ended", code: 128 + status.signal };
  }
}

/** The time in milliseconds, on a clock that nobody sets. Throws a Failure if the kernel refuses to tell it. */
function readClock(kernel: Kernel): number {
  const milliseconds = kernel.monotonic();
  if (milliseconds < 0) throw cannotGoOn("tell the time: clock_gettime", "clock_gettime", -milliseconds);
  return milliseconds;
}

// The driver of the state machine: turns what the kernel reports into events, and does what the machine says.

import { Failure } from "../failure.ts";
import { ECHILD, EPERM, ESRCH, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { readChildren } from "./children.ts";
import { isStop } from "./status.ts";
import { type Action, type Event, firstState, NEVER, type Policy, type State, step } from "./supervisor.ts";

/** Waits for ever: an idle init does not wake up. */
const FOR_EVER = -1;

/** Where init and the command meet a terminal. */
export interface Terminal {
  /** The standard stream that is tsgosu's controlling terminal; -1: there is none. */
  readonly fd: number;
  /** tsgosu's own process group. */
  readonly group: number;
}

/**
 * Watches over the command until it ends, and ends with its status. Signals must be held (`holdSignals`) already;
 * `spared` are the children from before the command.
 */
export function supervise(kernel: Kernel, policy: Policy, terminal: Terminal, spared: readonly number[]): void {
  let state: State = firstState(policy, spared, kernel.monotonic());

  function handle(kind: Event["kind"], pid: number, value: number, pids: readonly number[]): void {
    const next = step(policy, state, { kind, pid, value, pids }, kernel.monotonic());
    state = next.state;
    for (const action of next.actions) perform(action);
  }

  function tell(kind: Event["kind"], pid: number, value: number): void {
    handle(kind, pid, value, []);
  }

  function perform(action: Action): void {
    switch (action.kind) {
      case "reap":
        reapAll();
        return;
      case "look":
        handle("children", 0, 0, readChildren(kernel));
        return;
      case "kill":
        send(action.pid, action.value);
        return;
      case "suspend":
        // Others of the job may belong to another user: then only the terminal can stop them, at the next Ctrl-Z.
        passTerminal(policy.command, terminal.group);
        kernel.suspend();
        return;
      case "foreground":
        passTerminal(terminal.group, policy.command);
        return;
      default:
        // The next program of a script must not find itself in the background.
        passTerminal(policy.command, terminal.group);
        kernel.exit(action.value);
    }
  }

  function send(pid: number, signal: number): void {
    const result = kernel.kill(pid, signal);
    // A child keeps its PID until it is reaped, so it cannot be missing; but a group can, if the command left it.
    if (result === -ESRCH && pid < -1) kernel.kill(-pid, signal);
    if (result === -EPERM && pid > 0) tell("refused", pid, 0);
  }

  function passTerminal(from: number, to: number): void {
    if (policy.jobControl && kernel.tcgetpgrp(terminal.fd) === from) kernel.tcsetpgrp(terminal.fd, to);
  }

  function reapAll(): void {
    for (;;) {
      const ended = kernel.reap();
      if (ended.pid === -ECHILD) tell("alone", 0, 0);
      if (ended.pid <= 0) return;
      tell(isStop(ended.status) ? "stopped" : "reaped", ended.pid, ended.status);
    }
  }

  /** Milliseconds until a `time` event is wanted. */
  function left(): number {
    const due = Math.min(state.killAt, state.lookAt);
    return due === NEVER ? FOR_EVER : Math.max(due - kernel.monotonic(), 0);
  }

  const result = kernel.onSignals((signal) => {
    if (signal > 0) tell("signal", 0, signal);
    if (left() === 0) {
      // What has ended by now has ended in time.
      reapAll();
      tell("time", 0, 0);
    }
    return left();
  });
  if (result < 0)
    throw new Failure(
      `cannot wait for signals: ${errorText(-result)}`,
      "a seccomp profile or a sandbox refuses rt_sigtimedwait: tsgosu --exec does without it",
    );
}

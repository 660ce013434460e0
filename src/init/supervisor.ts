// The whole policy of an init, as a state machine: (state, event) → (state, actions). It calls nothing; supervise.ts does
// what it says.

import { isForwarded, SIGCHLD } from "./signals.ts";
import { exitCode } from "./status.ts";

/** What init knows: which of its children is the command. */
export interface State {
  readonly command: number;
}

/** What can happen to an init. */
export type Event =
  /** A signal was sent to it. */
  | { readonly kind: "signal"; readonly signal: number }
  /** A child, the command or an adopted orphan, has ended and was reaped. */
  | { readonly kind: "reaped"; readonly pid: number; readonly status: number };

/** What an init does about it. */
export type Action =
  /** Reap every child that has ended. */
  | { readonly kind: "reap" }
  /** Send `signal` to `pid`. */
  | { readonly kind: "kill"; readonly pid: number; readonly signal: number }
  /** End with `code`; what still runs ends with the container. */
  | { readonly kind: "exit"; readonly code: number };

export interface Step {
  readonly state: State;
  readonly actions: readonly Action[];
}

/** What happens next. Orphans need no more than to be reaped; the end of the command is the end of init. */
export function step(state: State, event: Event): Step {
  switch (event.kind) {
    case "signal":
      return { state, actions: onSignal(state, event.signal) };
    case "reaped":
      return { state, actions: onReaped(state, event.pid, event.status) };
  }
}

function onSignal(state: State, signal: number): Action[] {
  // Children may end faster than SIGCHLD can be told apart: one signal, as many children as there are.
  if (signal === SIGCHLD) return [{ kind: "reap" }];
  return isForwarded(signal) ? [{ kind: "kill", pid: state.command, signal }] : [];
}

function onReaped(state: State, pid: number, status: number): Action[] {
  return pid === state.command ? [{ kind: "exit", code: exitCode(status) }] : [];
}

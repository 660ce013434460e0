// The driver of the state machine: turns what the kernel reports into events, and does what the machine says.

import type { Kernel } from "../kernel/kernel.ts";
import { type Action, type Event, type State, step } from "./supervisor.ts";

/** Waits for ever: an idle init does not wake up. */
const FOR_EVER = -1;

/** Watches over the command until it ends, and ends with its status. Signals must be held (`holdSignals`) already. */
export function supervise(kernel: Kernel, command: number): void {
  let state: State = { command };

  function handle(event: Event): void {
    const next = step(state, event);
    state = next.state;
    for (const action of next.actions) perform(action);
  }

  function perform(action: Action): void {
    switch (action.kind) {
      case "kill":
        // ESRCH cannot be: a child keeps its PID until it is reaped. EPERM can, if the command changed its UIDs.
        kernel.kill(action.pid, action.signal);
        return;
      case "exit":
        kernel.exit(action.code);
        return;
      case "reap":
        reapAll();
    }
  }

  function reapAll(): void {
    for (;;) {
      const ended = kernel.reap();
      if (ended.pid <= 0) return;
      handle({ kind: "reaped", pid: ended.pid, status: ended.status });
    }
  }

  kernel.onSignals((signal) => {
    if (signal > 0) handle({ kind: "signal", signal });
    return FOR_EVER;
  });
}

// Which signals an init passes on, and which of them ask the command to end (signal(7)).

import {
  LAST_SIGNAL,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGHUP,
  SIGILL,
  SIGINT,
  SIGKILL,
  SIGQUIT,
  SIGSEGV,
  SIGSTOP,
  SIGSYS,
  SIGTERM,
  SIGTRAP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGWINCH,
} from "../kernel/signals.ts";

/** Whether a signal asks a program to end: one that a runtime, a person or a closing terminal sends to stop it. */
export function asksToEnd(signal: number): boolean {
  return signal === SIGTERM || signal === SIGINT || signal === SIGQUIT || signal === SIGHUP;
}

/** Whether a terminal sends the signal to its whole foreground group: for Ctrl-C, Ctrl-\\, Ctrl-Z, and another size. */
export function isFromTerminal(signal: number): boolean {
  return signal === SIGINT || signal === SIGQUIT || signal === SIGTSTP || signal === SIGWINCH;
}

/** Whether a terminal stops a job by this signal. */
export function stopsJob(signal: number): boolean {
  return signal === SIGTSTP || signal === SIGTTIN || signal === SIGTTOU;
}

/**
 * Whether init passes the signal on: all but those that cannot be caught (SIGKILL, SIGSTOP), SIGCHLD, which is for init
 * itself, and those that a fault raises, which concern only the process at fault.
 */
export function isForwarded(signal: number): boolean {
  switch (signal) {
    case SIGKILL:
    case SIGSTOP:
    case SIGCHLD:
    case SIGILL:
    case SIGTRAP:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGSYS:
      return false;
    default:
      return signal >= 1 && signal <= LAST_SIGNAL;
  }
}

/** The signals an init waits for: those it passes on, and SIGCHLD. */
export function heldSignals(): number[] {
  const held: number[] = [SIGCHLD];
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) if (isForwarded(signal)) held.push(signal);
  return held;
}

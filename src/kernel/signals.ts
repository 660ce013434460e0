// Signals by number and name (signal(7)). They are the same on every architecture that tsgosu is built for: the compiler holds
// them to the headers of each (static/constants.c).

import { itemOf, numberOf } from "../text.ts";

/** Names of signals 1 to 31, in order. */
const NAMES =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGBUS = 7;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGPIPE = 13;
export const SIGTERM = 15;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGXFSZ = 25;
export const SIGWINCH = 28;
export const SIGSYS = 31;

/** The kernel's first real-time signal. */
export const FIRST_REAL_TIME = 32;
export const LAST_SIGNAL = 64;
/** RTMIN as everybody but the kernel counts it: libc keeps the two signals below it for itself. */
const RTMIN = 34;

/** `SIGTERM` for 15, `signal 40` for a real-time signal. */
export function signalName(signal: number): string {
  const name = itemOf(NAMES.split(" "), signal - 1);
  return name === "" ? `signal ${signal}` : `SIG${name}`;
}

/** The number of a signal given as `TERM`, `SIGTERM`, `15`, `RTMIN+3` or `RTMAX-1`; 0 for a word that names none. */
export function signalNumber(word: string): number {
  const name = word.startsWith("SIG") ? word.slice(3) : word;
  let signal = NAMES.split(" ").indexOf(name) + 1;
  if (name === "RTMIN") signal = RTMIN;
  else if (name === "RTMAX") signal = LAST_SIGNAL;
  else if (name.startsWith("RTMIN+")) signal = RTMIN + numberOf(name.slice(6));
  else if (name.startsWith("RTMAX-")) signal = LAST_SIGNAL - numberOf(name.slice(6));
  else if (signal === 0) signal = numberOf(word);
  return signal >= 1 && signal <= LAST_SIGNAL ? signal : 0;
}

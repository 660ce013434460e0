// How a child ended (wait(2)), as an exit code.

/** The exit code for a raw status word: the command's own, or 128 + N if signal N ended it (POSIX sh, 2.8.2). */
export function exitCode(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

/** Whether a raw status word says that the child was stopped, not that it has ended. */
export function isStop(status: number): boolean {
  return (status & 0xff) === 0x7f;
}

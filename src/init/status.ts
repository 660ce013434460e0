// How a child ended, or that it was stopped, as the kernel reports it in one word (wait(2), "Status information").

/** What a status word says. */
export type ChildStatus =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: number }
  | { readonly kind: "stopped" };

/** Whether a raw status word says that the child was stopped, and has not ended. */
export function isStopped(word: number): boolean {
  return (word & 0xff) === 0x7f;
}

/** Reads a raw status word, of 16 bits. Init does not ask waitpid(2) for children that were continued (WCONTINUED). */
export function readStatus(word: number): ChildStatus {
  if (isStopped(word)) return { kind: "stopped" };
  const signal = word & 0x7f;
  return signal === 0 ? { kind: "exited", code: (word >> 8) & 0xff } : { kind: "signalled", signal };
}

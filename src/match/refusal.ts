// A call that the kernel refused.

import { errorText } from "../kernel/errno.ts";

/** The call that failed, the file it was for, and the errno (above 0). */
export interface Refusal {
  readonly call: string;
  readonly path: string;
  readonly errno: number;
}

/**
 * The refusal of a call if `result` is −errno; undefined if it succeeded. Steps that depend on each other are joined by `??`:
 * the first refusal is the last step tried.
 */
export function refusalOf(call: string, path: string, result: number): Refusal | undefined {
  return result < 0 ? { call, path, errno: -result } : undefined;
}

/** The calls that a sentence such as "cannot be written" already implies. */
const PLAIN_CALLS = ["open", "write", "pwrite", "fchownat"];

/** The reason, and the call if it is not obvious, for people: `permission denied`, `fsync: input/output error`. */
export function describeRefusal(refusal: Refusal): string {
  const why = errorText(refusal.errno);
  return PLAIN_CALLS.includes(refusal.call) ? why : `${refusal.call}: ${why}`;
}

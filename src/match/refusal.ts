// A step that the kernel refused.

import { errorText } from "../kernel/errno.ts";

/** The call that failed, the file it was for, and the errno (above 0). */
export interface Refusal {
  readonly call: string;
  readonly path: string;
  readonly errno: number;
}

/**
 * What came of one call: its refusal where `result` is −errno, undefined where it did its work. Steps that depend on each
 * other are joined by `??`: the first that is refused is the last that is tried.
 */
export function refusalOf(call: string, path: string, result: number): Refusal | undefined {
  return result < 0 ? { call, path, errno: -result } : undefined;
}

/** The calls that a sentence such as "cannot be written" speaks of anyway. */
const PLAIN_CALLS = ["open", "write", "pwrite", "fchownat"];

/** Why, and in which call where that is not plain, for people: `permission denied`, `fsync: input/output error`. */
export function describeRefusal(refusal: Refusal): string {
  const why = errorText(refusal.errno);
  return PLAIN_CALLS.includes(refusal.call) ? why : `${refusal.call}: ${why}`;
}

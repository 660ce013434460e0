// The IDs that exist in this user namespace: /proc/self/uid_map and gid_map (user_namespaces(7)).

import type { Kernel } from "../kernel/kernel.ts";
import { itemOf, numberOf, textOf } from "../text.ts";

/** Larger than any file of /proc that tsgosu reads. */
const MOST_BYTES = 1048576;

/** The `length` IDs from `inside` on are those from `outside` on in the parent namespace. */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly length: number;
}

/** The ranges of a uid_map or gid_map; lines that are not three numbers are skipped. */
export function parseIdMap(text: string): IdRange[] {
  const ranges: IdRange[] = [];
  for (const line of text.split("\n")) {
    const words = line.split(" ").filter((word) => word !== "");
    const inside = numberOf(itemOf(words, 0));
    const outside = numberOf(itemOf(words, 1));
    const length = numberOf(itemOf(words, 2));
    if (inside >= 0 && outside >= 0 && length > 0) ranges.push({ inside, outside, length });
  }
  return ranges;
}

/** Whether an ID of this user namespace is in one of the ranges. */
export function isMapped(ranges: readonly IdRange[], id: number): boolean {
  return ranges.some((range) => id >= range.inside && id < range.inside + range.length);
}

/** The IDs of the initial user namespace, in which every ID is mapped. */
const ALL_IDS = 4294967295;

/**
 * Whether the owner may be one that this user namespace has no ID for. The kernel shows such an owner as the overflow ID,
 * which may also be mapped itself (user_namespaces(7)). Only if all IDs are mapped is it certainly the real one; if the map
 * cannot be read (`ranges` is empty), nothing is known.
 */
export function isUnmapped(id: number, overflow: number, ranges: readonly IdRange[]): boolean {
  if (id !== overflow || ranges.length === 0) return false;
  return !isMapped(ranges, ALL_IDS - 1);
}

/** `0-65535, 100000`, for people; `none` if nothing is mapped. */
export function describeRanges(ranges: readonly IdRange[]): string {
  if (ranges.length === 0) return "none";
  return ranges
    .map((range) => (range.length === 1 ? `${range.inside}` : `${range.inside}-${range.inside + range.length - 1}`))
    .join(", ");
}

/** A file of /proc as text; empty if it cannot be read: it is only needed for explanations. */
export function readProc(kernel: Kernel, path: string): string {
  const bytes = kernel.readFile(path, MOST_BYTES);
  return typeof bytes === "number" ? "" : textOf(bytes, 0, bytes.length);
}

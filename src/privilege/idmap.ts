// The IDs that exist in this user namespace: /proc/self/uid_map and gid_map (user_namespaces(7)).

import type { Kernel } from "../kernel/kernel.ts";
import { O_RDONLY } from "../kernel/kernel.ts";
import { itemOf, numberOf, textOf } from "../text.ts";

/** `length` IDs from `inside` on are those from `outside` on in the parent namespace. */
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

export function isMapped(ranges: readonly IdRange[], id: number): boolean {
  return ranges.some((range) => id >= range.inside && id < range.inside + range.length);
}

/** `0-65535, 100000`, for people; `none` where nothing is mapped. */
export function describeRanges(ranges: readonly IdRange[]): string {
  if (ranges.length === 0) return "none";
  return ranges
    .map((range) => (range.length === 1 ? `${range.inside}` : `${range.inside}-${range.inside + range.length - 1}`))
    .join(", ");
}

/** A file of /proc as text, empty where it cannot be read: it only ever explains. */
export function readProc(kernel: Kernel, path: string): string {
  const fd = kernel.open(path, O_RDONLY);
  if (fd < 0) return "";
  const bytes = Buffer.alloc(65536);
  let length = 0;
  for (;;) {
    const count = kernel.read(fd, bytes.subarray(length, bytes.length));
    if (count <= 0) break;
    length += count;
  }
  kernel.close(fd);
  return textOf(bytes, 0, length);
}

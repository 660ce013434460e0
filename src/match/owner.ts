// The owner of a file, and whether this user namespace can tell who that is.

import { Failure } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Stat } from "../kernel/layout.ts";
import { describeRanges, isUnmapped, parseIdMap, readProc } from "../privilege/idmap.ts";
import { numberOf } from "../text.ts";

/** Who owns a file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export function ownerOf(stat: Stat): Owner {
  return { uid: stat.uid, gid: stat.gid };
}

export function isSameOwner(some: Owner, other: Owner): boolean {
  return some.uid === other.uid && some.gid === other.gid;
}

/** `1000:1000` */
export function describeOwner(owner: Owner): string {
  return `${owner.uid}:${owner.gid}`;
}

/** Throws a Failure that begins with `what` if the owner of a file has no UID or no GID in this user namespace. */
export function refuseUnmapped(kernel: Kernel, what: string, owner: Owner): void {
  refuseUnmappedId(kernel, `${what}: the owner's UID`, owner.uid, "uid");
  refuseUnmappedId(kernel, `${what}: the owner's GID`, owner.gid, "gid");
}

/** The kernel's default for the overflow IDs (proc_sys_kernel(5)). */
const OVERFLOW = 65534;

/** Throws a Failure that begins with `what` if the kernel shows `id` in place of an ID that this user namespace does not map. */
export function refuseUnmappedId(kernel: Kernel, what: string, id: number, kind: "uid" | "gid"): void {
  const shown = numberOf(readProc(kernel, `/proc/sys/kernel/overflow${kind}`).trim());
  const overflow = Number.isNaN(shown) ? OVERFLOW : shown;
  if (id !== overflow) return;
  const ranges = parseIdMap(readProc(kernel, `/proc/self/${kind}_map`));
  if (!isUnmapped(id, overflow, ranges)) return;
  throw new Failure(
    `${what} is not mapped in this user namespace, which shows it as ${id} (mapped: ${describeRanges(ranges)})`,
    "chown the file on the host to an ID that is mapped, or map this one (--userns=keep-id, --uidmap, --gidmap, subuid)",
  );
}

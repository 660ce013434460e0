// File descriptors: those that tsgosu was started with, and those that Node opened for itself.

import { readdirSync } from "node:fs";
import { cString } from "../../text.ts";
import { AT_EMPTY_PATH, F_SETFD, NULL } from "../abi.ts";
import type { Calls } from "../calls.ts";
import { STATX_BASIC_AND_MOUNT, STATX_LENGTH, type Stat, statOf } from "../layout.ts";
import { S_IFCHR, S_IFIFO, S_IFMT } from "../linux.ts";

/** /dev/null's device number as in struct statx: major 1, minor 3. */
const DEV_NULL_DEVICE = 1 * 4294967296 + 3;
const STATX_RDEV_MAJOR = 128;

interface Descriptor {
  readonly fd: number;
  readonly stat: Stat;
  /** The device that a device file stands for. */
  readonly represents: number;
}

/**
 * Clears close-on-exec on the standard streams and on so many descriptors from 3 on: Node sets it on every descriptor that
 * it was started with.
 */
export function handOnDescriptors(calls: Calls, inherited: number): void {
  for (let fd = 0; fd <= 2 + inherited; fd++) calls.fcntl(fd, F_SETFD, NULL);
}

/**
 * The descriptors above 2 that tsgosu was started with; none if /proc is missing. Node's own are recognised by their kind:
 * they have no file type (epoll, eventfd, io_uring), are /dev/null, or are pipes of which both ends are open here.
 */
export function inheritedDescriptors(calls: Calls): number[] {
  const open: Descriptor[] = [];
  for (const name of openDescriptors()) {
    const fd = Number(name);
    const statx = new Uint8Array(STATX_LENGTH);
    if (fd <= 2 || calls.statx(fd, cString(""), AT_EMPTY_PATH, STATX_BASIC_AND_MOUNT, statx) < 0) continue;
    const view = new DataView(statx.buffer);
    const major = view.getUint32(STATX_RDEV_MAJOR, true);
    open.push({ fd, stat: statOf(view), represents: major * 4294967296 + view.getUint32(STATX_RDEV_MAJOR + 4, true) });
  }
  return open.filter((descriptor) => !isNodesOwn(descriptor, open)).map(({ fd }) => fd);
}

function openDescriptors(): string[] {
  try {
    return readdirSync("/proc/self/fd");
  } catch {
    return [];
  }
}

function isNodesOwn({ fd, stat, represents }: Descriptor, open: readonly Descriptor[]): boolean {
  const type = stat.mode & S_IFMT;
  if (type === 0) return true;
  if (type === S_IFCHR) return represents === DEV_NULL_DEVICE;
  const isSamePipe = (other: Descriptor): boolean =>
    other.fd !== fd && (other.stat.mode & S_IFMT) === S_IFIFO && other.stat.inodeLow === stat.inodeLow;
  return type === S_IFIFO && open.some(isSamePipe);
}

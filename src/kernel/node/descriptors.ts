// File descriptors: those that tsgosu was started with, and those that Node opened for itself.

import { readdirSync } from "node:fs";
import { cString } from "../../text.ts";
import { AT_EMPTY_PATH, F_SETFD, NULL } from "../abi.ts";
import type { Calls } from "../calls.ts";
import { EBADF } from "../errno.ts";
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
/**
 * Clears close-on-exec on the standard streams, and on those of `inherited` descriptors from 3 on that tsgosu was started with:
 * Node sets it on every descriptor. The number comes from the environment and may be too large: what Node has opened for itself
 * is not handed on, nor what tsgosu has (`own`). Answers −errno if that is refused for a descriptor that is open.
 */
export function handOnDescriptors(calls: Calls, inherited: number, own: number): number {
  for (let fd = 0; fd <= 2; fd++) {
    const result = calls.fcntl(fd, F_SETFD, NULL);
    if (result < 0 && result !== -EBADF) return result;
  }
  if (inherited === 0) return 0;
  const descriptors = inheritedDescriptors(calls);
  if (typeof descriptors === "number") return descriptors;
  for (const fd of descriptors) {
    if (fd > 2 + inherited || fd === own) continue;
    const result = calls.fcntl(fd, F_SETFD, NULL);
    if (result < 0) return result;
  }
  return 0;
}

/**
 * The descriptors above 2 that tsgosu was started with; none if /proc is missing. The first that Node opens is an epoll instance,
 * and gets the lowest number that is free: what is below it was there before. Above it, Node's own are recognised by their kind:
 * they have no file type (epoll, eventfd, io_uring), are /dev/null, or are pipes of which both ends are open here. −errno if one
 * of them cannot be looked at: then it may be the other end of a pipe.
 */
export function inheritedDescriptors(calls: Calls): number[] | number {
  const open: Descriptor[] = [];
  for (const name of openDescriptors()) {
    const fd = Number(name);
    const statx = new Uint8Array(STATX_LENGTH);
    if (fd <= 2) continue;
    const result = calls.statx(fd, cString(""), AT_EMPTY_PATH, STATX_BASIC_AND_MOUNT, statx);
    // The list itself was read through a descriptor, which is closed by now.
    if (result === -EBADF) continue;
    if (result < 0) return result;
    const view = new DataView(statx.buffer);
    const major = view.getUint32(STATX_RDEV_MAJOR, true);
    open.push({ fd, stat: statOf(view), represents: major * 4294967296 + view.getUint32(STATX_RDEV_MAJOR + 4, true) });
  }
  const first = Math.min(...open.filter(({ stat }) => (stat.mode & S_IFMT) === 0).map(({ fd }) => fd));
  return open.filter((one) => one.fd < first || !isNodesOwn(one, open)).map(({ fd }) => fd);
}

/** More than LISTEN_FDS names (run/listen.ts), and than Node has open besides. */
const MOST_DESCRIPTORS = 1100;

/** The names of the descriptors that are open; without /proc, those that may be. */
function openDescriptors(): string[] {
  try {
    return readdirSync("/proc/self/fd");
  } catch {
    return Array.from({ length: MOST_DESCRIPTORS }, (_, fd) => `${fd}`);
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

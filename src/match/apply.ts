// Writing /etc/passwd and /etc/group as usermod(8) does: locked, and never to be seen half written.

import { readAccountFile } from "../accounts/read.ts";
import { Failure } from "../failure.ts";
import { EACCES, EAGAIN, EDQUOT, EIO, ENOSPC } from "../kernel/errno.ts";
import { type Kernel, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY, S_IFMT, S_IFREG } from "../kernel/kernel.ts";
import { STATX_GID, STATX_LENGTH, STATX_MODE, STATX_UID, u16, u32 } from "../kernel/layout.ts";
import { cString } from "../text.ts";
import { stopIfTold } from "./labour.ts";

const AT_FDCWD = -100;
const LOCK = "/etc/.pwd.lock";
/** As lckpwdf(3) waits. */
const LOCK_MS = 15000;
const LOCK_PAUSE_MS = 20;

/**
 * Runs `work` under the lock that all who write passwd and group take (lckpwdf(3)). Where the lock's file system is
 * read-only nobody can take it, and nobody needs it. Throws a Failure if somebody holds it for 15 seconds.
 */
export function locked(kernel: Kernel, work: () => void): void {
  const fd = kernel.openAt(AT_FDCWD, cString(LOCK), O_WRONLY | O_CREAT, 0o600);
  if (fd >= 0) {
    const end = kernel.monotonic() + LOCK_MS;
    for (;;) {
      const result = kernel.lock(fd);
      if (result !== -EAGAIN && result !== -EACCES) break;
      if (kernel.monotonic() > end)
        throw new Failure(
          `${LOCK}: another process has had the lock for 15 s`,
          "something else changes users meanwhile, and hangs",
        );
      stopIfTold(kernel, LOCK_PAUSE_MS);
    }
  }
  work();
  if (fd >= 0) kernel.close(fd);
}

/** Changes a file by `edit`, which gives the same array back where nothing is to change: 0, or −errno with the file whole. */
export function changeFile(kernel: Kernel, path: string, edit: (bytes: Uint8Array) => Uint8Array): number {
  const old = readAccountFile(kernel, path).bytes;
  const bytes = edit(old);
  if (bytes === old) return 0;
  const file = kernel.openPath(AT_FDCWD, cString(path));
  const stat = new Uint8Array(STATX_LENGTH);
  kernel.statInto(file, stat);
  kernel.close(file);
  // A symbolic link stays one: what it leads to is written.
  const result = (u16(stat, STATX_MODE) & S_IFMT) !== S_IFREG ? -EIO : replaceFile(kernel, path, bytes, stat);
  // Where a file cannot be put in its place (EBUSY: it is a mount), or none can be made beside it, it may still be
  // written itself; not where there is no room.
  return result === 0 || result === -ENOSPC || result === -EDQUOT ? result : writeInPlace(kernel, path, old, bytes);
}

/** Writes a file beside, makes it like the old one in all else, and puts it in its place. */
function replaceFile(kernel: Kernel, path: string, bytes: Uint8Array, stat: Uint8Array): number {
  const beside = `${path}+`;
  // One that somebody left who was killed; under the lock it is nobody's.
  kernel.unlink(beside);
  const fd = kernel.openAt(AT_FDCWD, cString(beside), O_WRONLY | O_CREAT | O_EXCL, 0o600);
  if (fd < 0) return fd;
  let result = kernel.write(fd, bytes);
  if (result >= 0) result = kernel.fchown(fd, u32(stat, STATX_UID), u32(stat, STATX_GID));
  if (result >= 0) result = kernel.chmod(beside, u16(stat, STATX_MODE) & 0o7777);
  if (result >= 0) copyAttributes(kernel, path, beside);
  if (result >= 0) result = kernel.fsync(fd);
  kernel.close(fd);
  if (result >= 0) result = kernel.rename(beside, path);
  if (result < 0) {
    kernel.unlink(beside);
    return result;
  }
  syncDirectory(kernel, path);
  return 0;
}

/** The new name must be on disk as the old one was. */
function syncDirectory(kernel: Kernel, path: string): void {
  const directory = kernel.open(path.slice(0, path.lastIndexOf("/")), O_RDONLY);
  if (directory < 0) return;
  kernel.fsync(directory);
  kernel.close(directory);
}

/** Extended attributes, as many as the kernel lets one set (XATTR_SIZE_MAX in limits(7) bounds names and values). */
function copyAttributes(kernel: Kernel, from: string, to: string): void {
  const room = new Uint8Array(65536);
  const names = new Uint8Array(Math.max(kernel.listxattr(from, room), 0));
  names.set(room.subarray(0, names.length), 0);
  let start = 0;
  for (let at = 0; at < names.length; at++) {
    if (names[at] !== 0) continue;
    const name = names.subarray(start, at + 1);
    const length = kernel.getxattr(from, name, room);
    if (length >= 0) kernel.setxattr(to, name, room.subarray(0, length));
    start = at + 1;
  }
}

const NEWLINE = 10;

/**
 * Writes what differs, in one call, so that a reader sees the old or the new. Where the file gets shorter, empty lines stand
 * at its end until it is cut: nothing takes them for an account.
 */
function writeInPlace(kernel: Kernel, path: string, old: Uint8Array, bytes: Uint8Array): number {
  const fd = kernel.open(path, O_WRONLY);
  if (fd < 0) return fd;
  const whole = new Uint8Array(Math.max(old.length, bytes.length));
  whole.set(bytes, 0);
  for (let i = bytes.length; i < whole.length; i++) whole[i] = NEWLINE;
  let start = 0;
  while (start < old.length && old[start] === whole[start]) start++;
  let end = whole.length;
  while (end > start && end <= old.length && old[end - 1] === whole[end - 1]) end--;
  let result = kernel.pwrite(fd, whole.subarray(start, end), start);
  if (result >= 0 && result < end - start) result = -ENOSPC;
  if (result < 0) {
    // As it was.
    kernel.pwrite(fd, old.subarray(start, old.length), start);
    kernel.ftruncate(fd, old.length);
  } else if (bytes.length < old.length) result = kernel.ftruncate(fd, bytes.length);
  if (result >= 0) result = kernel.fsync(fd);
  kernel.close(fd);
  return Math.min(result, 0);
}

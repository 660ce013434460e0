// Writing /etc/passwd and /etc/group as usermod(8) does: under a lock, and never visible half written.

import type { AccountFile } from "../accounts/identity.ts";
import { Failure } from "../failure.ts";
import {
  EACCES,
  EAGAIN,
  EDQUOT,
  EFBIG,
  EINTR,
  EINVAL,
  EIO,
  ENODATA,
  ENOENT,
  ENOSPC,
  EOPNOTSUPP,
  EROFS,
  errorText,
} from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Stat } from "../kernel/layout.ts";
import { O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY, S_IFMT, S_IFREG } from "../kernel/linux.ts";
import { notice } from "../report.ts";
import { byteAt } from "../text.ts";
import { endIfTold } from "./progress.ts";
import { describeRefusal, type Refusal, refusalOf } from "./refusal.ts";

const LOCK = "/etc/.pwd.lock";
/** As long as lckpwdf(3) waits. */
const LOCK_SECONDS = 15;
const LOCK_PAUSE_MS = 20;

/**
 * The lock that every program takes to write passwd and group (lckpwdf(3)).
 * `held`: this process has it. `needless`: its file system is read-only, so nobody can take it and nobody needs it.
 * `no-room`: the file system is full, so the lock file cannot be created, and nothing may be written.
 */
export type Lock =
  | { readonly kind: "held"; readonly fd: number }
  | { readonly kind: "needless" }
  | { readonly kind: "no-room"; readonly errno: number };

/**
 * Takes the lock, waiting while another process has it. Throws a Failure if that takes longer than 15 seconds, or if the
 * lock cannot be taken for a reason that `Lock` does not name: nobody writes unlocked.
 */
export function takeLock(kernel: Kernel): Lock {
  // O_NONBLOCK: opening a FIFO must not wait for a reader.
  const fd = kernel.open(LOCK, O_WRONLY | O_CREAT | O_NONBLOCK, 0o600);
  switch (-fd) {
    case EROFS:
      return { kind: "needless" };
    case ENOSPC:
    case EDQUOT:
      return { kind: "no-room", errno: -fd };
  }
  if (fd < 0)
    throw new Failure(
      `${LOCK}: cannot be opened: ${errorText(-fd)}`,
      "tsgosu changes /etc/passwd and /etc/group only under this lock, which root must be able to create and write",
    );
  // Counted in pauses, so that the wait ends even without a clock.
  for (let waited = 0; waited <= LOCK_SECONDS * 1000; waited += LOCK_PAUSE_MS) {
    const result = kernel.lock(fd);
    if (result >= 0) return { kind: "held", fd };
    if (result !== -EAGAIN && result !== -EACCES && result !== -EINTR)
      throw new Failure(
        `${LOCK}: cannot be locked: ${errorText(-result)}`,
        "tsgosu changes /etc/passwd and /etc/group only under this lock: can files be locked on this file system?",
      );
    endIfTold(kernel, LOCK_PAUSE_MS);
  }
  throw new Failure(
    `${LOCK}: another process has held the lock for ${LOCK_SECONDS} s`,
    "another program is changing users, and hangs",
  );
}

export function releaseLock(kernel: Kernel, lock: Lock): void {
  if (lock.kind === "held") kernel.close(lock.fd);
}

/**
 * Gives a file the new bytes: all of them or none. Returns the refusal that left the file unchanged; undefined if it was
 * written or needed no change. Throws a Failure if the file is left half written, which takes two faults.
 */
export function changeFile(kernel: Kernel, file: AccountFile, bytes: Buffer, lock: Lock): Refusal | undefined {
  if (bytes === file.bytes) return undefined;
  if (lock.kind === "no-room") return { call: "open", path: file.path, errno: lock.errno };
  const refused = replaceFile(kernel, file.path, bytes);
  if (refused === undefined || isNoRoom(refused.errno)) return refused;
  // A file that is a mount cannot be replaced (EBUSY), and some directories do not allow a new file. Such a file may still
  // be written in place, which also keeps its owner, mode and attributes; but not if the file system is full.
  return writeInPlace(kernel, file.path, file.bytes, bytes);
}

/** Whether there is no room for the bytes wherever they are written, because the file system is full or by a limit. */
function isNoRoom(errno: number): boolean {
  return errno === ENOSPC || errno === EDQUOT || errno === EFBIG;
}

/** Writes a new file beside the old one, gives it the same mode, owner and attributes, and renames it over the old one. */
function replaceFile(kernel: Kernel, path: string, bytes: Buffer): Refusal | undefined {
  const file = kernel.openPath(path);
  if (file < 0) return refusalOf("open", path, file);
  const old = kernel.fstat(file);
  kernel.close(file);
  if (typeof old === "number") return refusalOf("statx", path, old);
  // A symbolic link is kept, and its target is written.
  if ((old.mode & S_IFMT) !== S_IFREG) return { call: "open", path, errno: EIO };

  const beside = `${path}+`;
  // A process that was killed may have left this file. Under the lock, nobody else is using it.
  kernel.unlink(beside);
  const fd = kernel.open(beside, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  if (fd < 0) return refusalOf("open", path, fd);
  const unwritten = writeLike(kernel, fd, path, beside, old, bytes);
  const unclosed = refusalOf("close", path, kernel.close(fd));
  const refused = unwritten ?? unclosed ?? refusalOf("rename", path, kernel.rename(beside, path));
  if (refused === undefined) {
    syncDirectory(kernel, path);
    return undefined;
  }
  const left = kernel.unlink(beside);
  if (left < 0 && left !== -ENOENT) notice(kernel, `${beside}: cannot be removed: ${errorText(-left)}`);
  return refused;
}

/** Writes the bytes to the new file, and gives it the mode, owner and extended attributes of the file at `path`. */
function writeLike(
  kernel: Kernel,
  fd: number,
  path: string,
  beside: string,
  old: Stat,
  bytes: Buffer,
): Refusal | undefined {
  return (
    refusalOf("write", path, kernel.write(fd, bytes)) ??
    refusalOf("fchown", path, kernel.fchown(fd, old.uid, old.gid)) ??
    refusalOf("chmod", path, kernel.chmod(beside, old.mode & 0o7777)) ??
    copyAttributes(kernel, path, beside) ??
    sync(kernel, fd, path)
  );
}

/** fsync(2); EINVAL means that the file system has nothing to flush. */
function sync(kernel: Kernel, fd: number, path: string): Refusal | undefined {
  const result = kernel.fsync(fd);
  return result === -EINVAL ? undefined : refusalOf("fsync", path, result);
}

/** Flushes the new name to disk, as the file was. If that fails, a later start may find the old file, and matches again. */
function syncDirectory(kernel: Kernel, path: string): void {
  const parent = path.slice(0, path.lastIndexOf("/"));
  const directory = kernel.open(parent, O_RDONLY, 0);
  const refused = refusalOf("open", parent, directory) ?? sync(kernel, directory, parent);
  if (directory >= 0) kernel.close(directory);
  if (refused !== undefined)
    notice(kernel, `${path}: changed, but a power failure may bring back the old file: ${describeRefusal(refused)}`);
}

/** Copies the extended attributes. If one cannot be copied, the file must not be replaced: it would lose the attribute. */
function copyAttributes(kernel: Kernel, from: string, to: string): Refusal | undefined {
  const names = kernel.listxattr(from);
  // A file system without extended attributes has none to lose.
  if (typeof names === "number") return names === -EOPNOTSUPP ? undefined : refusalOf("listxattr", from, names);
  for (const name of names) {
    const value = kernel.getxattr(from, name);
    if (value === -ENODATA) continue;
    if (typeof value === "number") return refusalOf("getxattr", from, value);
    // Only the kernel sets some of them (security.selinux), and it has already set the same value.
    const present = kernel.getxattr(to, name);
    if (typeof present !== "number" && Buffer.from(present).equals(Buffer.from(value))) continue;
    const refused = refusalOf("setxattr", from, kernel.setxattr(to, name, value));
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function writeInPlace(kernel: Kernel, path: string, old: Buffer, bytes: Buffer): Refusal | undefined {
  const fd = kernel.open(path, O_WRONLY, 0);
  if (fd < 0) return refusalOf("open", path, fd);
  const refused = overwrite(kernel, fd, path, old, bytes) ?? sync(kernel, fd, path);
  const unclosed = refusalOf("close", path, kernel.close(fd));
  return refused ?? unclosed;
}

const NEWLINE = 10;

/**
 * Writes the file from where it differs, in one call, so that a reader sees either the old bytes or the new. If the file gets
 * shorter, it ends in empty lines until it is truncated; nobody takes those for an account. If a step is refused, the old bytes are
 * restored.
 */
function overwrite(kernel: Kernel, fd: number, path: string, old: Buffer, bytes: Buffer): Refusal | undefined {
  const whole = Buffer.alloc(Math.max(old.length, bytes.length), NEWLINE);
  whole.set(bytes, 0);
  let start = 0;
  while (start < old.length && byteAt(old, start) === byteAt(whole, start)) start++;
  const length = whole.length - start;
  const count = kernel.pwrite(fd, whole.subarray(start, whole.length), start);
  // Nothing has been written yet.
  if (count < 0) return refusalOf("pwrite", path, count);
  const refused =
    missing(path, count, length) ??
    (bytes.length < old.length ? refusalOf("ftruncate", path, kernel.ftruncate(fd, bytes.length)) : undefined);
  if (refused === undefined) return undefined;
  const rest = old.subarray(start, old.length);
  const back = kernel.pwrite(fd, rest, start);
  const lost =
    refusalOf("pwrite", path, back) ??
    missing(path, back, rest.length) ??
    (bytes.length > old.length ? refusalOf("ftruncate", path, kernel.ftruncate(fd, old.length)) : undefined);
  if (lost === undefined) return refused;
  throw new Failure(
    `${path}: is half written (${describeRefusal(refused)}), and cannot be restored (${describeRefusal(lost)})`,
    `restore ${path} before the next start`,
  );
}

/** A call that writes fewer bytes than it was given found no room for the rest. */
function missing(path: string, count: number, length: number): Refusal | undefined {
  return count < length ? { call: "pwrite", path, errno: ENOSPC } : undefined;
}

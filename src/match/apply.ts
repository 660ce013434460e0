// Writing /etc/passwd and /etc/group as usermod(8) does: locked, and never to be seen half written.

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
import { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY, S_IFMT, S_IFREG } from "../kernel/linux.ts";
import { notice } from "../report.ts";
import { endIfTold } from "./progress.ts";
import { describeRefusal, type Refusal, refusalOf } from "./refusal.ts";

const LOCK = "/etc/.pwd.lock";
/** lckpwdf(3) waits for 15 seconds, too. */
const LOCK_SECONDS = 15;
const LOCK_PAUSE_MS = 20;

/**
 * What became of the lock that all who write passwd and group take (lckpwdf(3)).
 * `held`: this process has it. `needless`: its file system is read-only, so that nobody can take it and nobody needs it.
 * `no-room`: the file system is full, so that the lock cannot be made, and nothing may be written.
 */
export type Lock =
  | { readonly kind: "held"; readonly fd: number }
  | { readonly kind: "needless" }
  | { readonly kind: "no-room"; readonly errno: number };

/**
 * Takes the lock, and waits for it while another process has it. Throws a Failure where that takes longer than 15
 * seconds, and where the lock cannot be taken for any reason that `Lock` does not name: nobody writes unlocked.
 */
export function takeLock(kernel: Kernel): Lock {
  const fd = kernel.open(LOCK, O_WRONLY | O_CREAT, 0o600);
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
      "--match changes /etc/passwd and /etc/group only under this lock, which root has to be able to make and to write",
    );
  // Counted in pauses, so that it ends without a clock as well.
  for (let waited = 0; waited <= LOCK_SECONDS * 1000; waited += LOCK_PAUSE_MS) {
    const result = kernel.lock(fd);
    if (result >= 0) return { kind: "held", fd };
    if (result !== -EAGAIN && result !== -EACCES && result !== -EINTR)
      throw new Failure(
        `${LOCK}: cannot be locked: ${errorText(-result)}`,
        "--match changes /etc/passwd and /etc/group only under this lock: can files be locked on this file system?",
      );
    endIfTold(kernel, LOCK_PAUSE_MS);
  }
  throw new Failure(
    `${LOCK}: another process has had the lock for ${LOCK_SECONDS} s`,
    "some other program is changing users, and hangs",
  );
}

export function releaseLock(kernel: Kernel, lock: Lock): void {
  if (lock.kind === "held") kernel.close(lock.fd);
}

/**
 * Gives a file the new bytes: whole or not at all. Returns the refusal that kept the file as it was; undefined where it
 * was written, or nothing was to change. Throws a Failure where the file is left half written, which takes two faults.
 */
export function changeFile(kernel: Kernel, file: AccountFile, bytes: Buffer, lock: Lock): Refusal | undefined {
  if (bytes === file.bytes) return undefined;
  if (lock.kind === "no-room") return { call: "open", path: file.path, errno: lock.errno };
  // Whoever writes more than this is ended in the middle.
  const limit = kernel.fileSizeLimit();
  if (limit < bytes.length)
    return limit < 0 ? refusalOf("prlimit64", file.path, limit) : { call: "write", path: file.path, errno: EFBIG };
  const refused = replaceFile(kernel, file.path, bytes);
  if (refused === undefined || refused.errno === ENOSPC || refused.errno === EDQUOT) return refused;
  // A file that is a mount cannot be replaced (EBUSY), and in some directories none can be made beside it. Such a file
  // may still be written itself, which keeps its owner, mode and attributes as well; not where there is no room.
  return writeInPlace(kernel, file.path, file.bytes, bytes);
}

/** Writes a file beside, makes it like the old one in all else, and puts it in its place. */
function replaceFile(kernel: Kernel, path: string, bytes: Buffer): Refusal | undefined {
  const file = kernel.openPath(path);
  if (file < 0) return refusalOf("open", path, file);
  const old = kernel.fstat(file);
  kernel.close(file);
  if (typeof old === "number") return refusalOf("statx", path, old);
  // A symbolic link stays one: what it leads to is written.
  if ((old.mode & S_IFMT) !== S_IFREG) return { call: "open", path, errno: EIO };

  const beside = `${path}+`;
  // Somebody who was killed may have left one. Under the lock it belongs to nobody.
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

/** Writes the bytes to the new file beside, and gives it mode, owner and extended attributes of the file at `path`. */
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

/** fsync(2); EINVAL says that the file system keeps nothing back that could be flushed. */
function sync(kernel: Kernel, fd: number, path: string): Refusal | undefined {
  const result = kernel.fsync(fd);
  return result === -EINVAL ? undefined : refusalOf("fsync", path, result);
}

/** The new name must reach the disk, as the file has. Where it may not have, the next start finds the old file, and matches again. */
function syncDirectory(kernel: Kernel, path: string): void {
  const parent = path.slice(0, path.lastIndexOf("/"));
  const directory = kernel.open(parent, O_RDONLY, 0);
  const refused = refusalOf("open", parent, directory) ?? sync(kernel, directory, parent);
  if (directory >= 0) kernel.close(directory);
  if (refused !== undefined)
    notice(kernel, `${path}: was changed, but may be the old file after a power failure: ${describeRefusal(refused)}`);
}

/** Copies the extended attributes. Where one cannot be copied, the file must not be replaced: it would lose it. */
function copyAttributes(kernel: Kernel, from: string, to: string): Refusal | undefined {
  const names = kernel.listxattr(from);
  // A file system without extended attributes has none to lose.
  if (typeof names === "number") return names === -EOPNOTSUPP ? undefined : refusalOf("listxattr", from, names);
  for (const name of names) {
    const value = kernel.getxattr(from, name);
    if (value === -ENODATA) continue;
    if (typeof value === "number") return refusalOf("getxattr", from, value);
    // Some are the kernel's to set (security.selinux), and it has set them alike.
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
 * Writes the file from where it differs, in one call, so that a reader sees the old bytes or the new. Where the file gets shorter, empty
 * lines stand at its end until it is cut: nobody takes them for an account. Where a step is refused, the old bytes are put
 * back.
 */
function overwrite(kernel: Kernel, fd: number, path: string, old: Buffer, bytes: Buffer): Refusal | undefined {
  const whole = Buffer.alloc(Math.max(old.length, bytes.length), NEWLINE);
  whole.set(bytes, 0);
  let start = 0;
  while (start < old.length && old[start] === whole[start]) start++;
  const length = whole.length - start;
  const count = kernel.pwrite(fd, whole.subarray(start, whole.length), start);
  // Nothing was written yet.
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
    `${path}: is half written (${describeRefusal(refused)}), and cannot be put back (${describeRefusal(lost)})`,
    `restore ${path} before the next start`,
  );
}

/** A call that writes fewer bytes than it was given has found no room for the rest. */
function missing(path: string, count: number, length: number): Refusal | undefined {
  return count < length ? { call: "pwrite", path, errno: ENOSPC } : undefined;
}

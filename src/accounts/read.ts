// Reading /etc/passwd and /etc/group: whole, once, and never for ever.

import { Failure } from "../failure.ts";
import { ENOENT, ENOTDIR, errorText } from "../kernel/errno.ts";
import { type Kernel, O_NOCTTY, O_NONBLOCK, O_RDONLY, S_IFMT, S_IFREG } from "../kernel/kernel.ts";
import type { AccountFile } from "./identity.ts";

export const PASSWD = "/etc/passwd";
export const GROUP = "/etc/group";

/** More than a million accounts; what is larger is a mistake or an attack. */
const MOST_BYTES = 67108864;
const FIRST_READ = 16384;
/** The file is open by then. */
const STATX_REFUSED = "statx is missing or refused: a kernel before 4.11, or a seccomp profile that does not know it";

/**
 * The file's bytes; `exists` is false where there is no such file (nor /etc), which is fine for numbers.
 * Throws a Failure for what is no regular file (a directory, FIFO or device), larger than 64 MiB, or unreadable.
 */
export function readAccountFile(kernel: Kernel, path: string): AccountFile {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const fd = kernel.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd === -ENOENT || fd === -ENOTDIR) return { path, exists: false, bytes: Buffer.alloc(0) };
  if (fd < 0) throw new Failure(`${path}: ${errorText(-fd)}`);
  const stat = kernel.fstat(fd);
  if (typeof stat === "number") throw new Failure(`${path}: ${errorText(-stat)}`, STATX_REFUSED);
  if ((stat.mode & S_IFMT) !== S_IFREG)
    throw new Failure(`${path}: not a regular file`, `mount or copy a file at ${path}`);
  // One byte more than the file says it has: where it has not grown meanwhile, one read tells its end.
  let bytes = Buffer.alloc(stat.size < MOST_BYTES && stat.size > 0 ? stat.size + 1 : FIRST_READ);
  let length = 0;
  for (;;) {
    const count = kernel.read(fd, bytes.subarray(length, bytes.length));
    if (count < 0) throw new Failure(`${path}: ${errorText(-count)}`);
    if (count === 0) break;
    length += count;
    if (length > MOST_BYTES) throw new Failure(`${path}: larger than 64 MiB`);
    // That is all the file had when it was looked at, and what was asked for beyond it was not there.
    if (length === stat.size) break;
    if (length < bytes.length) continue;
    const larger = Buffer.alloc(2 * length);
    larger.set(bytes, 0);
    bytes = larger;
  }
  kernel.close(fd);
  return { path, exists: true, bytes: bytes.subarray(0, length) };
}

// Reading /etc/passwd and /etc/group: in one piece, once, and never endlessly.

import { Failure } from "../failure.ts";
import { EFBIG, ENOENT, ENOTDIR, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { O_NOCTTY, O_NONBLOCK, O_RDONLY, S_IFMT, S_IFREG } from "../kernel/linux.ts";
import type { AccountFile } from "./identity.ts";

export const PASSWD = "/etc/passwd";
export const GROUP = "/etc/group";

/** Room for more than a million accounts. A larger file is a mistake or an attack. */
const MOST_BYTES = 67108864;
/** The hint where statx is refused. It cannot be the file's fault: the file is open by then. */
const STATX_REFUSED = "statx is missing or refused: a kernel before 4.11, or a seccomp profile that does not know it";

/** The two account files. Each is read once, when it is first needed. */
export class AccountFiles {
  private readonly kernel: Kernel;
  private passwdFile: AccountFile | undefined = undefined;
  private groupFile: AccountFile | undefined = undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** /etc/passwd. Throws a Failure as `readAccountFile` does. */
  passwd(): AccountFile {
    const file = this.passwdFile ?? readAccountFile(this.kernel, PASSWD);
    this.passwdFile = file;
    return file;
  }

  /** /etc/group. Throws a Failure as `readAccountFile` does. */
  group(): AccountFile {
    const file = this.groupFile ?? readAccountFile(this.kernel, GROUP);
    this.groupFile = file;
    return file;
  }
}

/**
 * The file's bytes; `exists` is false if there is no such file (or no /etc), which is fine for numbers.
 * Throws a Failure if it is not a regular file (a directory, FIFO or device), is larger than 64 MiB, or cannot be read.
 */
export function readAccountFile(kernel: Kernel, path: string): AccountFile {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const fd = kernel.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (fd === -ENOENT || fd === -ENOTDIR) return { path, exists: false, bytes: Buffer.alloc(0) };
  if (fd < 0) throw new Failure(`${path}: ${errorText(-fd)}`);
  const stat = kernel.fstat(fd);
  if (typeof stat === "number") throw new Failure(`${path}: ${errorText(-stat)}`, STATX_REFUSED);
  if ((stat.mode & S_IFMT) !== S_IFREG)
    throw new Failure(`${path}: not a regular file`, `mount or copy a file at ${path}`);
  const bytes = stat.size > MOST_BYTES ? -EFBIG : kernel.readToEnd(fd, stat.size, MOST_BYTES);
  kernel.close(fd);
  if (bytes === -EFBIG) throw new Failure(`${path}: larger than 64 MiB`);
  if (typeof bytes === "number") throw new Failure(`${path}: ${errorText(-bytes)}`);
  return { path, exists: true, bytes };
}

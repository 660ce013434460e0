// Gives the standard streams to the user, as container runtimes do for --user (moby/moby#31243): otherwise the user cannot
// open /dev/stdout if root owns the pipe or the terminal behind it.

import type { Kernel } from "../kernel/kernel.ts";
import { S_IFCHR, S_IFIFO, S_IFMT, S_IFSOCK } from "../kernel/linux.ts";

/**
 * Makes `uid` the owner of those of descriptors 0, 1 and 2 that are pipes, sockets or terminals; files and other devices are
 * left alone, and so is /dev/tty, which all processes share. The kernel may refuse (a pipe from outside the user namespace): then the stream still works, but cannot be
 * reopened.
 */
export function handOverStreams(kernel: Kernel, uid: number): void {
  for (let fd = 0; fd <= 2; fd++) {
    const stat = kernel.fstat(fd);
    if (typeof stat === "number" || stat.uid === uid) continue;
    const type = stat.mode & S_IFMT;
    const isTerminal = type === S_IFCHR && kernel.isatty(fd) && nameOf(kernel, fd) !== "/dev/tty";
    if (type === S_IFIFO || type === S_IFSOCK || isTerminal) kernel.fchown(fd, uid, KEEP_GROUP);
  }
}

/** The name of an open file, as /proc/self/fd has it (proc_pid_fd(5)); empty if it cannot be told. */
function nameOf(kernel: Kernel, fd: number): string {
  const link = kernel.openPath(`/proc/self/fd/${fd}`);
  if (link < 0) return "";
  const name = kernel.readlink(link, NAME_MAX);
  kernel.close(link);
  return typeof name === "number" ? "" : name;
}

/** As much of a name as is looked at. */
const NAME_MAX = 64;

/** chown(2): an ID of -1 is left as it is. */
const KEEP_GROUP = 4294967295;

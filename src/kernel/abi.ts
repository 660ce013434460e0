// Numbers of the kernel's interface that only this folder needs; the same on x86-64 and arm64.

/** openat(2) and similar calls: a relative path starts at the working directory. */
export const AT_FDCWD = -100;
/** The path means a symbolic link itself, not its target. */
export const AT_SYMLINK_NOFOLLOW = 0x100;
/** Nothing is mounted for it. */
export const AT_NO_AUTOMOUNT = 0x800;
/** statx(2): what the kernel knows already is enough, and no server is asked. */
export const AT_STATX_DONT_SYNC = 0x4000;
/** faccessat2(2): the effective IDs and the capabilities count. */
export const AT_EACCESS = 0x200;
/** An empty path means the descriptor itself. */
export const AT_EMPTY_PATH = 0x1000;

export const O_NOFOLLOW = 0o400000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;

/** openat2(2): fail with EXDEV rather than go to another mount. */
export const RESOLVE_NO_XDEV = 1;

/** lseek(2): the offset counts from the start. */
export const SEEK_SET = 0;

/** access(2): may the file be executed, or the directory searched; may it be written? */
export const X_OK = 1;
export const W_OK = 2;

/** Options of waitpid(2). */
export const WNOHANG = 1;
export const WUNTRACED = 2;

/** Requests of ioctl(2). */
export const TCGETS = 0x5401;
export const TIOCGPGRP = 0x540f;
export const TIOCSPGRP = 0x5410;
export const FIONREAD = 0x541b;

/** Commands of fcntl(2). */
export const F_SETFD = 2;
export const F_SETLK = 6;

export const CLOCK_MONOTONIC = 1;

/** How rt_sigprocmask(2) changes the mask. */
export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;

/** The disposition of a signal that is ignored (sigaction(2)). */
export const SIG_IGN = 1;

/** Bytes of the kernel's struct sigaction: handler, flags, restorer, mask. All zeros is the default disposition. */
export const SIGACTION_LENGTH = 32;

/** Stands for NULL in a system call (calls.ts). */
export const NULL = new Uint8Array(0);

// Numbers of the kernel's interface that only this folder needs. Those that are constants here are the same on every
// architecture that tsgosu is built for: the compiler holds them to the headers of each (static/constants.c). The others are
// in `Machine`.

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

/** Flags of open(2). */
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;

/** openat2(2): fail with EXDEV rather than go to another mount. */
export const RESOLVE_NO_XDEV = 1;

/** Types of directory entries (getdents64(2)). */
export const DT_UNKNOWN = 0;
export const DT_DIR = 4;
export const DT_REG = 8;

/** lseek(2): the offset counts from the start. */
export const SEEK_SET = 0;

/** access(2): may the file be executed, or the directory searched; may it be written? */
export const X_OK = 1;
export const W_OK = 2;

/** Options of waitpid(2). */
export const WNOHANG = 1;
export const WUNTRACED = 2;

/** Commands of fcntl(2). */
export const F_SETFD = 2;
export const F_SETLK = 6;
/** The type of a lock of fcntl(2): for writing. */
export const F_WRLCK = 1;

/** Operations of flock(2): nobody else may have the lock, and the call does not wait. */
export const LOCK_EX = 2;
export const LOCK_NB = 4;

export const CLOCK_MONOTONIC = 1;

/** How rt_sigprocmask(2) changes the mask. */
export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;

/** The handler of a signal that is ignored (sigaction(2)). */
export const SIG_IGN = 1;

/** Stands for NULL in a system call (calls.ts). */
export const NULL = new Uint8Array(0);

/** The numbers that differ from one architecture to another, as the machine has them that the program was built for. */
export interface Machine {
  /** The flag of open(2): its value on x86-64 means another flag on arm64 and PowerPC. */
  readonly O_NOFOLLOW: number;
  /** Requests of ioctl(2). */
  readonly TCGETS: number;
  readonly TIOCGPGRP: number;
  readonly TIOCSPGRP: number;
  /** Where the 32 bits with the mount flags are in the kernel's struct statfs, in bytes. */
  readonly statfsFlags: number;
}

// The only door to the operating system, in POSIX words. One call here is one system call, or what libc makes of one;
// what to call, and what an error means, is decided elsewhere. Calls return a value ≥ 0, or −errno.
// Strings are byte strings (text.ts); paths may not hold NUL.

/** Real, effective and saved ID (credentials(7)). */
export interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}

/** What statx(2) says of a file; `mode` is type and permission bits as in inode(7). */
export interface Stat {
  readonly mode: number;
  readonly uid: number;
  readonly size: number;
}

/** A child whose end, or stop, waitpid(2) has reported. `pid` 0: there is no such child now. Below 0: −errno. */
export interface Ended {
  readonly pid: number;
  /** The raw status word (wait(2)). */
  readonly status: number;
}

/** Three of a process's capability sets (capget(2)): bit N is capability N, exact below 2^53. */
export interface Capabilities {
  readonly permitted: number;
  readonly effective: number;
  readonly inheritable: number;
}

export interface Kernel {
  /** How many words the program was given, its own name included. */
  argumentCount(): number;
  /** Word `index` as bytes; empty where there is none. */
  argument(index: number): string;
  /** The path that the program was executed by, as the kernel was given it; empty where that is unknown. */
  executedPath(): string;
  /** The value of an environment variable; the first one counts, as in getenv(3). */
  environment(name: string): string | undefined;

  getpid(): number;
  getppid(): number;
  getresuid(): Ids;
  getresgid(): Ids;
  getgroups(): number[];
  setresuid(uid: number): number;
  setresgid(gid: number): number;
  setgroups(gids: readonly number[]): number;
  /** The capability sets of the calling thread; an errno below 0 where that fails. */
  capget(): Capabilities | number;
  capset(sets: Capabilities): number;
  /** prctl(2) with two arguments, the rest 0. */
  prctl(option: number, second: number, third: number): number;

  /** open(2) with O_CLOEXEC added: a descriptor, or −errno. */
  open(path: string, flags: number): number;
  close(fd: number): number;
  /** Reads into `into`: the number of bytes, 0 at the end, or −errno. */
  read(fd: number, into: Uint8Array): number;
  /** Writes all of `bytes`, however many calls that takes: 0, or −errno. */
  write(fd: number, bytes: Uint8Array): number;
  /** statx(2) of an open descriptor; an errno below 0 where that fails. */
  fstat(fd: number): Stat | number;
  /** statx(2) of a path, following links. */
  stat(path: string): Stat | number;
  fchown(fd: number, uid: number, gid: number): number;
  /** openat(2) with O_PATH and O_NOFOLLOW: the file itself, whatever it is. Names for the calls below end in NUL. */
  openPath(directory: number, name: Uint8Array): number;
  /** openat(2) with O_CLOEXEC added. */
  openAt(directory: number, name: Uint8Array, flags: number, mode: number): number;
  /** statx(2) of an open descriptor into `into`, to be read with layout.ts. */
  statInto(fd: number, into: Uint8Array): number;
  /** statx(2) of a directory's entry, links not followed. */
  statAt(directory: number, name: Uint8Array, into: Uint8Array): number;
  /** fchownat(2) of a directory's entry, links not followed. */
  chownAt(directory: number, name: Uint8Array, uid: number, gid: number): number;
  /** fchownat(2) of an open descriptor itself, one of `openPath` too. */
  chownPath(fd: number, uid: number, gid: number): number;
  /** getdents64(2): the next entries of a directory, how many bytes, 0 at the end. */
  getdents(fd: number, into: Uint8Array): number;
  /** readlinkat(2) of a symbolic link opened with `openPath`: the length of its text. */
  readlink(fd: number, into: Uint8Array): number;
  /** chmod(2), following links. */
  chmod(path: string, mode: number): number;
  rename(from: string, to: string): number;
  unlink(path: string): number;
  fsync(fd: number): number;
  ftruncate(fd: number, length: number): number;
  pwrite(fd: number, bytes: Uint8Array, offset: number): number;
  /** Locks a whole file against others who write it (F_SETLK in fcntl(2)): −EAGAIN or −EACCES where somebody has it. */
  lock(fd: number): number;
  /** getxattr(2), setxattr(2) and listxattr(2), links followed. */
  getxattr(path: string, name: Uint8Array, into: Uint8Array): number;
  setxattr(path: string, name: Uint8Array, value: Uint8Array): number;
  listxattr(path: string, into: Uint8Array): number;
  /** Milliseconds on a clock that nobody sets (CLOCK_MONOTONIC). */
  monotonic(): number;
  /** 0 if `path` may be executed by the effective IDs (faccessat2(2) with AT_EACCESS), else −errno. */
  mayExecute(path: string): number;
  /** The length of a path's extended attribute, links followed, or −errno (getxattr(2)). */
  getxattrLength(path: string, name: string): number;
  /** Whether the file system that `path` is on is mounted read-only (statfs(2)): 0 or 1, or −errno. */
  isReadOnly(path: string): number;
  chdir(path: string): number;
  /** Closes every descriptor above 2, and lets go of memory, that the engine does not need to stay. */
  releaseResources(): void;

  /** Whether the descriptor is a terminal (isatty(3)). */
  isatty(fd: number): boolean;
  getpgrp(): number;
  /** The foreground process group of a terminal, or −errno. */
  tcgetpgrp(fd: number): number;
  tcsetpgrp(fd: number, group: number): number;

  /** Whether the thread that calls is all of the process; Node has others, which IDs and capabilities are not changed for. */
  hasOneThread(): boolean;
  /** Holds back these signals, at least, from here on; `onSignals` delivers those that came. Below 0: −errno. */
  holdSignals(signals: readonly number[]): number;
  /** Undoes `holdSignals`, for a command that is to find them as tsgosu did. */
  restoreSignals(): void;
  /**
   * Waits for up to so many milliseconds for SIGHUP, SIGINT, SIGQUIT or SIGTERM, of those that are held: the signal, or
   * below 0 where none came.
   */
  takeStop(milliseconds: number): number;
  /**
   * Sleeps until a signal comes or the time is up, tells `handle` which (0: time up), and sleeps again for as many
   * milliseconds as it returns, for ever at −1. Does not come back: `handle` ends it with `exit`.
   */
  onSignals(handle: (signal: number) => number): void;
  kill(pid: number, signal: number): number;
  /**
   * Stops the process group that tsgosu is in, itself included, as Ctrl-Z would: not where nobody could continue it (an
   * orphaned group, PID 1), nor where SIGTSTP was ignored from the start. SIGCONT says when it goes on.
   */
  suspend(): void;
  /** waitpid(-1, WNOHANG | WUNTRACED): one child that has ended or stopped. */
  reap(): Ended;

  /** Sets a variable of the program's environment, in place of all of that name: 0, or −errno. The others stay as they are. */
  setenv(name: string, value: string): number;
  /**
   * Replaces the process by `file`, with the program's own words from `firstWord` on as its arguments and with the
   * program's environment. Comes back only to say −errno.
   */
  execve(file: string, firstWord: number): number;
  /**
   * Starts `file` likewise, as a child that leads a process group of its own, the foreground one of terminal `terminal`
   * (−1: none), with the signal mask that tsgosu was started with: its PID, or −errno. With `listens`,
   * LISTEN_PID, which has been given room for ten digits, becomes the child's own PID in its environment.
   */
  spawn(file: string, firstWord: number, listens: boolean, terminal: number): number;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The hint where a sandbox refuses what every init needs. */
export const SIGNALS_REFUSED =
  "a seccomp profile or a sandbox refuses rt_sigprocmask or rt_sigtimedwait: tsgosu --exec needs neither";

/** Who the sockets of LISTEN_FDS are meant for (sd_listen_fds(3)). */
export const LISTEN_PID = "LISTEN_PID";
/** Its value until the PID is known: as many digits as a PID may have. */
export const ROOM_FOR_PID = "0000000000";

/** open(2) flags, the same on x86-64 and arm64 for those used here. */
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_NONBLOCK = 0o4000;

/** File types in `Stat.mode` (inode(7)). */
export const S_IFMT = 0o170000;
export const S_IFIFO = 0o010000;
export const S_IFCHR = 0o020000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
export const S_IFSOCK = 0o140000;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;

/** prctl(2) options. */
export const PR_SET_KEEPCAPS = 8;
export const PR_CAPBSET_READ = 23;
export const PR_CAPBSET_DROP = 24;
export const PR_GET_SECUREBITS = 27;
export const PR_SET_NO_NEW_PRIVS = 38;
export const PR_GET_NO_NEW_PRIVS = 39;
export const PR_CAP_AMBIENT = 47;
export const PR_CAP_AMBIENT_IS_SET = 1;
export const PR_CAP_AMBIENT_RAISE = 2;
export const PR_CAP_AMBIENT_CLEAR_ALL = 4;

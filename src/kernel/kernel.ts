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
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  readonly inode: number;
  /** The device the file is on, as `major:minor`. */
  readonly device: string;
}

/** An environment variable to set or replace. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
}

/** A child whose end, or stop, waitpid(2) has reported. `pid` 0: there is no such child now. Below 0: −errno. */
export interface Ended {
  readonly pid: number;
  /** The raw status word (wait(2)). */
  readonly status: number;
}

export interface Kernel {
  /** How many words the program was given, its own name included. */
  argumentCount(): number;
  /** Word `index` as bytes; empty where there is none. */
  argument(index: number): string;
  /** The value of an environment variable; the first one counts, as in getenv(3). */
  environment(name: string): string | undefined;

  getpid(): number;
  getppid(): number;
  prctl(option: number, second: number, third: number): number;
  getresuid(): Ids;
  getresgid(): Ids;
  getgroups(): number[];
  setresuid(uid: number): number;
  setresgid(gid: number): number;
  setgroups(gids: readonly number[]): number;

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
  /** 0 if `path` may be executed by the effective IDs (faccessat2(2) with AT_EACCESS), else −errno. */
  mayExecute(path: string): number;
  /** The length of a path's extended attribute, links followed, or −errno (getxattr(2)). */
  getxattrLength(path: string, name: string): number;
  chdir(path: string): number;
  /** Closes every descriptor above 2 that the engine does not need for itself. */
  releaseDescriptors(): void;

  /** Whether the descriptor is a terminal (isatty(3)). */
  isatty(fd: number): boolean;
  getpgrp(): number;
  /** The foreground process group of a terminal, or −errno. */
  tcgetpgrp(fd: number): number;
  tcsetpgrp(fd: number, group: number): number;

  /** Holds back these signals, at least, from here on; `onSignals` delivers those that came. */
  holdSignals(signals: readonly number[]): void;
  /**
   * Sleeps until a signal comes or the time is up, tells `handle` which (0: time up), and sleeps again for as many
   * milliseconds as it returns, for ever at −1. Does not come back: `handle` ends it with `exit`.
   */
  onSignals(handle: (signal: number) => number): void;
  kill(pid: number, signal: number): number;
  /** Milliseconds of a clock that nobody sets. */
  clock(): number;
  /**
   * Stops the process group that tsgosu is in, itself included, as Ctrl-Z would: not where nobody could continue it (an
   * orphaned group, PID 1), nor where SIGTSTP was ignored from the start. SIGCONT says when it goes on.
   */
  suspend(): void;
  /** waitpid(-1, WNOHANG | WUNTRACED): one child that has ended or stopped. */
  reap(): Ended;

  /**
   * Replaces the process by `file`, with the program's own words from `firstWord` on as its arguments and the program's
   * own environment with `changes`. Comes back only to say −errno.
   */
  execve(file: string, firstWord: number, changes: readonly Assignment[]): number;
  /**
   * Starts `file` likewise, as a child that leads a process group of its own, the foreground one of terminal `terminal`
   * (−1: none), with the signal mask that tsgosu was started with: its PID, or −errno. With `listens`, the
   * value of the last change, of ten characters, is the child's own PID.
   */
  spawn(file: string, firstWord: number, changes: readonly Assignment[], listens: boolean, terminal: number): number;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** Who the sockets of LISTEN_FDS are meant for (sd_listen_fds(3)). */
export const LISTEN_PID = "LISTEN_PID";
/** Its value until the PID is known: as many digits as a PID may have. */
export const ROOM_FOR_PID = "0000000000";

/** open(2) flags, the same on x86-64 and arm64 for those used here. */
export const O_RDONLY = 0;
export const O_NOCTTY = 0o400;
export const O_NONBLOCK = 0o4000;

/** File types in `Stat.mode` (inode(7)). */
export const S_IFMT = 0o170000;
export const S_IFIFO = 0o010000;
export const S_IFCHR = 0o020000;
export const S_IFREG = 0o100000;
export const S_IFSOCK = 0o140000;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;

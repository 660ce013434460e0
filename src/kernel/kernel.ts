// The only door to the operating system, in POSIX terms. A method here is one system call, or what libc makes of it; what to
// call, and what an error means, is decided elsewhere. Results are plain data, or −errno.
// Strings are byte strings (text.ts); paths may not contain NUL.

import { cString, textOf } from "../text.ts";
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_STATX_DONT_SYNC,
  AT_SYMLINK_NOFOLLOW,
  CLOCK_MONOTONIC,
  F_SETLK,
  LOCK_EX,
  LOCK_NB,
  type Machine,
  NULL,
  O_CLOEXEC,
  O_PATH,
  RESOLVE_NO_XDEV,
  SEEK_SET,
  W_OK,
  WNOHANG,
  WUNTRACED,
  X_OK,
} from "./abi.ts";
import type { Calls } from "./calls.ts";
import type { Engine, SpawnOptions } from "./engine.ts";
import { EFBIG, EINTR, EINVAL, EIO, ENOSYS, EPERM, EPIPE } from "./errno.ts";
import {
  CAPABILITY_DATA_LENGTH,
  type Capabilities,
  capabilitiesOf,
  capabilityData,
  capabilityHeader,
  type DirectoryEntry,
  entriesOf,
  type Ids,
  ignoring,
  isReadOnlyMount,
  millisecondsOf,
  namesOf,
  openHow,
  putU32,
  SIGACTION_LENGTH,
  SIGNAL_SET_LENGTH,
  STATFS_LENGTH,
  STATX_BASIC_AND_MOUNT,
  STATX_LENGTH,
  type Stat,
  signalSet,
  statOf,
  u32,
  wholeFileLock,
} from "./layout.ts";
import { O_RDONLY, PR_GET_CHILD_SUBREAPER } from "./linux.ts";
import { SIGPIPE, SIGXFSZ } from "./signals.ts";
import { ArgumentVector, stringAt } from "./stack.ts";

/** A child that ended or stopped, as waitpid(2) reports it. `pid` is 0 if there is none now; below 0, it is −errno. */
export interface Ended {
  readonly pid: number;
  /** The raw status word (wait(2)). */
  readonly status: number;
}

/**
 * Which threads a call changes the IDs of. Linux keeps IDs for each thread: a thread that is about to execve, which ends the
 * others, needs to change only its own, which is faster; a thread that stays must change those of all. The static executable
 * has one thread.
 */
export type Threads = "calling" | "all";

/** The largest extended attribute, and the largest list of names, in Linux (XATTR_SIZE_MAX, XATTR_LIST_MAX). */
const XATTR_MAX = 65536;
/** NGROUPS_MAX in getgroups(2). */
const MOST_GROUPS = 65536;
const SOME_GROUPS = 64;
const DIRECTORY_CHUNK = 32768;
const FIRST_READ = 16384;
/** STDERR_FILENO in unistd.h: descriptors above it are files that tsgosu has opened. */
const STANDARD_ERROR = 2;
/** Room for the kernel's struct termios. */
const TERMIOS_ROOM = 64;

export class Kernel {
  private readonly calls: Calls;
  private readonly engine: Engine;
  private readonly vector: ArgumentVector;
  /** A buffer for one struct statx, reused because a walk asks for one for each file. */
  private readonly statxRoom = new Uint8Array(STATX_LENGTH);
  private readonly statxView = new DataView(this.statxRoom.buffer);
  /** Room for a status word: orphans end by thousands. */
  private readonly statusRoom = new Uint8Array(4);
  /** The name that was used last, as C wants it: a walk looks at a file and changes it, both by its name. */
  private lastName = "";
  private lastNameBytes = cString("");
  /** The name that stands for the descriptor itself (AT_EMPTY_PATH in openat(2)). */
  private readonly noName = cString("");
  /** 0, or −errno if a disposition that the command inherits could not be restored. */
  private unrestored = 0;
  private readonly machine: Machine;
  /** How a file itself is opened, even if it is a link (O_PATH). */
  private readonly pathFlags: number;
  private readonly pathOnMount: Uint8Array;

  constructor(calls: Calls, engine: Engine) {
    this.calls = calls;
    this.engine = engine;
    this.machine = engine.machine();
    this.pathFlags = O_PATH | this.machine.O_NOFOLLOW | O_CLOEXEC;
    this.pathOnMount = openHow(this.pathFlags, RESOLVE_NO_XDEV);
    this.vector = new ArgumentVector(engine);
  }

  // The program's words and its environment.

  /** How many words the program was given, its own name included. */
  argumentCount(): number {
    return this.vector.count;
  }

  /** Word `index`; empty if there is none. */
  argument(index: number): string {
    return this.vector.word(index);
  }

  /** Puts another word in the place of word `index`, for the command that is given the words from there on. */
  setArgument(index: number, word: string): void {
    this.engine.pokePointer(this.vector.addressFrom(index), cString(word));
  }

  /** The path that the program was executed by, as the kernel was given it; empty where it is unknown. */
  executedPath(): string {
    const address = this.engine.execfn();
    return address === 0 ? "" : stringAt(this.engine, address);
  }

  /** The value of an environment variable; the first one counts, as in getenv(3). */
  environment(name: string): string | undefined {
    const address = this.engine.getenv(cString(name));
    return address === 0 ? undefined : stringAt(this.engine, address);
  }

  /** Sets a variable in the program's environment, replacing all of that name. The others stay as they are. */
  setenv(name: string, value: string): number {
    return this.engine.setenv(cString(name), cString(value));
  }

  // Who the process is (credentials(7)), and what it may do (capabilities(7)).

  getpid(): number {
    return this.calls.getpid();
  }

  getppid(): number {
    return this.calls.getppid();
  }

  getresuid(): Ids | number {
    const real = new Uint8Array(4);
    const effective = new Uint8Array(4);
    const saved = new Uint8Array(4);
    const result = this.calls.getresuid(real, effective, saved);
    return result < 0 ? result : { real: u32(real, 0), effective: u32(effective, 0), saved: u32(saved, 0) };
  }

  getresgid(): Ids | number {
    const real = new Uint8Array(4);
    const effective = new Uint8Array(4);
    const saved = new Uint8Array(4);
    const result = this.calls.getresgid(real, effective, saved);
    return result < 0 ? result : { real: u32(real, 0), effective: u32(effective, 0), saved: u32(saved, 0) };
  }

  /** The supplementary groups. */
  getgroups(): number[] | number {
    // Nearly always there is room for all of them, and one call is enough.
    let room = SOME_GROUPS;
    let list = new Uint8Array(room * 4);
    let count = this.calls.getgroups(room, list);
    if (count === -EINVAL) {
      room = this.calls.getgroups(0, NULL);
      if (room < 0) return room;
      list = new Uint8Array(Math.min(room, MOST_GROUPS) * 4);
      count = this.calls.getgroups(list.length / 4, list);
      // The groups of a process change by its own calls alone: another number of them is no answer.
      if (count >= 0 && count !== room) return -EIO;
    }
    if (count < 0) return count;
    if (count * 4 > list.length) return -EIO;
    const gids: number[] = [];
    for (let i = 0; i < count; i++) gids.push(u32(list, i * 4));
    return gids;
  }

  /** Sets real, effective and saved UID. */
  setresuid(uid: number, threads: Threads): number {
    return threads === "all" ? this.engine.setresuidOfAllThreads(uid) : this.calls.setresuid(uid, uid, uid);
  }

  /** Sets real, effective and saved GID. */
  setresgid(gid: number, threads: Threads): number {
    return threads === "all" ? this.engine.setresgidOfAllThreads(gid) : this.calls.setresgid(gid, gid, gid);
  }

  setgroups(gids: readonly number[], threads: Threads): number {
    const list = new Uint8Array(gids.length * 4);
    let at = 0;
    for (const gid of gids) {
      putU32(list, at, gid);
      at += 4;
    }
    if (threads === "all") return this.engine.setgroupsOfAllThreads(gids.length, list);
    return this.calls.setgroups(gids.length, list);
  }

  /** The capability sets of the calling thread. */
  capget(): Capabilities | number {
    const data = new Uint8Array(CAPABILITY_DATA_LENGTH);
    const result = this.calls.capget(capabilityHeader(), data);
    return result < 0 ? result : capabilitiesOf(data);
  }

  /** Sets the capability sets of the calling thread. */
  capset(sets: Capabilities): number {
    return this.calls.capset(capabilityHeader(), capabilityData(sets));
  }

  /** prctl(2) with two arguments, the rest 0. */
  prctl(option: number, second: number, third: number): number {
    return this.calls.prctl(option, second, third, 0, 0);
  }

  /** Whether orphans below this process become its children (PR_GET_CHILD_SUBREAPER in prctl(2)). */
  isSubreaper(): boolean {
    const answer = new Uint8Array(4);
    return this.calls.prctl_into(PR_GET_CHILD_SUBREAPER, answer) >= 0 && u32(answer, 0) !== 0;
  }

  // Files by their path. Links are followed unless stated otherwise. Descriptors are closed on exec.

  /** open(2); `mode` only matters with O_CREAT. */
  open(path: string, flags: number, mode: number): number {
    return this.calls.openat(AT_FDCWD, cString(path), flags | O_CLOEXEC, mode);
  }

  /** Opens the file itself, even if it is a link: to examine it and to change its owner, not to read it (O_PATH). */
  openPath(path: string): number {
    return this.calls.openat(AT_FDCWD, cString(path), this.pathFlags, 0);
  }

  stat(path: string): Stat | number {
    return this.statx(AT_FDCWD, cString(path), 0);
  }

  /** 0 if `path` may be executed with the effective IDs and capabilities, as execve(2) checks it. */
  mayExecute(path: string): number {
    return this.access(path, X_OK);
  }

  /** 0 if this process may create files in the directory `path`, by its effective IDs and capabilities; else −errno. */
  mayWriteIn(path: string): number {
    return this.access(path, W_OK | X_OK);
  }

  private access(path: string, mode: number): number {
    const name = cString(path);
    const result = this.calls.faccessat2(AT_FDCWD, name, mode, AT_EACCESS);
    // This call is missing before Linux 5.8, and older seccomp profiles refuse calls they do not know with EPERM. The older
    // call checks the real IDs, which are the effective ones by then, but no capabilities.
    return result === -ENOSYS || result === -EPERM ? this.calls.faccessat(AT_FDCWD, name, mode) : result;
  }

  /** Sets the umask, which the command inherits, and returns the previous one. */
  umask(mask: number): number {
    return this.calls.umask(mask);
  }

  chmod(path: string, mode: number): number {
    return this.calls.fchmodat(AT_FDCWD, cString(path), mode);
  }

  rename(from: string, to: string): number {
    return this.calls.renameat2(AT_FDCWD, cString(from), AT_FDCWD, cString(to), 0);
  }

  unlink(path: string): number {
    return this.calls.unlinkat(AT_FDCWD, cString(path), 0);
  }

  chdir(path: string): number {
    return this.calls.chdir(cString(path));
  }

  /** Whether the file system that `path` is on is mounted read-only: 1 or 0. */
  isReadOnly(path: string): number {
    const statfs = new Uint8Array(STATFS_LENGTH);
    const result = this.calls.statfs(cString(path), statfs);
    if (result < 0) return result;
    return isReadOnlyMount(statfs, this.machine.statfsFlags) ? 1 : 0;
  }

  /** The value of an extended attribute. */
  getxattr(path: string, name: string): Uint8Array | number {
    const room = new Uint8Array(XATTR_MAX);
    const length = atMost(this.calls.getxattr(cString(path), cString(name), room, room.length), room.length);
    return length < 0 ? length : room.subarray(0, length);
  }

  /** How many bytes the value of an extended attribute has. */
  getxattrLength(path: string, name: string): number {
    return this.calls.getxattr(cString(path), cString(name), new Uint8Array(0), 0);
  }

  setxattr(path: string, name: string, value: Uint8Array): number {
    return this.calls.setxattr(cString(path), cString(name), value, value.length, 0);
  }

  /** The names of the extended attributes. */
  listxattr(path: string): string[] | number {
    const list = Buffer.alloc(XATTR_MAX);
    const length = atMost(this.calls.listxattr(cString(path), list, list.length), list.length);
    return length < 0 ? length : namesOf(list, length);
  }

  /** Reads a whole file: its bytes, or −errno; −EFBIG if it has more than `most` bytes. */
  readFile(path: string, most: number): Buffer | number {
    const fd = this.open(path, O_RDONLY, 0);
    if (fd < 0) return fd;
    const bytes = this.readToEnd(fd, 0, most);
    this.close(fd);
    return bytes;
  }

  // Files in an open directory. Links are not followed.

  /** As `openPath`. */
  openPathAt(directory: number, name: string): number {
    return this.calls.openat(directory, cString(name), this.pathFlags, 0);
  }

  /** As `openPathAt`, but −EXDEV for a mount point, which is not touched; −ENOSYS before Linux 5.6. */
  openPathOnMount(directory: number, name: string): number {
    return this.calls.openat2(directory, cString(name), this.pathOnMount, this.pathOnMount.length);
  }

  /** Opens a directory for reading that is already open, perhaps with `openPath`. */
  openDirectory(directory: number): number {
    return this.calls.openat(directory, cString("."), O_RDONLY | O_CLOEXEC, 0);
  }

  /** Opens the directory above. */
  openParent(directory: number): number {
    return this.calls.openat(directory, cString(".."), O_RDONLY | O_CLOEXEC, 0);
  }

  /** What the kernel already knows about a file; no server is asked, whatever is mounted there. */
  statAt(directory: number, name: string): Stat | number {
    return this.statx(directory, this.nameBytes(name), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC);
  }

  chownAt(directory: number, name: string, uid: number, gid: number): number {
    return this.calls.fchownat(directory, this.nameBytes(name), uid, gid, AT_SYMLINK_NOFOLLOW);
  }

  private nameBytes(name: string): Uint8Array {
    if (name !== this.lastName) {
      this.lastName = name;
      this.lastNameBytes = cString(name);
    }
    return this.lastNameBytes;
  }

  /** The next entries of an open directory, without "." and ".."; none at its end. */
  readdir(directory: number): DirectoryEntry[] | number {
    const dents = Buffer.alloc(DIRECTORY_CHUNK);
    for (;;) {
      const length = atMost(this.calls.getdents64(directory, dents, dents.length), dents.length);
      if (length < 0) return length;
      const entries = entriesOf(dents, length);
      if (length === 0 || entries.length > 0) return entries;
    }
  }

  // Open files.

  close(fd: number): number {
    return this.calls.close(fd);
  }

  fstat(fd: number): Stat | number {
    return this.statx(fd, this.noName, AT_EMPTY_PATH);
  }

  /** What the kernel already knows about an open file, without asking a server: enough to identify its mount. */
  fstatKnown(fd: number): Stat | number {
    return this.statx(fd, this.noName, AT_EMPTY_PATH | AT_STATX_DONT_SYNC);
  }

  private statx(directory: number, path: Uint8Array, flags: number): Stat | number {
    const result = this.calls.statx(directory, path, flags, STATX_BASIC_AND_MOUNT, this.statxRoom);
    return result < 0 ? result : statOf(this.statxView);
  }

  /**
   * Reads an open file from its present offset to its end: its bytes, or −errno; −EFBIG if there are more than `most`. If it
   * has the `expected` number of bytes (0: not known), one call is enough.
   */
  readToEnd(fd: number, expected: number, most: number): Buffer | number {
    // One byte more than expected shows whether the file has grown.
    let bytes = Buffer.alloc(expected > 0 && expected <= most ? expected + 1 : FIRST_READ);
    let length = 0;
    for (;;) {
      const room = bytes.length - length;
      const count = atMost(this.calls.read(fd, bytes.subarray(length, bytes.length), room), room);
      if (count < 0) return count;
      length += count;
      if (length > most) return -EFBIG;
      if (count === 0 || length === expected) return bytes.subarray(0, length);
      if (length < bytes.length) continue;
      const larger = Buffer.alloc(2 * length);
      larger.set(bytes, 0);
      bytes = larger;
    }
  }

  /** Makes the next read of an open file start at its beginning. */
  rewind(fd: number): number {
    return this.calls.lseek(fd, 0, SEEK_SET);
  }

  /** Writes all bytes, however many calls that takes: 0, or −errno. */
  write(fd: number, bytes: Uint8Array): number {
    return this.withoutSignals(fd, () => this.writeAll(fd, bytes));
  }

  private writeAll(fd: number, bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const count = this.calls.write(fd, bytes.subarray(done, bytes.length), bytes.length - done);
      if (count > 0) done += count;
      else if (count !== -EINTR) return count === 0 ? -EIO : count;
    }
    return 0;
  }

  /** Writes at an offset, in one call: the number of bytes written. */
  pwrite(fd: number, bytes: Uint8Array, offset: number): number {
    return this.withoutSignals(fd, () => this.calls.pwrite64(fd, bytes, bytes.length, offset));
  }

  /**
   * Writes while two signals are ignored that would end the process before the call could report its error: SIGPIPE, if nobody
   * reads any more, and SIGXFSZ, if the file would exceed RLIMIT_FSIZE. Their dispositions are restored, since the command
   * inherits them; if that is refused, no command can be run any more. If SIGXFSZ cannot be ignored, only the standard streams
   * are written to: a file would be left half written.
   */
  private withoutSignals(fd: number, write: () => number): number {
    const ignored = ignoring();
    const pipe = new Uint8Array(SIGACTION_LENGTH);
    const size = new Uint8Array(SIGACTION_LENGTH);
    const pipeIgnored = this.calls.rt_sigaction(SIGPIPE, ignored, pipe, SIGNAL_SET_LENGTH);
    const sizeIgnored = this.calls.rt_sigaction(SIGXFSZ, ignored, size, SIGNAL_SET_LENGTH);
    const result = sizeIgnored < 0 && fd > STANDARD_ERROR ? sizeIgnored : write();
    // If the signal is blocked, it is pending now. Ignoring it again discards it (sigaction(3p)).
    if (result === -EPIPE) this.calls.rt_sigaction(SIGPIPE, ignored, NULL, SIGNAL_SET_LENGTH);
    if (result === -EFBIG) this.calls.rt_sigaction(SIGXFSZ, ignored, NULL, SIGNAL_SET_LENGTH);
    const pipeRestored = pipeIgnored < 0 ? 0 : this.calls.rt_sigaction(SIGPIPE, pipe, NULL, SIGNAL_SET_LENGTH);
    const sizeRestored = sizeIgnored < 0 ? 0 : this.calls.rt_sigaction(SIGXFSZ, size, NULL, SIGNAL_SET_LENGTH);
    this.unrestored = Math.min(this.unrestored, pipeRestored, sizeRestored);
    return result;
  }

  fsync(fd: number): number {
    return this.calls.fsync(fd);
  }

  ftruncate(fd: number, length: number): number {
    return this.withoutSignals(fd, () => this.calls.ftruncate(fd, length));
  }

  fchown(fd: number, uid: number, gid: number): number {
    return this.calls.fchown(fd, uid, gid);
  }

  /** chown(2) of an open file, even if it was opened with `openPath`. */
  chownPath(fd: number, uid: number, gid: number): number {
    return this.calls.fchownat(fd, this.noName, uid, gid, AT_EMPTY_PATH);
  }

  /** The text of a symbolic link that was opened with `openPath`; at most `most` bytes of it. */
  readlink(fd: number, most: number): string | number {
    const text = Buffer.alloc(most);
    const length = atMost(this.calls.readlinkat(fd, this.noName, text, most), most);
    return length < 0 ? length : textOf(text, 0, length);
  }

  /**
   * Locks an open file or directory against others who lock it as well, until it is closed (flock(2)): −EAGAIN if somebody
   * else has locked it.
   */
  flock(fd: number): number {
    return this.calls.flock(fd, LOCK_EX + LOCK_NB);
  }

  /** Locks a whole file for writing (F_SETLK in fcntl(2)): −EAGAIN or −EACCES if another process has locked it. */
  lock(fd: number): number {
    return this.calls.fcntl(fd, F_SETLK, wholeFileLock());
  }

  // Terminals and process groups.

  /** Whether the descriptor is a terminal (isatty(3)). */
  isatty(fd: number): boolean {
    return this.calls.ioctl(fd, this.machine.TCGETS, new Uint8Array(TERMIOS_ROOM)) >= 0;
  }

  getpgrp(): number {
    return this.calls.getpgid(0);
  }

  /** Moves this process into another process group of its session. */
  setpgrp(group: number): number {
    return this.calls.setpgid(0, group);
  }

  /** The session of this process: the PID of the process that leads it. */
  getsid(): number {
    return this.calls.getsid(0);
  }

  /** Makes this process lead a new session, without a terminal: −EPERM if it already leads a process group. */
  setsid(): number {
    return this.calls.setsid();
  }

  /** The foreground process group of a terminal. */
  tcgetpgrp(fd: number): number {
    const group = new Uint8Array(4);
    const result = this.calls.ioctl(fd, this.machine.TIOCGPGRP, group);
    return result < 0 ? result : u32(group, 0);
  }

  /** Makes a process group the foreground one of a terminal, although the caller may be in the background. */
  tcsetpgrp(fd: number, group: number): number {
    return this.engine.tcsetpgrp(fd, group);
  }

  // Signals, children, time.

  /** Milliseconds on a clock that nobody sets (CLOCK_MONOTONIC). */
  monotonic(): number {
    const timespec = new Uint8Array(16);
    const result = this.calls.clock_gettime(CLOCK_MONOTONIC, timespec);
    return result < 0 ? result : millisecondsOf(timespec);
  }

  /** Holds back at least these signals from here on; `onSignals` and `takeSignal` deliver those that came: 0, or −errno. */
  holdSignals(signals: readonly number[]): number {
    return this.engine.holdSignals(signals);
  }

  /** Undoes `holdSignals`, so that the command finds the signals as tsgosu did: 0, or −errno. */
  restoreSignals(): number {
    return this.engine.restoreSignals();
  }

  /** Waits up to so many milliseconds for one of these held signals: the signal, or 0 if none came. */
  takeSignal(signals: readonly number[], milliseconds: number): number {
    return this.engine.takeSignal(signalSet(signals), milliseconds);
  }

  /**
   * Sleeps until a held signal comes or the time is up, passes the signal to `handle` (0: the time is up), and sleeps again
   * for as many milliseconds as that returns, forever if −1. `handle` ends it by `exit`. Returns in Node, whose event loop
   * goes on; in the static executable only with −errno, if the kernel refuses to wait.
   */
  onSignals(handle: (signal: number) => number): number {
    return this.engine.onSignals(handle);
  }

  kill(pid: number, signal: number): number {
    return this.calls.kill(pid, signal);
  }

  /**
   * Stops tsgosu's own process group, as Ctrl-Z would, unless nobody could continue it (an orphaned group, PID 1) or SIGTSTP
   * was ignored from the start. SIGCONT continues it.
   */
  suspend(): number {
    return this.engine.suspend();
  }

  /** waitpid(-1, WNOHANG | WUNTRACED): one child that has ended or stopped. */
  reap(): Ended {
    const pid = this.calls.wait4(-1, this.statusRoom, WNOHANG | WUNTRACED, NULL);
    return { pid, status: u32(this.statusRoom, 0) };
  }

  // Running the command.

  /**
   * Replaces the process with `file`, with the program's own words from `firstWord` on as its arguments and with the
   * program's environment. `inherited` is how many descriptors from 3 on were passed to the program on purpose
   * (sd_listen_fds(3)), which Node does not pass on by itself. Returns only if it fails, with −errno.
   */
  execve(file: string, firstWord: number, inherited: number): number {
    if (this.unrestored < 0) return this.unrestored;
    return this.engine.execve(cString(file), this.vector.addressFrom(firstWord), inherited);
  }

  /**
   * Starts `file` in the same way, but as a child that leads its own process group or session, with the signal mask and the
   * disposition of SIGCHLD that tsgosu was started with: its PID, or −errno.
   */
  spawn(file: string, firstWord: number, options: SpawnOptions): number {
    if (this.unrestored < 0) return this.unrestored;
    return this.engine.spawn(cString(file), this.vector.addressFrom(firstWord), options);
  }

  /**
   * Closes every descriptor above 2 except `kept` (none if it is below 0) and releases memory that the engine does not need from
   * here on: 0, or −errno.
   */
  releaseResources(kept: number): number {
    return this.engine.releaseResources(kept);
  }

  /** Ends the process at once. */
  exit(code: number): void {
    this.calls.exit_group(code);
  }
}

/** The number of bytes that the kernel reports to have written to a buffer, or −errno; −EIO if that is more than fits. */
function atMost(count: number, room: number): number {
  return count > room ? -EIO : count;
}

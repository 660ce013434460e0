// The kernel for Node: libc through node:ffi. What Node changed at its start is put back here, where that is possible.

import {
  type ArgumentType,
  DynamicLibrary,
  getInt32,
  getRawPointer,
  getUint8,
  getUint64,
  setUint64,
  toBuffer,
} from "node:ffi";
import { readdirSync } from "node:fs";
import { FIRST_REAL_TIME, SIGCHLD, SIGPIPE, SIGTSTP, SIGTTOU, SIGUSR1, SIGXFSZ, signalName } from "../init/signals.ts";
import { cString, numberOf } from "../text.ts";
import { LISTEN_PID, ROOM_FOR_PID, S_IFCHR, S_IFIFO, S_IFMT } from "./kernel.ts";
import { environmentValue, type Memory, putU64, STATX_LENGTH, u16, u32, u64 } from "./layout.ts";
import { type Calls, type Engine, posixKernel, TIOCSPGRP } from "./posix.ts";

const libc = new DynamicLibrary(null);

// A function of libc costs Node a tenth of a millisecond when it is first made, half of one where buffers are among its
// words. So the way to exec has just syscall(2), on numbers, and addresses are numbers too.

/** System call numbers of x86-64, the one architecture this executable is built for. */
const SYS = {
  read: 0,
  write: 1,
  close: 3,
  poll: 7,
  rt_sigaction: 13,
  rt_sigprocmask: 14,
  ioctl: 16,
  pwrite64: 18,
  getpid: 39,
  execve: 59,
  wait4: 61,
  kill: 62,
  fcntl: 72,
  fsync: 74,
  capget: 125,
  capset: 126,
  statfs: 137,
  prctl: 157,
  ftruncate: 77,
  chdir: 80,
  rename: 82,
  unlink: 87,
  chmod: 90,
  fchown: 93,
  getppid: 110,
  getpgrp: 111,
  getgroups: 115,
  setgroups: 116,
  setresuid: 117,
  getresuid: 118,
  setresgid: 119,
  getresgid: 120,
  setxattr: 188,
  getxattr: 191,
  listxattr: 194,
  getdents64: 217,
  clock_gettime: 228,
  exit_group: 231,
  openat: 257,
  fchownat: 260,
  readlinkat: 267,
  faccessat: 269,
  tee: 276,
  pipe2: 293,
  statx: 332,
};

const syscall = libc.getFunction("syscall", {
  return: "int64",
  arguments: ["int64", "int64", "int64", "int64", "int64", "int64", "int64"],
});

/** A word of a system call; a buffer stands for its address. */
type Word = number | bigint | Uint8Array;

function wordOf(word: Word | undefined): bigint {
  if (word === undefined) return 0n;
  if (typeof word === "number") return BigInt(word);
  return typeof word === "bigint" ? word : getRawPointer(word);
}

/** Makes a system call on this thread: a value, or −errno. */
function call(number: number, a?: Word, b?: Word, c?: Word, d?: Word, e?: Word): number {
  const result = syscall(BigInt(number), wordOf(a), wordOf(b), wordOf(c), wordOf(d), wordOf(e), 0n);
  return result === -1n ? -errno() : Number(result);
}

let errnoAddress = 0n;

/** The error of this thread's last call. */
function errno(): number {
  if (errnoAddress === 0n) {
    errnoAddress = BigInt(libc.getFunction("__errno_location", { return: "int64", arguments: [] })());
  }
  return getInt32(errnoAddress, 0);
}

type Native = (...words: (number | bigint | Uint8Array | null)[]) => number;

/** A function of libc by name, looked up when it is first called. It returns what system calls do: a value, or −errno. */
function native(name: string, words: readonly ArgumentType[]): Native {
  let found: Native | undefined;
  return (...values) => {
    found ??= libc.getFunction(name, { return: "int32", arguments: words });
    const result = found(...values);
    return result < 0 ? -errno() : result;
  };
}

// libc's own make every thread of the process somebody else.
const setresuidOfAll = native("setresuid", ["uint32", "uint32", "uint32"]);
const setresgidOfAll = native("setresgid", ["uint32", "uint32", "uint32"]);
const setgroupsOfAll = native("setgroups", ["uint64", "uint64"]);

/** Whether this process stays beside the command. If not, execve ends all other threads, and this one's IDs are the command's. */
let stays = false;

const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
/** The basic fields, and the mount. */
const STATX_MASK = 0x17ff;
const O_PATH = 0o10000000;
const O_NOFOLLOW = 0o400000;
const POINTER = 8;
const F_SETFD = 2;
const AT_EMPTY_PATH = 0x1000;
const MOST_LISTEN_FDS = 1024;
/** /dev/null's device as struct statx has it: major 1, minor 3. */
const DEV_NULL = 1 + 3 * 4294967296;

/** Where libc keeps the address of the environment's vector. */
const environSymbol = libc.getSymbol("environ");

function pointerAt(address: bigint): bigint {
  return getUint64(address, 0);
}

/** The name of a variable, with its '=', as bytes. */
function startOf(name: Uint8Array): Uint8Array {
  const start = Uint8Array.from(name);
  start[start.length - 1] = 61;
  return start;
}

function startsWith(address: bigint, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (getUint8(address, i) !== start[i]) return false;
  return true;
}

/** The pointers of the environment's vector, without the NULL at its end. */
function environmentPointers(): bigint[] {
  const pointers: bigint[] = [];
  for (let slot = pointerAt(environSymbol); pointerAt(slot) !== 0n; slot += BigInt(POINTER))
    pointers.push(pointerAt(slot));
  return pointers;
}

/** What the environment points to, for as long as the process lives. */
const kept: unknown[] = [];

/** setenv(3), but in place of every variable of that name. */
function setenv(name: Uint8Array, value: Uint8Array): number {
  const start = startOf(name);
  const assignment = Buffer.concat([start, value]);
  const others = environmentPointers().filter((pointer) => !startsWith(pointer, start));
  const vector = BigUint64Array.from([...others, getRawPointer(assignment), 0n]);
  kept.push(assignment, vector);
  setUint64(environSymbol, 0, getRawPointer(vector));
  return 0;
}

const AT_EXECFN = 31n;

/** getauxval(3): the auxiliary vector stands behind the environment's on the stack, pairs of key and value (execve(2)). */
function auxiliaryValue(environ: bigint, key: bigint): bigint {
  let slot = environ;
  while (pointerAt(slot) !== 0n) slot += BigInt(POINTER);
  for (slot += BigInt(POINTER); pointerAt(slot) !== 0n; slot += BigInt(2 * POINTER)) {
    if (pointerAt(slot) === key) return pointerAt(slot + BigInt(POINTER));
  }
  return 0n;
}

const memory: Memory = {
  environ: Number(pointerAt(environSymbol)),
  execfn: Number(auxiliaryValue(pointerAt(environSymbol), AT_EXECFN)),
  peek(address: number, into: Uint8Array): void {
    into.set(toBuffer(BigInt(address), into.length, false));
  },
  length(address: number): number {
    let length = 0;
    while (getUint8(BigInt(address), length) !== 0) length++;
    return length;
  },
  getenv(name: Uint8Array): number {
    const start = startOf(name);
    const found = environmentPointers().find((pointer) => startsWith(pointer, start));
    return found === undefined ? 0 : Number(found) + start.length;
  },
};

/** Calls `number` with the addresses of the three IDs in `ids`. */
function threeIds(number: number, ids: Uint8Array): number {
  const address = getRawPointer(ids);
  return call(number, address, address + 4n, address + 8n);
}

const calls: Calls = {
  getpid: () => call(SYS.getpid),
  getppid: () => call(SYS.getppid),
  getresuid: (ids) => threeIds(SYS.getresuid, ids),
  getresgid: (ids) => threeIds(SYS.getresgid, ids),
  getgroups: (gids) => call(SYS.getgroups, gids.length / 4, gids),
  setresuid: (uid) => (stays ? setresuidOfAll(uid, uid, uid) : call(SYS.setresuid, uid, uid, uid)),
  setresgid: (gid) => (stays ? setresgidOfAll(gid, gid, gid) : call(SYS.setresgid, gid, gid, gid)),
  setgroups(gids) {
    const count = gids.length / 4;
    return stays ? setgroupsOfAll(BigInt(count), getRawPointer(gids)) : call(SYS.setgroups, count, gids);
  },
  open: (path, flags) => call(SYS.openat, AT_FDCWD, path, flags | O_CLOEXEC, 0),
  close: (fd) => call(SYS.close, fd),
  read: (fd, into) => call(SYS.read, fd, into, into.length),
  write: (fd, from) => call(SYS.write, fd, from, from.length),
  statx: (fd, path, flags, into) => call(SYS.statx, fd, path, flags, STATX_MASK, into),
  fchown: (fd, uid, gid) => call(SYS.fchown, fd, uid, gid),
  // The calling thread's, which is the main one: the command gets its credentials, by execve and by posix_spawn alike.
  capget: (header, data) => call(SYS.capget, header, data),
  capset: (header, data) => call(SYS.capset, header, data),
  prctl: (option, second, third) => call(SYS.prctl, option, second, third, 0, 0),
  statfs: (path, into) => call(SYS.statfs, path, into),
  openat: (directory, path, flags, mode) => call(SYS.openat, directory, path, flags | O_CLOEXEC, mode),
  openatPath: (directory, path) => call(SYS.openat, directory, path, O_PATH | O_CLOEXEC | O_NOFOLLOW, 0),
  fchownat: (fd, path, uid, gid, flags) => call(SYS.fchownat, fd, path, uid, gid, flags),
  chmod: (path, mode) => call(SYS.chmod, path, mode),
  getdents64: (fd, into) => call(SYS.getdents64, fd, into, into.length),
  readlinkat: (fd, path, into) => call(SYS.readlinkat, fd, path, into, into.length),
  rename: (from, to) => call(SYS.rename, from, to),
  unlink: (path) => call(SYS.unlink, path),
  fsync: (fd) => call(SYS.fsync, fd),
  ftruncate: (fd, length) => call(SYS.ftruncate, fd, length),
  pwrite: (fd, from, offset) => call(SYS.pwrite64, fd, from, from.length, offset),
  fcntl: (fd, command, argument) => call(SYS.fcntl, fd, command, argument),
  setxattr: (path, name, value) => call(SYS.setxattr, path, name, value, value.length, 0),
  listxattr: (path, into) => call(SYS.listxattr, path, into, into.length),
  clockGettime: (clock, into) => call(SYS.clock_gettime, clock, into),
  access: (path, mode) => call(SYS.faccessat, AT_FDCWD, path, mode),
  getxattr: (path, name, into) => call(SYS.getxattr, path, name, into, into.length),
  chdir: (path) => call(SYS.chdir, path),
  ioctl: (fd, request, argument) =>
    request === TIOCSPGRP ? setForeground(fd, argument) : call(SYS.ioctl, fd, request, argument),
  getpgrp: () => call(SYS.getpgrp),
  kill: (pid, number) => call(SYS.kill, pid, number),
  wait4: (pid, status, options) => call(SYS.wait4, pid, status, options, 0),
  setenv,
  execve(path, words) {
    restoreDescriptors();
    for (const ignored of IGNORED_BY_NODE) call(SYS.rt_sigaction, ignored, DEFAULT_ACTION, 0, SIGNAL_SET);
    unblockInspectorSignal();
    return call(SYS.execve, path, BigInt(words), pointerAt(environSymbol));
  },
};

/** The kernel's struct sigaction with the default handler, and the size of its signal set. */
const DEFAULT_ACTION = new Uint8Array(32);
const SIGNAL_SET = 8;
const SIG_UNBLOCK = 1;

const SIG_BLOCK = 0;
const SIG_SETMASK = 2;

/** tcsetpgrp(3): the kernel answers with SIGTTOU where that comes from a background group which does not block it. */
function setForeground(fd: number, group: Uint8Array): number {
  const background = new Uint8Array(SIGNAL_SET);
  const before = new Uint8Array(SIGNAL_SET);
  putU64(background, 0, 2 ** (SIGTTOU - 1));
  call(SYS.rt_sigprocmask, SIG_BLOCK, background, before, SIGNAL_SET);
  const result = call(SYS.ioctl, fd, TIOCSPGRP, group);
  call(SYS.rt_sigprocmask, SIG_SETMASK, before, 0, SIGNAL_SET);
  return result;
}

/** Node ignores these two for itself; the command gets the default back. */
const IGNORED_BY_NODE = [SIGPIPE, SIGXFSZ];

/** glibc's posix_spawn(3) ignores its two internal signals in the child, unless they are to be the default. */
const IGNORED_BY_SPAWN = [32, 33];

/** Node blocks the signal that would start its inspector, for itself; to others it is one like any. */
function unblockInspectorSignal(): void {
  const set = new Uint8Array(SIGNAL_SET);
  putU64(set, 0, 2 ** (SIGUSR1 - 1));
  call(SYS.rt_sigprocmask, SIG_UNBLOCK, set, 0, SIGNAL_SET);
}

/** Node marks every inherited descriptor close-on-exec: undone for the standard streams and for those of LISTEN_FDS. */
function restoreDescriptors(): void {
  const last = 2 + listenDescriptors();
  for (let fd = 0; fd <= last; fd++) call(SYS.fcntl, fd, F_SETFD, 0);
}

/** How many descriptors from 3 up were handed to this process by name (sd_listen_fds(3)); LISTEN_PID may be missing. */
function listenDescriptors(): number {
  const count = numberOf(environmentValue(memory, "LISTEN_FDS") ?? "");
  if (!(count >= 1 && count <= MOST_LISTEN_FDS)) return 0;
  const pid = environmentValue(memory, LISTEN_PID);
  return pid === undefined || pid === ROOM_FOR_PID || pid === `${call(SYS.getpid)}` ? count : 0;
}

/** A file descriptor of this process: its type (S_IFMT, 0 for what the kernel made without a file) and its inode. */
interface Descriptor {
  readonly fd: number;
  readonly type: number;
  readonly inode: number;
  readonly device: number;
}

/**
 * The descriptors above 2 that tsgosu was started with. Node has opened more, which only their kind tells: they have no
 * file type (epoll, eventfd, io_uring), are /dev/null, or pipes of which both ends are here.
 */
function inheritedDescriptors(): number[] {
  const open: Descriptor[] = [];
  for (const name of readdirSync("/proc/self/fd")) {
    const fd = Number(name);
    const statx = new Uint8Array(STATX_LENGTH);
    if (fd > 2 && calls.statx(fd, cString(""), AT_EMPTY_PATH, statx) === 0) {
      open.push({ fd, type: u16(statx, 28) & S_IFMT, inode: u64(statx, 32), device: u64(statx, 128) });
    }
  }
  const isOwn = ({ fd, type, inode, device }: Descriptor): boolean => {
    if (type === 0) return true;
    if (type === S_IFCHR) return device === DEV_NULL;
    return type === S_IFIFO && open.some((other) => other.fd !== fd && other.type === S_IFIFO && other.inode === inode);
  };
  return open.filter((descriptor) => !isOwn(descriptor)).map(({ fd }) => fd);
}

// Sizes of glibc's structures; they are part of its ABI, and posix_spawn(3) initialises them.
const SPAWNATTR_LENGTH = 336;
const FILE_ACTIONS_LENGTH = 80;
const SIGSET_LENGTH = 128;
const POSIX_SPAWN_SETPGROUP = 2;
const POSIX_SPAWN_SETSIGDEF = 4;

const posixSpawn = native("posix_spawn", ["buffer", "buffer", "buffer", "buffer", "pointer", "pointer"]);
const attrInit = native("posix_spawnattr_init", ["buffer"]);
const attrSetFlags = native("posix_spawnattr_setflags", ["buffer", "int16"]);
const attrSetDefault = native("posix_spawnattr_setsigdefault", ["buffer", "buffer"]);
const actionsInit = native("posix_spawn_file_actions_init", ["buffer"]);

/** Adds the file action that makes the child's group the terminal's foreground one; false where libc has none (2.35). */
function addForeground(actions: Uint8Array, terminal: number): boolean {
  try {
    native("posix_spawn_file_actions_addtcsetpgrp_np", ["buffer", "int32"])(actions, terminal);
    return true;
  } catch {
    return false;
  }
}

function spawn(path: Uint8Array, words: number, terminal: number): number {
  restoreDescriptors();
  const attributes = new Uint8Array(SPAWNATTR_LENGTH);
  attrInit(attributes);
  attrSetFlags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  const defaults = new Uint8Array(SIGSET_LENGTH);
  const ignored = [...IGNORED_BY_NODE, ...IGNORED_BY_SPAWN];
  putU64(
    defaults,
    0,
    ignored.reduce((set, number) => set + 2 ** (number - 1), 0),
  );
  attrSetDefault(attributes, defaults);
  const actions = new Uint8Array(FILE_ACTIONS_LENGTH);
  actionsInit(actions);
  const isForeground = terminal < 0 || addForeground(actions, terminal);
  const pid = new Uint8Array(4);
  const error = posixSpawn(pid, path, actions, attributes, BigInt(words), pointerAt(environSymbol));
  if (error > 0) return -error;
  if (!isForeground) setForeground(terminal, pid);
  return u32(pid, 0);
}

/** The word with which this executable starts again to become a command that has to be named in LISTEN_PID. */
export const LISTENER = "--as-listener";

/**
 * posix_spawn(3) cannot write a child's PID into its environment, so the child is this executable again, which knows its
 * own: its two words take the place of those before the command's, of which the first is the user-spec.
 */
function listenerWords(words: number): number {
  const before = BigInt(words - 2 * POINTER);
  const name = cString("tsgosu");
  const listener = cString(LISTENER);
  kept.push(name, listener);
  setUint64(before, 0, getRawPointer(name));
  setUint64(before, POINTER, getRawPointer(listener));
  return Number(before);
}

/** Signals that came before somebody asked for them, and who asked. */
const early: number[] = [];
let deliver = (number: number): void => {
  early.push(number);
};

let held = false;

const FIONREAD = 0x541b;
const MOST_LIBUV_DESCRIPTORS = 64;
/** struct uv__signal_msg_t of libuv: a handle's address and the signal's number, padded. */
const MESSAGE_LENGTH = 16;

/**
 * A look at the signals that libuv's handler has put into its pipe while JavaScript is busy and cannot be told of them.
 * They stay there, for the event loop to deliver.
 */
interface SignalPipe {
  readonly source: number;
  /** How many bytes of it have been looked at. */
  seen: number;
}

let signalPipe: SignalPipe | undefined;

function bytesWaiting(fd: number): number {
  const count = new Uint8Array(4);
  return call(SYS.ioctl, fd, FIONREAD, count) < 0 ? -1 : u32(count, 0);
}

/** Finds libuv's pipe: the descriptor in which a signal that this process sends to itself turns up. */
function findSignalPipe(): SignalPipe | undefined {
  const before: number[] = [];
  for (let fd = 3; fd < MOST_LIBUV_DESCRIPTORS; fd++) before.push(bytesWaiting(fd));
  // SIGCHLD: init is not misled by one too many, and passes it on to nobody.
  call(SYS.kill, call(SYS.getpid), SIGCHLD);
  for (let fd = 3; fd < MOST_LIBUV_DESCRIPTORS; fd++) {
    const waiting = bytesWaiting(fd);
    if (waiting >= 0 && waiting === (before[fd - 3] ?? 0) + MESSAGE_LENGTH) return { source: fd, seen: 0 };
  }
  return undefined;
}

/** The first signal of `set` that waits in libuv's pipe, or −1. */
function waitingSignal(set: Uint8Array): number {
  if (signalPipe === undefined) return -1;
  const waiting = bytesWaiting(signalPipe.source);
  if (waiting <= signalPipe.seen) return -1;
  signalPipe.seen = waiting;
  const messages = peekPipe(signalPipe.source, waiting);
  for (let at = 0; at < messages.length; at += MESSAGE_LENGTH) {
    const number = u32(messages, at + 8) - 1;
    if ((((set[number >> 3] ?? 0) >> (number & 7)) & 1) === 1) return number + 1;
  }
  return -1;
}

/** What waits in a pipe, left there. */
function peekPipe(fd: number, length: number): Uint8Array {
  const copy = new Uint8Array(8);
  if (call(SYS.pipe2, copy, O_CLOEXEC) < 0) return new Uint8Array(0);
  const messages = new Uint8Array(Math.max(call(SYS.tee, fd, u32(copy, 4), length, 0), 0));
  if (messages.length > 0) call(SYS.read, u32(copy, 0), messages, messages.length);
  call(SYS.close, u32(copy, 0));
  call(SYS.close, u32(copy, 4));
  return messages;
}

const engine: Engine = {
  hasOneThread(): boolean {
    return false;
  },
  holdSignals(signals: readonly number[]): number {
    stays = true;
    for (const number of signals) {
      const name = signalName(number);
      // libuv knows no names for real-time signals.
      if (number < FIRST_REAL_TIME) process.on(name, () => deliver(number));
    }
    unblockInspectorSignal();
    held = true;
    return 0;
  },
  restoreSignals(): void {
    for (const name of process.eventNames()) process.removeAllListeners(name);
    stays = false;
    held = false;
  },
  takeSignal(set: Uint8Array, milliseconds: number): number {
    if (held) signalPipe ??= findSignalPipe();
    const signal = waitingSignal(set);
    if (signal > 0 || milliseconds === 0) return signal;
    call(SYS.poll, 0, 0, milliseconds);
    return waitingSignal(set);
  },
  onSignals(handle: (signal: number) => number): void {
    let timer: NodeJS.Timeout | undefined;
    // Listeners for signals do not keep the event loop alive; an open port does, without a timer.
    new MessageChannel().port1.ref();
    deliver = (number) => {
      clearTimeout(timer);
      const wait = handle(number);
      if (wait >= 0) timer = setTimeout(() => deliver(0), wait);
    };
    deliver(0);
    for (const number of early) deliver(number);
  },
  suspend(): void {
    process.removeAllListeners("SIGTSTP");
    call(SYS.kill, 0, SIGTSTP);
    process.on("SIGTSTP", () => deliver(SIGTSTP));
  },
  spawn(path: Uint8Array, words: number, listens: boolean, terminal: number): number {
    return listens ? spawn(cString("/proc/self/exe"), listenerWords(words), terminal) : spawn(path, words, terminal);
  },
  releaseResources(): void {
    try {
      for (const fd of inheritedDescriptors()) call(SYS.close, fd);
    } catch {
      // Without /proc they stay open: which ones they are cannot be known.
    }
  },
  exit(code: number): void {
    call(SYS.exit_group, code);
  },
};

/** The kernel, as Node reaches it. */
export const nodeKernel = posixKernel(calls, engine, memory);

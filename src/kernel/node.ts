// The kernel for Node: libc through node:ffi. What Node changed at its start is put back here, where that is possible.

import { type ArgumentType, DynamicLibrary, getInt32, getRawPointer, getUint64, toBuffer } from "node:ffi";
import { constants as fileConstants } from "node:fs";
import { constants } from "node:os";
import { numberOf } from "../text.ts";
import { environmentValue, type Memory, putU64, u32 } from "./layout.ts";
import { type Calls, type Engine, posixKernel } from "./posix.ts";

const libc = new DynamicLibrary(null);

type Argument = number | bigint | Uint8Array | null;
type Native = (...words: Argument[]) => number;

const errnoAddress = libc.getFunction("__errno_location", { return: "pointer", arguments: [] });

/**
 * A function of libc by name, looked up when it is first called: the way to exec needs few of them. It returns what the
 * static one does: a value, or −errno.
 */
function native(name: string, words: readonly ArgumentType[]): Native {
  let found: Native | undefined;
  return (...values) => {
    found ??= libc.getFunction(name, { return: "int32", arguments: words });
    const result = found(...values);
    return result < 0 ? -getInt32(errnoAddress(), 0) : result;
  };
}

const getresuid = native("getresuid", ["buffer", "pointer", "pointer"]);
const getresgid = native("getresgid", ["buffer", "pointer", "pointer"]);
const getgroups = native("getgroups", ["int32", "buffer"]);
const setresuid = native("setresuid", ["uint32", "uint32", "uint32"]);
const setresgid = native("setresgid", ["uint32", "uint32", "uint32"]);
const setgroups = native("setgroups", ["uint64", "buffer"]);
const open = native("open", ["buffer", "int32", "int32"]);
const openat = native("openat", ["int32", "buffer", "int32", "int32"]);
const close = native("close", ["int32"]);
const read = native("read", ["int32", "buffer", "uint64"]);
const write = native("write", ["int32", "buffer", "uint64"]);
const statx = native("statx", ["int32", "buffer", "int32", "uint32", "buffer"]);
const fchown = native("fchown", ["int32", "uint32", "uint32"]);
const fchownat = native("fchownat", ["int32", "buffer", "uint32", "uint32", "int32"]);
const chmod = native("chmod", ["buffer", "uint32"]);
// glibc has no getdents64 before 2.30.
const syscall = native("syscall", ["int64", "int32", "buffer", "uint64"]);
const SYS_GETDENTS64 = process.arch === "arm64" ? 61n : 217n;
const readlinkat = native("readlinkat", ["int32", "buffer", "buffer", "uint64"]);
const rename = native("rename", ["buffer", "buffer"]);
const unlink = native("unlink", ["buffer"]);
const fsync = native("fsync", ["int32"]);
const ftruncate = native("ftruncate", ["int32", "int64"]);
const pwrite = native("pwrite", ["int32", "buffer", "uint64", "int64"]);
const setxattr = native("setxattr", ["buffer", "buffer", "buffer", "uint64", "int32"]);
const listxattr = native("listxattr", ["buffer", "buffer", "uint64"]);
const clockGettime = native("clock_gettime", ["int32", "buffer"]);
const access = native("access", ["buffer", "int32"]);
const getxattr = native("getxattr", ["buffer", "buffer", "buffer", "uint64"]);
const chdir = native("chdir", ["buffer"]);
const ioctl = native("ioctl", ["int32", "uint64", "buffer"]);
const getpgrp = native("getpgrp", []);
const getpid = native("getpid", []);
const kill = native("kill", ["int32", "int32"]);
const waitpid = native("waitpid", ["int32", "buffer", "int32"]);
const execve = native("execve", ["buffer", "pointer", "buffer"]);
const fcntl = native("fcntl", ["int32", "int32", "pointer"]);
const signal = native("signal", ["int32", "pointer"]);
const exit = native("_exit", ["int32"]);

const O_CLOEXEC = 0o2000000;
/** The basic fields, and the mount. */
const STATX_MASK = 0x17ff;
const O_PATH = 0o10000000;

const environ = getUint64(libc.getSymbol("environ"), 0);
const strlen = libc.getFunction("strlen", { return: "uint64", arguments: ["pointer"] });

const memory: Memory = {
  environ: Number(environ),
  peek(address: number, into: Uint8Array): void {
    into.set(toBuffer(BigInt(address), into.length, false));
  },
  length(address: number): number {
    return Number(strlen(BigInt(address)));
  },
  addressOf(bytes: Uint8Array): number {
    return Number(getRawPointer(bytes));
  },
};

/** Calls `triple` with the addresses of the three IDs in `ids`. */
function threeIds(triple: Native, ids: Uint8Array): number {
  const address = getRawPointer(ids);
  return triple(ids, address + 4n, address + 8n);
}

const calls: Calls = {
  getpid: () => getpid(),
  getresuid: (ids) => threeIds(getresuid, ids),
  getresgid: (ids) => threeIds(getresgid, ids),
  getgroups: (gids) => getgroups(gids.length / 4, gids),
  // libc's, not the bare system calls: they change every thread of Node.
  setresuid: (uid) => setresuid(uid, uid, uid),
  setresgid: (gid) => setresgid(gid, gid, gid),
  setgroups: (gids) => setgroups(BigInt(gids.length / 4), gids),
  open: (path, flags) => open(path, flags | O_CLOEXEC, 0),
  close: (fd) => close(fd),
  read: (fd, into) => read(fd, into, BigInt(into.length)),
  write: (fd, from) => write(fd, from, BigInt(from.length)),
  statx: (fd, path, flags, into) => statx(fd, path, flags, STATX_MASK, into),
  fchown: (fd, uid, gid) => fchown(fd, uid, gid),
  openat: (directory, path, flags, mode) => openat(directory, path, flags | O_CLOEXEC, mode),
  openatPath: (directory, path) => openat(directory, path, O_PATH | O_CLOEXEC | fileConstants.O_NOFOLLOW, 0),
  fchownat: (fd, path, uid, gid, flags) => fchownat(fd, path, uid, gid, flags),
  chmod: (path, mode) => chmod(path, mode),
  getdents64: (fd, into) => syscall(SYS_GETDENTS64, fd, into, BigInt(into.length)),
  readlinkat: (fd, path, into) => readlinkat(fd, path, into, BigInt(into.length)),
  rename: (from, to) => rename(from, to),
  unlink: (path) => unlink(path),
  fsync: (fd) => fsync(fd),
  ftruncate: (fd, length) => ftruncate(fd, BigInt(length)),
  pwrite: (fd, from, offset) => pwrite(fd, from, BigInt(from.length), BigInt(offset)),
  fcntl: (fd, command, argument) => fcntl(fd, command, getRawPointer(argument)),
  setxattr: (path, name, value) => setxattr(path, name, value, BigInt(value.length), 0),
  listxattr: (path, into) => listxattr(path, into, BigInt(into.length)),
  clockGettime: (clock, into) => clockGettime(clock, into),
  access: (path, mode) => access(path, mode),
  getxattr: (path, name, into) => getxattr(path, name, into, BigInt(into.length)),
  chdir: (path) => chdir(path),
  ioctl: (fd, request, argument) => ioctl(fd, BigInt(request), argument),
  getpgrp: () => getpgrp(),
  kill: (pid, number) => kill(pid, number),
  wait4: (pid, status, options) => waitpid(pid, status, options),
  execve(path, words, environment) {
    restoreDescriptors();
    for (const ignored of IGNORED_BY_NODE) signal(ignored, 0n);
    return execve(path, BigInt(words), environment);
  },
};

/** Node ignores these two for itself; the command gets the default back. */
const IGNORED_BY_NODE = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ];

/** glibc's posix_spawn(3) ignores its two internal signals in the child, unless they are to be the default. */
const IGNORED_BY_SPAWN = [32, 33];

/** Node marks every inherited descriptor close-on-exec: undone for the standard streams and for those of LISTEN_FDS. */
function restoreDescriptors(): void {
  const F_SETFD = 2;
  for (let fd = 0; fd < 3 + listenDescriptors(); fd++) fcntl(fd, F_SETFD, 0n);
}

/** How many descriptors from 3 up are sockets handed to this process (sd_listen_fds(3)). */
function listenDescriptors(): number {
  if (environmentValue(memory, "LISTEN_PID") !== `${getpid()}`) return 0;
  const count = numberOf(environmentValue(memory, "LISTEN_FDS") ?? "");
  return count <= 1024 ? count : 0;
}

// Sizes of glibc's structures; they are part of its ABI, and posix_spawn(3) initialises them.
const SPAWNATTR_LENGTH = 336;
const FILE_ACTIONS_LENGTH = 80;
const SIGSET_LENGTH = 128;
const POSIX_SPAWN_SETPGROUP = 2;
const POSIX_SPAWN_SETSIGDEF = 4;

const posixSpawn = native("posix_spawn", ["buffer", "buffer", "buffer", "buffer", "pointer", "buffer"]);
const attrInit = native("posix_spawnattr_init", ["buffer"]);
const attrSetFlags = native("posix_spawnattr_setflags", ["buffer", "int16"]);
const attrSetDefault = native("posix_spawnattr_setsigdefault", ["buffer", "buffer"]);
const actionsInit = native("posix_spawn_file_actions_init", ["buffer"]);

/** A file action that makes the child's group the terminal's foreground one, where libc has it (glibc 2.35). */
function foregroundAction(terminal: number): Uint8Array {
  const actions = new Uint8Array(FILE_ACTIONS_LENGTH);
  actionsInit(actions);
  if (terminal < 0) return actions;
  try {
    native("posix_spawn_file_actions_addtcsetpgrp_np", ["buffer", "int32"])(actions, terminal);
  } catch {
    // Older libc: spawn() hands the terminal over afterwards.
  }
  return actions;
}

/** Signals that came before somebody asked for them, and who asked. */
const early: number[] = [];
let deliver = (number: number): void => {
  early.push(number);
};

let held = false;

/** Puts a copy of what waits in a pipe into another one (tee(2)); poll(2) without descriptors sleeps. */
const tee = native("tee", ["int32", "int32", "uint64", "uint32"]);
const pipe2 = native("pipe2", ["buffer", "int32"]);
const poll = native("poll", ["pointer", "uint64", "int32"]);

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
  return ioctl(fd, BigInt(FIONREAD), count) < 0 ? -1 : u32(count, 0);
}

/** Finds libuv's pipe: the descriptor in which a signal that this process sends to itself turns up. */
function findSignalPipe(): SignalPipe | undefined {
  const before: number[] = [];
  for (let fd = 3; fd < MOST_LIBUV_DESCRIPTORS; fd++) before.push(bytesWaiting(fd));
  // SIGCHLD: init is not misled by one too many, and passes it on to nobody.
  kill(getpid(), constants.signals.SIGCHLD);
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
  if (pipe2(copy, O_CLOEXEC) < 0) return new Uint8Array(0);
  const messages = new Uint8Array(Math.max(tee(fd, u32(copy, 4), BigInt(length), 0), 0));
  if (messages.length > 0) read(u32(copy, 0), messages, BigInt(messages.length));
  close(u32(copy, 0));
  close(u32(copy, 4));
  return messages;
}

const engine: Engine = {
  holdSignals(signals: readonly number[]): void {
    for (const [name, number] of Object.entries(constants.signals)) {
      if (signals.includes(number)) process.on(name, () => deliver(number));
    }
    held = true;
  },
  restoreSignals(): void {
    for (const name of Object.keys(constants.signals)) process.removeAllListeners(name);
    held = false;
  },
  takeSignal(set: Uint8Array, milliseconds: number): number {
    if (held) signalPipe ??= findSignalPipe();
    const signal = waitingSignal(set);
    if (signal > 0 || milliseconds === 0) return signal;
    poll(0n, 0n, milliseconds);
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
  spawn(path: Uint8Array, words: number, environment: Uint8Array, terminal: number): number {
    restoreDescriptors();
    const attributes = new Uint8Array(SPAWNATTR_LENGTH);
    attrInit(attributes);
    attrSetFlags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    const defaults = new Uint8Array(SIGSET_LENGTH);
    putU64(
      defaults,
      0,
      [...IGNORED_BY_NODE, ...IGNORED_BY_SPAWN].reduce((set, number) => set + 2 ** (number - 1), 0),
    );
    attrSetDefault(attributes, defaults);
    const pid = new Uint8Array(4);
    const error = posixSpawn(pid, path, foregroundAction(terminal), attributes, BigInt(words), environment);
    return error > 0 ? -error : u32(pid, 0);
  },
  releaseDescriptors(): void {
    // Node needs descriptors of its own, and which ones is not to be known: only those of LISTEN_FDS are the command's.
    for (let fd = 3; fd < 3 + listenDescriptors(); fd++) close(fd);
  },
  exit(code: number): void {
    exit(code);
  },
};

/** The kernel, as Node reaches it. */
export const nodeKernel = posixKernel(calls, engine, memory);

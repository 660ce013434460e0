// The kernel for Node: libc through node:ffi. What Node changed at its start is put back here, where that is possible.

import { type ArgumentType, DynamicLibrary, getInt32, getRawPointer, getUint64, toBuffer } from "node:ffi";
import { constants } from "node:os";
import { cString, numberOf } from "../text.ts";
import { LISTEN_PID, ROOM_FOR_PID } from "./kernel.ts";
import { environmentValue, type Memory, putU32, putU64, u32 } from "./layout.ts";
import { type Calls, type Engine, posixKernel, TIOCSPGRP } from "./posix.ts";

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
const close = native("close", ["int32"]);
const read = native("read", ["int32", "buffer", "uint64"]);
const write = native("write", ["int32", "buffer", "uint64"]);
const statx = native("statx", ["int32", "buffer", "int32", "uint32", "buffer"]);
const fchown = native("fchown", ["int32", "uint32", "uint32"]);
const access = native("access", ["buffer", "int32"]);
const getxattr = native("getxattr", ["buffer", "buffer", "buffer", "uint64"]);
const chdir = native("chdir", ["buffer"]);
const ioctl = native("ioctl", ["int32", "uint64", "buffer"]);
const getpgrp = native("getpgrp", []);
const getpid = native("getpid", []);
const getppid = native("getppid", []);
const prctl = native("prctl", ["int32", "uint64", "uint64", "uint64", "uint64"]);
const sigmask = native("pthread_sigmask", ["int32", "buffer", "buffer"]);
const kill = native("kill", ["int32", "int32"]);
const waitpid = native("waitpid", ["int32", "buffer", "int32"]);
const execve = native("execve", ["buffer", "pointer", "buffer"]);
const fcntl = native("fcntl", ["int32", "int32", "int32"]);
const signal = native("signal", ["int32", "pointer"]);
const exit = native("_exit", ["int32"]);

const O_CLOEXEC = 0o2000000;
const STATX_BASIC_STATS = 0x7ff;

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
  getppid: () => getppid(),
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
  statx: (fd, path, flags, into) => statx(fd, path, flags, STATX_BASIC_STATS, into),
  fchown: (fd, uid, gid) => fchown(fd, uid, gid),
  access: (path, mode) => access(path, mode),
  getxattr: (path, name, into) => getxattr(path, name, into, BigInt(into.length)),
  chdir: (path) => chdir(path),
  prctl: (option, second, third) => prctl(option, BigInt(second), BigInt(third), 0n, 0n),
  ioctl: (fd, request, argument) =>
    request === TIOCSPGRP ? setForeground(fd, argument) : ioctl(fd, BigInt(request), argument),
  getpgrp: () => getpgrp(),
  kill: (pid, number) => kill(pid, number),
  wait4: (pid, status, options) => waitpid(pid, status, options),
  execve(path, words, environment) {
    restoreDescriptors();
    for (const ignored of IGNORED_BY_NODE) signal(ignored, 0n);
    return execve(path, BigInt(words), environment);
  },
};

const SIG_BLOCK = 0;
const SIG_SETMASK = 2;

/** tcsetpgrp(3): the kernel answers with SIGTTOU where that comes from a background group which does not block it. */
function setForeground(fd: number, group: Uint8Array): number {
  const background = new Uint8Array(SIGSET_LENGTH);
  const before = new Uint8Array(SIGSET_LENGTH);
  putU32(background, 0, 2 ** (constants.signals.SIGTTOU - 1));
  sigmask(SIG_BLOCK, background, before);
  const result = ioctl(fd, BigInt(TIOCSPGRP), group);
  sigmask(SIG_SETMASK, before, background);
  return result;
}

/** Node ignores these two for itself; the command gets the default back. */
const IGNORED_BY_NODE = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ];

/** glibc's posix_spawn(3) ignores its two internal signals in the child, unless they are to be the default. */
const IGNORED_BY_SPAWN = [32, 33];

/** Node marks every inherited descriptor close-on-exec: undone for the standard streams and for those of LISTEN_FDS. */
function restoreDescriptors(): void {
  const F_SETFD = 2;
  for (let fd = 0; fd < 3 + listenDescriptors(); fd++) fcntl(fd, F_SETFD, 0);
}

/** How many descriptors from 3 up are sockets handed to this process (sd_listen_fds(3)). */
function listenDescriptors(): number {
  const pid = environmentValue(memory, LISTEN_PID);
  if (pid !== `${getpid()}` && pid !== ROOM_FOR_PID) return 0;
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

/** Adds the file action that makes the child's group the terminal's foreground one; false where libc has none (2.35). */
function addForeground(actions: Uint8Array, terminal: number): boolean {
  try {
    native("posix_spawn_file_actions_addtcsetpgrp_np", ["buffer", "int32"])(actions, terminal);
    return true;
  } catch {
    return false;
  }
}

function spawn(path: Uint8Array, words: number, environment: Uint8Array, terminal: number): number {
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
  const actions = new Uint8Array(FILE_ACTIONS_LENGTH);
  actionsInit(actions);
  const isForeground = terminal < 0 || addForeground(actions, terminal);
  const pid = new Uint8Array(4);
  const error = posixSpawn(pid, path, actions, attributes, BigInt(words), environment);
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
  const before = BigInt(words) - 16n;
  const slots = toBuffer(before, 16, false);
  putU64(slots, 0, memory.addressOf(keep(cString("tsgosu"))));
  putU64(slots, 8, memory.addressOf(keep(cString(LISTENER))));
  return Number(before);
}

const kept: Uint8Array[] = [];

/** Memory that C goes on pointing to. */
function keep(bytes: Uint8Array): Uint8Array {
  kept.push(bytes);
  return bytes;
}

/** Signals that came before somebody asked for them, and who asked. */
const early: number[] = [];
let deliver = (number: number): void => {
  early.push(number);
};

const engine: Engine = {
  holdSignals(signals: readonly number[]): void {
    for (const [name, number] of Object.entries(constants.signals)) {
      if (signals.includes(number)) process.on(name, () => deliver(number));
    }
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
  clock(): number {
    return performance.now();
  },
  suspend(): void {
    process.removeAllListeners("SIGTSTP");
    kill(0, constants.signals.SIGTSTP);
    process.on("SIGTSTP", () => deliver(constants.signals.SIGTSTP));
  },
  spawn(path: Uint8Array, words: number, environment: Uint8Array, listener: Uint8Array, terminal: number): number {
    if (listener.length > 0) return spawn(cString("/proc/self/exe"), listenerWords(words), environment, terminal);
    return spawn(path, words, environment, terminal);
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

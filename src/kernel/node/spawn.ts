// Starting the command as a child, by glibc's posix_spawn(3).

import type { SpawnOptions } from "../engine.ts";
import { signalSet, u32 } from "../layout.ts";
import { SIGPIPE, SIGXFSZ } from "../signals.ts";
import type { Libc } from "./libc.ts";

// Sizes of glibc's structures; they are part of its ABI, and posix_spawn(3) initialises them.
const SPAWNATTR_LENGTH = 336;
const FILE_ACTIONS_LENGTH = 80;
const SIGSET_LENGTH = 128;
const POSIX_SPAWN_SETPGROUP = 2;
const POSIX_SPAWN_SETSIGDEF = 4;
const POSIX_SPAWN_SETSID = 128;

/** Node ignores these two; the command gets the default back. */
export const IGNORED_BY_NODE = [SIGPIPE, SIGXFSZ];
/** glibc's posix_spawn(3) ignores its two internal signals in the child unless they are to be set to the default. */
const IGNORED_BY_SPAWN = [32, 33];

/**
 * Starts `path` with the words and the environment at these addresses, as the leader of its own session or process group, which
 * becomes the foreground one of the terminal if there is one: its PID, or −errno.
 */
export function posixSpawn(
  libc: Libc,
  path: Uint8Array,
  words: number,
  environment: number,
  { session, terminal }: SpawnOptions,
  tcsetpgrp: (fd: number, group: number) => number,
): number {
  const attributes = new Uint8Array(SPAWNATTR_LENGTH);
  libc.native("posix_spawnattr_init", ["buffer"])(attributes);
  libc.native("posix_spawnattr_setflags", ["buffer", "int16"])(
    attributes,
    (session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP) | POSIX_SPAWN_SETSIGDEF,
  );
  const defaults = new Uint8Array(SIGSET_LENGTH);
  defaults.set(signalSet([...IGNORED_BY_NODE, ...IGNORED_BY_SPAWN]));
  libc.native("posix_spawnattr_setsigdefault", ["buffer", "buffer"])(attributes, defaults);
  const actions = new Uint8Array(FILE_ACTIONS_LENGTH);
  libc.native("posix_spawn_file_actions_init", ["buffer"])(actions);
  const isForeground = terminal < 0 || addForeground(libc, actions, terminal);

  const pid = new Uint8Array(4);
  const spawn = libc.native("posix_spawn", ["buffer", "buffer", "buffer", "buffer", "pointer", "pointer"]);
  const error = spawn(pid, path, actions, attributes, BigInt(words), BigInt(environment));
  if (error > 0) return -error;
  const child = u32(pid, 0);
  if (!isForeground) tcsetpgrp(terminal, child);
  return child;
}

/** Adds the file action that makes the child's group the terminal's foreground one; false if glibc is older than 2.35. */
function addForeground(libc: Libc, actions: Uint8Array, terminal: number): boolean {
  try {
    libc.native("posix_spawn_file_actions_addtcsetpgrp_np", ["buffer", "int32"])(actions, terminal);
    return true;
  } catch {
    return false;
  }
}

// How long a command takes from being started to having ended, measured in one interleaved run: every round runs each command
// once, so that whatever else the machine does meets all of them alike.

import { DynamicLibrary, getRawPointer, getUint64 } from "node:ffi";

export interface Command {
  readonly name: string;
  readonly words: readonly string[];
}

/** Milliseconds: the median, and the 10th and 90th percentile as the spread. */
export interface Times {
  readonly name: string;
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

const libc = new DynamicLibrary(null);
const posixSpawn = libc.getFunction("posix_spawnp", {
  return: "int32",
  arguments: ["buffer", "buffer", "buffer", "pointer", "buffer", "pointer"],
});
const waitpid = libc.getFunction("waitpid", { return: "int32", arguments: ["int32", "buffer", "int32"] });
const actionsInit = libc.getFunction("posix_spawn_file_actions_init", { return: "int32", arguments: ["buffer"] });
const addOpen = libc.getFunction("posix_spawn_file_actions_addopen", {
  return: "int32",
  arguments: ["buffer", "int32", "buffer", "int32", "uint32"],
});

/** What posix_spawn(3) needs for a command, prepared so that a start costs one call. */
interface Prepared {
  readonly file: Buffer;
  readonly table: BigUint64Array;
  readonly strings: readonly Buffer[];
}

function prepare(command: Command): Prepared {
  const strings = command.words.map((word) => Buffer.from(`${word}\0`, "latin1"));
  const table = new BigUint64Array(strings.length + 1);
  strings.forEach((string, i) => {
    table[i] = getRawPointer(string);
  });
  const file = strings[0];
  if (file === undefined) throw new Error(`${command.name}: no words`);
  return { file, table, strings };
}

const O_RDWR = 2;

/** Gives the command standard streams that lead nowhere; Node would have it start without any. */
function quiet(): Buffer {
  const actions = Buffer.alloc(80);
  actionsInit(actions);
  const nowhere = Buffer.from("/dev/null\0");
  for (const fd of [0, 1, 2]) addOpen(actions, fd, nowhere, O_RDWR, 0);
  return actions;
}

/** Runs every command once a round, `rounds` times. Throws an Error if one cannot be started or fails. */
export function measure(commands: readonly Command[], rounds: number): Times[] {
  const prepared = commands.map((command) => ({ command, start: prepare(command), samples: [] as number[] }));
  const actions = quiet();
  const environ = getUint64(libc.getSymbol("environ"), 0);
  const pid = Buffer.alloc(4);
  const status = Buffer.alloc(4);
  for (let round = -3; round < rounds; round++) {
    for (const { command, start, samples } of prepared) {
      const before = process.hrtime.bigint();
      const error = posixSpawn(pid, start.file, actions, 0n, start.table, environ);
      waitpid(pid.readInt32LE(), status, 0);
      const took = Number(process.hrtime.bigint() - before) / 1e6;
      if (error !== 0 || status.readInt32LE() !== 0) {
        throw new Error(`${command.words.join(" ")}: error ${error}, status ${status.readInt32LE()}`);
      }
      // The first rounds bring files into the page cache.
      if (round >= 0) samples.push(took);
    }
  }
  return prepared.map(({ command, samples }) => timesOf(command.name, samples));
}

/** The median and spread of samples in milliseconds. */
export function timesOf(name: string, samples: readonly number[]): Times {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { name, median: at(0.5), p10: at(0.1), p90: at(0.9) };
}

// Real containers, the same for docker and podman: started, watched, signalled and removed.

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import { ensureContainers } from "../../scripts/containers.ts";
import { compiled } from "./compile.ts";
import type { Executable } from "./executables.ts";

/** The engine and the image that all tests use. */
export const { engine, baseImage } = ensureContainers();

/** How a program ended. Output is kept as bytes: one character each (Latin-1). */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TimedRan extends Ran {
  /** How long it took, whatever else the machine had to do: good for a lower bound. */
  readonly ms: number;
}

export interface RunOptions {
  /** Flags of the engine's `run`. */
  readonly flags?: readonly string[];
  /** What the container starts, instead of tsgosu. */
  readonly entrypoint?: string;
  /** Instead of the base image, with the executable and the probe mounted. */
  readonly image?: string;
  /** For standard input, which is closed after it; /dev/null where not given. */
  readonly input?: string;
}

/** Flags with which a container may mount and make user namespaces. */
export const MAY_MOUNT = [
  "--cap-add=SYS_ADMIN",
  "--security-opt=apparmor=unconfined",
  "--security-opt=seccomp=unconfined",
];

const MAP = { inside: 0, outside: 100_000, length: 65_536 };

/** Flags of a container in a user namespace that has this map, root for root. */
export const MAPPED = ["uid", "gid"].map((kind) => `--${kind}map=${MAP.inside}:${MAP.outside}:${MAP.length}`);

/**
 * Whether root in such a container owns the image: with Docker the namespace is made inside of the container (mapUsers), and
 * the image belongs to nobody there, so that root can prepare nothing in it, and no directory of it is trusted.
 */
export const OWNS_MAPPED_IMAGE = engine.name === "podman";

/** No call of the engine takes longer, on a machine with much other work to do: it only ends what hangs. */
const RUN_MS = 300_000;

/** Seconds that the engine gives a container between SIGTERM and SIGKILL. */
const STOP_S = 120;

let started = 0;

function newName(): string {
  started++;
  return `tsgosu-test-${process.pid}-${started}`;
}

/** Runs the engine itself with these words; code -1 and a line on standard error where it has to be ended. */
export async function callEngine(
  words: readonly string[],
  input?: string,
  environment: NodeJS.ProcessEnv = engine.environment,
): Promise<TimedRan> {
  const begin = performance.now();
  const child = spawn(engine.name, words, {
    env: environment,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    timeout: RUN_MS,
    killSignal: "SIGKILL",
  });
  child.stdin?.on("error", () => {});
  child.stdin?.end(Buffer.from(input ?? "", "latin1"));
  const ran = await collect(child, begin);
  if (ran.code !== -1 || ran.ms < RUN_MS) return ran;
  return {
    ...ran,
    stderr: `${ran.stderr}\nended by the test: ${engine.name} ${words[0]} ran for ${RUN_MS / 1000} s\n`,
  };
}

function collect(child: ChildProcess, begin: number): Promise<TimedRan> {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("latin1").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding("latin1").on("data", (text: string) => {
    output.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, ...output, ms: performance.now() - begin }));
  });
}

/**
 * The engine's words that start a container whose PID 1 is the executable: `run`, what every container here has, and what
 * the options say. /usr/local/bin holds tsgosu and the probe; there is no network.
 */
export function runWords(
  executable: Executable,
  args: readonly string[],
  options: RunOptions,
  more: readonly string[],
): string[] {
  const mounts = [
    "-v",
    `${executable.path}:/usr/local/bin/tsgosu:ro`,
    "-v",
    `${compiled("probe")}:/usr/local/bin/probe:ro`,
  ];
  const { flags, words } = mapUsers(options.flags ?? []);
  const inside = options.image === undefined || options.entrypoint !== undefined;
  const program = inside ? [...words, options.entrypoint ?? "tsgosu"] : [];
  return [
    "run",
    ...more,
    "--pull=never",
    "--network=none",
    ...(options.image === undefined ? mounts : []),
    ...flags,
    ...program.slice(0, 1).flatMap((one) => ["--entrypoint", one]),
    options.image ?? baseImage,
    ...program.slice(1),
    ...args,
  ];
}

/**
 * How the engine gets a user namespace for one container: podman by flags. Docker's daemon maps users for all containers
 * or for none; there the probe makes the namespace and starts the program in its own place.
 */
function mapUsers(flags: readonly string[]): { readonly flags: readonly string[]; readonly words: readonly string[] } {
  const isMap = (flag: string): boolean => MAPPED.includes(flag);
  if (engine.name === "podman" || !flags.some(isMap)) return { flags, words: [] };
  const map = `${MAP.inside} ${MAP.outside} ${MAP.length}`;
  return {
    flags: [...flags.filter((flag) => !isMap(flag)), ...MAY_MOUNT],
    words: ["probe", "namespace", map, map, "allow"],
  };
}

/** Runs a container to its end; one that has to be ended by the test has exit code -1. */
export async function run(
  executable: Executable,
  args: readonly string[],
  options: RunOptions = {},
): Promise<TimedRan> {
  const name = newName();
  const stdin = options.input === undefined ? [] : ["-i"];
  const ran = await callEngine(runWords(executable, args, options, ["--rm", "--name", name, ...stdin]), options.input);
  if (ran.code === -1) await remove(name);
  return ran;
}

/** Removes a container, whether it runs or not. */
export function remove(name: string): Promise<Ran> {
  return callEngine(["rm", "-f", ...(engine.name === "podman" ? ["-t", "0"] : []), name]);
}

/** A container that runs in the background. */
export interface Container {
  readonly name: string;
  /** Runs a program in it, as its root unless `flags` say otherwise. */
  exec(words: readonly string[], flags?: readonly string[]): Promise<Ran>;
  /** Sends PID 1 a signal, by name or number. */
  kill(signal: string): Promise<void>;
  /**
   * What `docker stop` does, with two minutes before the SIGKILL. Throws where the container has not ended after half of
   * that, so that whoever gets here was ended by SIGTERM or by what came of it.
   */
  stop(): Promise<void>;
  /** All that it has written. */
  logs(): Promise<Ran>;
  /** Waits until the whole lines of its output have `text`, and gives these lines; throws after a minute. */
  waitForLog(text: string): Promise<string>;
  /** Waits for its end: the exit code. */
  wait(): Promise<number>;
}

/** Starts a container in the background; it is removed when the test ends. */
export async function start(
  t: Test,
  executable: Executable,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Container> {
  const name = newName();
  t.teardown(() => remove(name));
  await succeed(runWords(executable, args, options, ["-d", "--name", name]));
  const logs = (): Promise<Ran> => callEngine(["logs", name]);
  return {
    name,
    logs,
    exec: (words, flags = []) => callEngine(["exec", ...flags, name, ...words]),
    kill: async (signal) => {
      await succeed(["kill", "--signal", signal, name]);
    },
    stop: async () => {
      const { ms } = await succeed(["stop", "-t", `${STOP_S}`, name]);
      if (ms > (STOP_S * 1000) / 2) throw new Error(`SIGTERM has not ended the container after ${Math.round(ms)} ms`);
    },
    wait: async () => Number((await succeed(["wait", name])).stdout),
    waitForLog: async (text) => {
      const log = await until(logs, ({ stdout }) => wholeLines(stdout).includes(text), `'${text}' in the log`);
      return wholeLines(log.stdout);
    },
  };
}

async function succeed(words: readonly string[]): Promise<TimedRan> {
  const ran = await callEngine(words);
  if (ran.code !== 0) throw new Error(`${engine.name} ${words.join(" ")}: exit code ${ran.code}: ${ran.stderr}`);
  return ran;
}

/** The rest of a line may still be on its way. */
function wholeLines(output: string): string {
  return output.slice(0, output.lastIndexOf("\n") + 1);
}

/** How long an event may take on a machine with much other work to do. */
export const PATIENCE_MS = 60_000;

/** Asks again and again until the answer is right, and gives it; throws after a minute with the last answer. */
export async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean, what: string): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}; last: ${JSON.stringify(answer)}`);
    await sleep(50);
  }
}

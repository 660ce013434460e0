// What the scripts ask of the machine they run on: other programs, and Debian packages.

import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { rememberPackages } from "./changes.ts";

/** Something set-up cannot put right by itself; the message says what to do. */
export class SetupError extends Error {}

/** The top of the project; everything made on the way is under its `build/`. */
export const PROJECT = join(import.meta.dirname, "..");
export const BUILD = join(PROJECT, "build");
/** What the scripts have added to the machine (changes.ts). */
export const ADDED = join(BUILD, "added");

export interface Outcome {
  /** The exit code; -1 where the program could not be started, ran out of time or was ended by a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds until the program is ended. */
  readonly timeout?: number;
}

/** Runs a program to its end and says how it went; never throws. */
export function attempt(words: readonly string[], options: ToolOptions = {}): Outcome {
  const { status, stdout, stderr, error } = spawnSync(words[0] ?? "", words.slice(1), {
    encoding: "utf8",
    env: options.environment ?? process.env,
    input: options.input ?? "",
    killSignal: "SIGKILL",
    maxBuffer: 2 ** 26,
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  });
  return { code: status ?? -1, stdout: stdout ?? "", stderr: (stderr ?? "") + (error?.message ?? "") };
}

/** Runs a program that has to succeed; its standard output. Throws a SetupError that ends with its last words. */
export function must(words: readonly string[], options: ToolOptions = {}): string {
  const outcome = attempt(words, options);
  if (outcome.code === 0) return outcome.stdout;
  const lastWords = `${outcome.stdout}\n${outcome.stderr}`.trim().split("\n").slice(-12).join("\n  ");
  throw new SetupError(`${words.join(" ")} failed:\n  ${lastWords}`);
}

/** Whether PATH, or the system's own directories that a user's PATH may lack, has the program. */
export function hasProgram(name: string): boolean {
  const directories = [...(process.env["PATH"] ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return directories.some((directory) => isExecutable(join(directory, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Tells the person who waits what is being done; standard error, so that a script's output stays its own. */
export function tell(text: string, part: "setup" | "build" | "clean" = "setup"): void {
  process.stderr.write(`${part}: ${text}\n`);
}

/**
 * Installs Debian packages, as root. Throws a SetupError that names the packages where that cannot be done: `why` says
 * what they are needed for.
 */
export function installPackages(packages: readonly string[], why: string): void {
  const byHand = `install it yourself: apt-get install ${packages.join(" ")}`;
  if (!hasProgram("apt-get"))
    throw new SetupError(`${why}, and this is no Debian or Ubuntu; ${byHand}, or what your distribution calls it`);
  if (process.getuid?.() !== 0) throw new SetupError(`${why}, and installing needs root; ${byHand}`);
  tell(`installing ${packages.join(", ")}: ${why}`);
  // Those that were there before are not ours to remove.
  rememberPackages(
    ADDED,
    packages.filter((name) => !isInstalled(name)),
  );
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Of two that update the lists at once, apt-get lets one fail. Its own directory serves as the lock.
  const alone = ["flock", "/var/cache/apt", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=600"];
  must([...alone, "update"], { environment });
  must([...alone, "install", "-y", "--no-install-recommends", ...packages], { environment });
}

/** Whether Debian's package is installed. */
export function isInstalled(name: string): boolean {
  return /^Status: .* installed$/m.test(attempt(["dpkg-query", "--status", name]).stdout);
}

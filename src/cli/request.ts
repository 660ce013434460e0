// What a command line asks for, as plain data.

import type { InitOptions } from "../init/options.ts";

/** How the command runs: in place of tsgosu, as its child, or as its child only where tsgosu is PID 1. */
export type Mode = "exec" | "init" | "auto";

/** Who the command will be and what it may do: --check reports it, a run puts it into effect. */
export interface Settings {
  readonly ifRoot: boolean;
  readonly login: boolean;
  /** Whether the supplementary groups that tsgosu was started with are kept. */
  readonly keepGroups: boolean;
  /** The PATHs of --group-of, in order. */
  readonly groupOf: readonly string[];
  /** The command's umask; below 0: the one that tsgosu was started with. */
  readonly umask: number;
  /** Whether the command gets a session of its own. */
  readonly newSession: boolean;
  readonly keepStdioOwner: boolean;
  /** The PATH of --match; empty if not given. */
  readonly match: string;
  /** Whether PUID, PGID and UMASK in the environment are used. */
  readonly puid: boolean;
  readonly noChown: boolean;
  /** The PATHs of --chown, in order. */
  readonly chown: readonly string[];
  readonly noNewPrivs: boolean;
  /** The LIST of --caps, as accepted by `parseCapabilities`; empty if not given. */
  readonly caps: string;
  readonly restricted: boolean;
  readonly verbose: boolean;
}

export interface HelpRequest {
  readonly action: "help";
}

export interface VersionRequest {
  readonly action: "version";
}

export interface ExplainRequest {
  readonly action: "explain";
  readonly message: string;
}

export interface CheckRequest {
  readonly action: "check";
  /** Undefined if none is given: the posture of the process as it is. */
  readonly userSpec: string | undefined;
  readonly json: boolean;
  readonly settings: Settings;
}

/** What another tool prints for an option such as --help. */
export interface PrintRequest {
  readonly action: "print";
  readonly text: string;
  /** The descriptor to print on. */
  readonly fd: number;
}

/** Be the first process of a pod: run nothing, reap orphans, and end when asked to. */
export interface PauseRequest {
  readonly action: "pause";
}

export interface RunRequest {
  readonly action: "run";
  /** Undefined if the command runs as the current user. */
  readonly userSpec: string | undefined;
  /** The index of the command among the program's words. */
  readonly firstWord: number;
  readonly mode: Mode;
  readonly init: InitOptions;
  /** The signal to receive when the parent of tsgosu dies; 0: none. */
  readonly parentDeath: number;
  readonly settings: Settings;
}

/** What tsgosu is asked to do. */
export type Request =
  | HelpRequest
  | VersionRequest
  | PrintRequest
  | ExplainRequest
  | CheckRequest
  | PauseRequest
  | RunRequest;

/** The program's words, read one by one: the command may have megabytes of them, which tsgosu need not read. */
export interface Words {
  readonly count: number;
  /** The word at `index`, which must be less than `count`. */
  at(index: number): string;
  /** The value of an environment variable, if it is set. */
  variable(name: string): string | undefined;
}

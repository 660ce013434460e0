// What the command line asks of init.

import { OWN, type Tool, WARNING } from "./voice.ts";

/** A signal and the one that is forwarded in its place; if `to` is 0, none is. */
export interface Rewrite {
  readonly from: number;
  readonly to: number;
}

/**
 * What becomes of processes that outlive the command (`stop`), and of those that are orphaned to init while it runs
 * (`reap`, which stops both).
 */
export type Orphans = "leave" | "stop" | "reap";

export interface InitOptions {
  readonly killGroup: boolean;
  readonly subreaper: boolean;
  /** Exit codes that are reported as 0. */
  readonly okExits: readonly number[];
  /** For each signal, the last one counts. */
  readonly rewrites: readonly Rewrite[];
  /** Milliseconds after which SIGKILL follows a signal that asks to end; undefined if --grace is not given. */
  readonly grace: number | undefined;
  readonly orphans: Orphans;
  /** Whose command line this is. */
  readonly tool: Tool;
  /** How much init reports of what it does (voice.ts). */
  readonly verbosity: number;
  /** Whether init warns of every orphan that it reaps. */
  readonly warnsOfOrphans: boolean;
  /** Whether init stops with the command's group, and asks the rest of the group to end after the command. */
  readonly sharesFate: boolean;
}

export const DEFAULT_INIT_OPTIONS: InitOptions = {
  killGroup: false,
  subreaper: false,
  okExits: [],
  rewrites: [],
  grace: undefined,
  orphans: "leave",
  tool: OWN,
  verbosity: WARNING,
  warnsOfOrphans: false,
  sharesFate: false,
};

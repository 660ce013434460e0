// What the command line asks of init.

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
}

export const DEFAULT_INIT_OPTIONS: InitOptions = {
  killGroup: false,
  subreaper: false,
  okExits: [],
  rewrites: [],
  grace: undefined,
  orphans: "leave",
};

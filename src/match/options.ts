// What the command line says about volumes.

/** The options --match, --no-chown and --chown, and how to carry them out. */
export interface VolumeOptions {
  /** PATH of --match; empty if the option is not given. */
  readonly match: string;
  /** --no-chown: the files in the user's home keep their owners. */
  readonly noChown: boolean;
  /** Each PATH of --chown, in order. */
  readonly chown: readonly string[];
  readonly verbose: boolean;
  /** Whether files may be changed. --check changes none: it only finds out who the command would be. */
  readonly changesFiles: boolean;
  /** Whether tsgosu already holds signals, as an init does from its start. */
  readonly holdsSignals: boolean;
}

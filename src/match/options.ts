// What the command line says of volumes.

/** The options --match, --no-chown and --chown, and how they are to be followed. */
export interface VolumeOptions {
  /** PATH of --match; empty where the option is not given. */
  readonly match: string;
  /** --no-chown: the files in the user's home keep their owners. */
  readonly noChown: boolean;
  /** Each PATH of --chown, in order. */
  readonly chown: readonly string[];
  readonly verbose: boolean;
  /** Whether files may be changed. With --check they are not: only who the command would be is found out. */
  readonly changesFiles: boolean;
  /** Whether tsgosu holds signals already, as an init does from its start on. */
  readonly holdsSignals: boolean;
}

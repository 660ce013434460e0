// What Node makes impossible for the Node executable: the only differences between the two executables that the tests
// know. A test that meets one names it here and asserts what Node does instead; see "limits" in the README.

import type { Executable } from "./executables.ts";

const LIMITS = {
  "soft-nofile": "Node raises the soft RLIMIT_NOFILE to the hard one before any script runs",
  "ignored-signals": "Node sets every disposition to its default at start, signals that were ignored included",
  "inherited-descriptors": "Node marks inherited descriptors above 2 close-on-exec; those of LISTEN_FDS are put back",
  "start-mask": "Node empties the signal mask at start",
  "early-signals": "a signal that arrives before Node runs the script has its default effect, which for PID 1 is none",
  "closed-streams": "Node opens /dev/null in place of a closed standard stream",
  "real-time-signals": "Node has no real-time signals",
  threads: "Node's other threads are not confined with the one that starts the command, and are out of its reach",
  memory: "Node's own memory stays while it is PID 1",
} as const;

export type NodeLimit = keyof typeof LIMITS;

/** Whether `executable` is the Node one, for which the contract makes this exception. */
export function nodeCannot(executable: Executable, limit: NodeLimit): boolean {
  return executable.name === "sea" && LIMITS[limit] !== undefined;
}

// What differs between the architectures that Node's executable is made for. A unit test holds these numbers to the headers.

import type { Machine } from "../abi.ts";

/** As `process.arch` calls them. */
export type NodeArchitecture = "x64" | "arm64";

export const MACHINES: Readonly<Record<NodeArchitecture, Machine>> = {
  x64: { O_NOFOLLOW: 0o400000, TCGETS: 0x5401, TIOCGPGRP: 0x540f, TIOCSPGRP: 0x5410, statfsFlags: 80 },
  arm64: { O_NOFOLLOW: 0o100000, TCGETS: 0x5401, TIOCGPGRP: 0x540f, TIOCSPGRP: 0x5410, statfsFlags: 80 },
};

/** The request of ioctl(2), on both. */
export const FIONREAD = 0x541b;

/** The architecture that this Node is built for. Throws an Error if tsgosu has no numbers for it. */
export function nodeArchitecture(): NodeArchitecture {
  const { arch } = process;
  if (arch === "x64" || arch === "arm64") return arch;
  throw new Error(`tsgosu for Node is made for x64 and arm64, not for ${arch}`);
}

/** The numbers of the machine that this Node is built for. */
export function machine(): Machine {
  return MACHINES[nodeArchitecture()];
}

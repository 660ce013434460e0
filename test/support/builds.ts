// The two executables, for tests and for the scripts that start them as tests do.

import { join } from "node:path";
import { PROJECT } from "../../scripts/host.ts";

export interface Executable {
  readonly name: "static" | "sea";
  /** Where it stands on this machine. */
  readonly path: string;
  /** The program that runs it, where it is for another architecture than this machine's. */
  readonly emulator?: string;
}

/** Where they are built; npm run coverage has others. */
const DIRECTORY = process.env["TSGOSU_EXECUTABLES"] ?? join(PROJECT, "dist");

/** Both executables, built. */
export const executables: readonly Executable[] = [
  { name: "static", path: join(DIRECTORY, "tsgosu-static") },
  { name: "sea", path: join(DIRECTORY, "tsgosu") },
];

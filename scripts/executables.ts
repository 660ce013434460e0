// Both executables, as the source is now: built where something has changed since they were, else left as they stand.

import type { NodeArchitecture } from "../src/kernel/node/machine.ts";
import type { Architecture } from "./architectures.ts";
import { buildSea } from "./build-sea.ts";
import { buildStatic, symbolsFile } from "./build-static.ts";
import { tell } from "./host.ts";
import { follow, type Recipe } from "./recipe.ts";

/** Where it is remembered what the executables were made of. */
const STAMPS = "build/made";

/** The packages that npm has really put there, whatever package-lock.json says; and what every compiler here reads. */
const TOOLS = ["node_modules/.package-lock.json", "package.json", "tsconfig.json"];

const SHARED = ["src", ...TOOLS, "scripts/elf.ts", "scripts/architectures.ts", "scripts/host.ts", "scripts/changes.ts"];

/** What each executable is made of: the source, the tools, and the scripts that build it. */
export const STATIC_INPUTS = [...SHARED, "scripts/build-static.ts", "scripts/bindings.ts", "scripts/scriptc.ts"];
export const SEA_INPUTS = [...SHARED, "scripts/build-sea.ts", "scripts/blind.ts", "scripts/node-binary.ts"];

/** The executables of this machine, and the one for arm64. */
export const STATIC = "dist/tsgosu-static";
export const SEA = "dist/tsgosu";
export const STATIC_ARM = `${STATIC}-aarch64`;

/** Where the static executable of an architecture stands. */
export function staticFile({ target }: Architecture): string {
  return target === "x86_64" ? STATIC : `${STATIC}-${target}`;
}

/** Builds the static executable for an architecture (a `target` of architectures.ts), if it is missing or not what the source makes. */
export async function ensureStatic(architecture: string, output: string): Promise<void> {
  const outputs = [output, `${output}.c`, symbolsFile(architecture, output)] as const;
  const make = (): void => buildStatic(architecture, output);
  await ensure({ outputs, inputs: STATIC_INPUTS, make });
}

/** Builds the Node executable, if it is missing or not what the source makes; for this machine, or for another architecture. */
export async function ensureSea(architecture: NodeArchitecture = "x64", output = SEA): Promise<void> {
  await ensure({ outputs: [output], inputs: SEA_INPUTS, make: () => buildSea(output, architecture) });
}

async function ensure(recipe: Recipe): Promise<void> {
  const isMade = await follow(recipe, STAMPS);
  tell(`${recipe.outputs[0]} ${isMade ? "is built" : "is up to date"}`, "build");
}

// The executables of a release.

import { existsSync, readFileSync } from "node:fs";
import type { NodeArchitecture } from "../../src/kernel/node/machine.ts";
import type { Architecture } from "../architectures.ts";
import { checkMachine } from "../elf.ts";
import { ensureSea, ensureStatic, SEA, staticFile } from "../executables.ts";
import { attempt, installPackages } from "../host.ts";
import { type NodeBinary, nodeFor } from "../node-binary.ts";

/** An executable: which of the two, for which architecture. */
export interface Program {
  readonly kind: "static" | "node";
  readonly architecture: Architecture;
  /** Its name in the release. */
  readonly name: string;
  /** Where it is built. */
  readonly file: string;
}

/** The architecture of this machine: what is built for it stands in dist under the name that all else uses. */
const HERE = "x86_64";

/** The static executable for an architecture, and its name and place. */
export function staticProgram(architecture: Architecture): Program {
  return { kind: "static", architecture, name: `tsgosu-linux-${architecture.name}`, file: staticFile(architecture) };
}

/** The Node executable for an architecture, if Node is there for it. */
export function nodeProgram(architecture: Architecture): Program | undefined {
  if (!isNodeArchitecture(architecture.npm)) return undefined;
  const file = architecture.target === HERE ? SEA : `${SEA}-node-${architecture.target}`;
  return { kind: "node", architecture, name: `tsgosu-node-linux-${architecture.name}`, file };
}

function isNodeArchitecture(npm: string): npm is NodeArchitecture {
  return npm === "x64" || npm === "arm64";
}

/**
 * Builds the executable, where it is not what the source makes. Throws an Error or a SetupError if it cannot be built, if it is for
 * another machine than its name says (gosu had that once: tianon/gosu#19), or if it does not start and print `version`.
 */
export async function build(program: Program, version: string): Promise<void> {
  const { kind, architecture, file } = program;
  if (kind === "static") await ensureStatic(architecture.target, file);
  else if (isNodeArchitecture(architecture.npm)) await ensureSea(architecture.npm, file);
  checkMachine(readFileSync(file), architecture);
  const outcome = attempt([...emulator(program), file, "--version"]);
  if (outcome.code !== 0 || outcome.stdout !== `tsgosu ${version}\n`)
    throw new Error(
      `${file} --version: expected tsgosu ${version}, got exit code ${outcome.code} and: ${outcome.stdout}${outcome.stderr}`,
    );
}

/** The Node that a Node executable is made of. Throws an Error for an architecture that there is no Node for. */
export function nodeOf({ architecture: { name, npm } }: Program): NodeBinary {
  if (!isNodeArchitecture(npm)) throw new Error(`there is no Node for ${name}`);
  return nodeFor(npm);
}

/** The words before a program that is for another architecture than this machine's. */
export function emulator(program: Program): readonly string[] {
  const { architecture } = program;
  if (architecture.target === HERE) return [];
  if (program.kind === "node") return nodeOf(program).run.slice(0, -1);
  const qemu = `/usr/bin/qemu-${qemuNameOf(architecture)}-static`;
  if (!existsSync(qemu)) installPackages(["qemu-user-static"], "executables of other architectures are run by qemu");
  return [qemu];
}

/** qemu calls PowerPC otherwise than the compiler does. */
function qemuNameOf({ target, name }: Architecture): string {
  return target.startsWith("powerpc") ? name : target;
}

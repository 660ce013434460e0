// Known weaknesses of what is inside the static executable, and why they are not weaknesses of it: an OpenVEX document, which scanners
// read beside the SBOM. (Weaknesses of other tools of this kind are another matter.)

import { readFileSync } from "node:fs";
import { symbolsFile } from "../build-static.ts";
import { definedSymbols } from "../elf.ts";
import type { Commit } from "./commit.ts";
import { urnOf } from "./hash.ts";
import type { Program } from "./program.ts";
import { musl, productOf } from "./sbom.ts";

/** A weakness of a function that tsgosu does not contain. */
export interface Weakness {
  readonly name: string;
  /** Where the weakness is, by what libc calls it. */
  readonly functions: readonly string[];
  readonly what: string;
}

/** Those of musl 1.2.5. */
export const WEAKNESSES: readonly Weakness[] = [
  {
    name: "CVE-2025-26519",
    functions: ["iconv", "iconv_open"],
    what: "iconv(3) writes out of bounds when it converts EUC-KR to UTF-8",
  },
  {
    name: "CVE-2026-40200",
    functions: ["qsort", "qsort_r", "__qsort_r"],
    what: "qsort(3) corrupts the stack when it sorts very many elements",
  },
];

/** The text of the document about products, which are named by package URLs, and the library inside them. */
export function vex(
  products: readonly string[],
  library: string,
  weaknesses: readonly Weakness[],
  author: string,
  time: Date,
): string {
  const body = {
    author,
    timestamp: time.toISOString(),
    version: 1,
    statements: weaknesses.map(({ name, functions, what }) => ({
      vulnerability: { name },
      products: products.map((product) => ({ "@id": product, subcomponents: [{ "@id": library }] })),
      status: "not_affected",
      justification: "vulnerable_code_not_present",
      impact_statement: `${what}. The executable does not contain it: the release is made only if none of these symbols is in it: ${functions.join(", ")}.`,
    })),
  };
  const document = { "@context": "https://openvex.dev/ns/v0.2.0", "@id": urnOf(JSON.stringify(body)), ...body };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The document about the static executables. Throws an Error if one has a function in it that the document says it does not have. */
export function vexOf(programs: readonly Program[], version: string, commit: Commit): string {
  for (const { architecture, file } of programs)
    checkAbsent(definedSymbols(readFileSync(symbolsFile(architecture.target, file))), WEAKNESSES, file);
  const products = programs.map((program) => productOf(program, version));
  return vex(products, musl()["bom-ref"], WEAKNESSES, "tsgosu", commit.time);
}

/** Throws an Error that names the weakness and the function, if the file defines a function that has one. */
export function checkAbsent(symbols: ReadonlySet<string>, weaknesses: readonly Weakness[], file: string): void {
  for (const { name, functions } of weaknesses)
    for (const one of functions)
      if (symbols.has(one)) throw new Error(`${file} contains ${one}, which has ${name}: mend it, or change vex.ts`);
}

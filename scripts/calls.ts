// Writes what both engines and the fuzzers make of src/kernel/calls.ts, where every system call stands once; and the C that
// holds the constants of src/kernel to the kernel's headers.
// usage: node scripts/calls.ts          writes the files
//        (a unit test holds the files to what this makes of src/kernel)

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constantsFile } from "./constants.ts";
import { PROJECT } from "./host.ts";

const SOURCE = "src/kernel/calls.ts";
const HEAD = "// Written by scripts/calls.ts from src/kernel/calls.ts. Change that file, and run `npm run calls`.";

interface Parameter {
  readonly name: string;
  readonly isBuffer: boolean;
}

interface Call {
  readonly name: string;
  /** The kernel's name for it. */
  readonly systemCall: string;
  readonly parameters: readonly Parameter[];
  /** The parameters as TypeScript has them. */
  readonly text: string;
}

/** The calls that a text like src/kernel/calls.ts declares. Throws an Error for a line that it cannot read. */
export function callsIn(source: string): Call[] {
  const calls: Call[] = [];
  for (const [line] of source.matchAll(/^ *abstract .*$/gm)) {
    const [, name, text] = /^ {2}abstract (\w+)\((.*)\): number;$/.exec(line) ?? [];
    if (name === undefined || text === undefined) throw new Error(`${SOURCE}: cannot read '${line.trim()}'`);
    const parameters = text === "" ? [] : text.split(", ").map((word) => parameterIn(word, name));
    calls.push({ name, systemCall: name.replace(/_into$/, ""), parameters, text });
  }
  return calls;
}

function parameterIn(word: string, call: string): Parameter {
  const [name, type] = word.split(": ");
  if (name === undefined || (type !== "number" && type !== "Uint8Array"))
    throw new Error(`${SOURCE}: ${call}: '${word}' is neither a number nor a Uint8Array`);
  return { name, isBuffer: type === "Uint8Array" };
}

/** The numbers of all system calls of an architecture, as the headers of musl for it have them. */
function numbersOf(target: string): Map<string, number> {
  const zig = join(PROJECT, "node_modules/.bin/zig");
  const words = ["cc", "-target", target, "-dM", "-E", "-x", "c", "-"];
  // zig is a Node program, which a test runner's NODE_OPTIONS would break.
  const macros = execFileSync("env", ["-u", "NODE_OPTIONS", zig, ...words], {
    input: "#include <sys/syscall.h>\n",
    encoding: "utf8",
  });
  const numbers = new Map<string, number>();
  for (const [, name = "", number = ""] of macros.matchAll(/^#define __NR_(\w+) (\d+)$/gm))
    numbers.set(name, Number(number));
  return numbers;
}

/** The class of the Node engine: the numbers of each architecture, and each call as words of syscall(2). */
function nodeClass(calls: readonly Call[]): string {
  const table = (target: string): string => {
    const numbers = numbersOf(target);
    const row = ({ name, systemCall }: Call): string => {
      const number = numbers.get(systemCall);
      if (number === undefined) throw new Error(`${SOURCE}: ${target} has no system call '${systemCall}'`);
      return `${name}: ${number},`;
    };
    return calls.map(row).join("\n");
  };
  const method = ({ name, parameters, text }: Call): string => {
    const words = [`NUMBERS.${name}`, ...parameters.map((parameter) => parameter.name)];
    return `  override ${name}(${text}): number {\n    return this.syscall(${words.join(", ")});\n  }`;
  };
  return `${HEAD}

import { Calls } from "../calls.ts";
import { nodeArchitecture } from "./machine.ts";

/** A word of a system call: a number, or a buffer, which stands for its address. */
export type Word = number | Uint8Array;

/** The numbers of the architectures that Node's executable is made for. */
const NUMBERS_OF = {
  x64: {
${table("x86_64-linux-musl")}
  },
  arm64: {
${table("aarch64-linux-musl")}
  },
};

const NUMBERS = NUMBERS_OF[nodeArchitecture()];

/** The system calls, through one function. */
export abstract class NodeCalls extends Calls {
  /** Makes system call \`number\` on this thread: a value of 0 or more, or −errno. */
  protected abstract syscall(number: number, ...words: Word[]): number;

${calls.map(method).join("\n\n")}
}
`;
}

/** The class of the static engine: each call by the function that static/calls.c has for it. */
function staticClass(calls: readonly Call[]): string {
  const declaration = ({ name, text }: Call): string => `declare function kernel_${name}(${text}): number;`;
  const method = ({ name, parameters, text }: Call): string => {
    const words = parameters.map((parameter) => parameter.name).join(", ");
    return `  override ${name}(${text}): number {\n    return kernel_${name}(${words});\n  }`;
  };
  return `${HEAD}

import { Calls } from "../calls.ts";

${calls.map(declaration).join("\n")}

/** The system calls, each by the function of calls.c that is bound to it. */
export class StaticCalls extends Calls {
${calls.map(method).join("\n\n")}
}
`;
}

/** The class of the fuzzers: whatever a call is given, one function decides what it answers. */
function decidedClass(calls: readonly Call[]): string {
  const shown = ({ name, isBuffer }: Parameter): string => ` \${${isBuffer ? `${name}.length` : name}}`;
  const method = ({ name, parameters, text }: Call): string =>
    `  override ${name}(${text}): number {\n    return this.decided(\`${name}${parameters.map(shown).join("")}\`);\n  }`;
  return `${HEAD}

import { Calls } from "../../src/kernel/calls.ts";

/** The system calls, all answered by one function. */
export abstract class DecidedCalls extends Calls {
  /** Answers a call: its name, its numbers, and how long its buffers are. */
  protected abstract decided(call: string): number;

${calls.map(method).join("\n\n")}
}
`;
}

/** The functions that scriptc binds: each makes one system call with its words as they are. */
function staticFunctions(calls: readonly Call[]): string {
  const declared = ({ name, isBuffer }: Parameter): string =>
    isBuffer ? `bytes ${name}, size_t ${name}_size` : `double ${name}`;
  const passed = ({ name, isBuffer }: Parameter): string =>
    isBuffer ? `address(${name}, ${name}_size)` : `whole(${name})`;
  const definition = ({ name, systemCall, parameters }: Call): string => {
    const words = parameters.length === 0 ? "void" : parameters.map(declared).join(", ");
    const arguments_ = [`SYS_${systemCall}`, ...parameters.map(passed)].join(", ");
    return `double kernel_${name}(${words}) {\n  return CALL(${arguments_});\n}`;
  };
  return `${HEAD.replace("//", "/*")} */
#include "call.h"

${calls.map(definition).join("\n\n")}
`;
}

/** The files that are made of calls.ts and the constants: where each stands, and what is in it. */
export function generatedFiles(source: string): Map<string, string> {
  const calls = callsIn(source);
  return new Map([
    ["src/kernel/node/calls.ts", formatted(nodeClass(calls), "calls.ts")],
    ["src/kernel/static/calls.ts", formatted(staticClass(calls), "calls.ts")],
    ["src/kernel/static/calls.c", staticFunctions(calls)],
    ["src/kernel/static/constants.c", constantsFile()],
    ["test/native/decided-calls.ts", formatted(decidedClass(calls), "calls.ts")],
  ]);
}

/** As Biome formats it, so that nobody has to format what nobody wrote. */
function formatted(text: string, name: string): string {
  const biome = join(PROJECT, "node_modules/.bin/biome");
  const words = ["format", `--stdin-file-path=${join(PROJECT, "src", name)}`];
  return execFileSync(biome, words, { input: text, encoding: "utf8", cwd: PROJECT });
}

if (import.meta.main) {
  for (const [file, text] of generatedFiles(readFileSync(join(PROJECT, SOURCE), "utf8")))
    writeFileSync(join(PROJECT, file), text);
}

// Builds dist/tsgosu-static, one static file:
//   1. scriptc writes TypeScript as C. This file is kept as dist/tsgosu-static.c, and no step edits it.
//   2. zig cc compiles it, scriptc's runtime and our own C files (src/kernel/static) to machine code.
//   3. The linker makes one object of all that, in which the start and the ends of the runtime are ours (start.c).
//   4. zig cc links the object with musl, once with symbols, which are checked, and once without.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { architectureNamed } from "./architectures.ts";
import { bindings } from "./bindings.ts";
import { checkMachine, definedSymbols } from "./elf.ts";
import { PROJECT, tell } from "./host.ts";

/** zig takes it for granted that LoongArch has vectors of 128 bits (LSX), which is an extension; qemu 7.2 has none either. */
const PROCESSOR: Readonly<Record<string, readonly string[]>> = { loongarch64: ["-mcpu=baseline-lsx"] };

/** Small before fast: the way to exec is system calls. Unwind tables serve the exceptions of C++. */
const SMALL = ["-Os", "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"];

/**
 * What checksec(1) looks for in code: it may stand anywhere in memory, and notices when its stack is overwritten. zig's
 * cache takes no notice of the protector, and would hand out an object without it; it does take notice of the parameter,
 * whose value is zig's own.
 */
const HARDENED = ["-fPIE", "-fstack-protector-strong", "--param=ssp-buffer-size=4"];

/** What scriptc itself compiles with, and needs for its object model. -w: warnings of C that is not ours help nobody. */
export const SCRIPTC = [
  "-std=c11",
  "-ffunction-sections",
  "-fdata-sections",
  "-fno-math-errno",
  "-fno-strict-aliasing",
  "-w",
];

/** scriptc's own word for the runtime of a library, which has no start, and tells its host of fatal errors (start.c). */
const FOR_A_LIBRARY = "-DSCR_LIB";

/**
 * Generated code counts references at every turn: inlined, that adds a third to its size. Every way out of a function
 * releases what the function holds, so code that two branches share is put in front of them or behind them. zig takes -Oz
 * for -Os, and clang does not. The flags besides -fno-inline save 8 kB, and a start takes as long without them as with them.
 */
const GENERATED = [
  "-fno-inline",
  ...["-Xclang", "-Oz"],
  ...["-mllvm", "-hoist-common-insts=true"],
  ...["-mllvm", "-sink-common-insts=true"],
];

/** -fno-builtin: or the compiler makes a call to calloc out of the malloc and memset that calloc itself is made of. */
const OWN = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-fno-builtin"];
export const OWN_SOURCES = ["abi", "constants", "start", "runtime", "malloc", "calls", "kernel"];

/**
 * A file of the runtime that compiles for x86-64 and arm64 alone. Of what is in it, a library has only a source of random
 * numbers, arc4random_buf. tsgosu calls nothing that needs it: if it did, the link would fail.
 */
const LEFT_OUT = ["src/scr_musl.c"];

/** Functions of the runtime and of libc whose callers get ours instead, named __wrap_NAME (start.c and runtime.c say why). */
export const REPLACED = ["scr_exc_print_uncaught", "abort", "getenv", "scr_f64_to_str", "snprintf", "vsnprintf"];

/** Nothing of the runtime runs before main. */
const NO_CONSTRUCTORS = "src/kernel/static/discard.ld";

/** A static, position-independent file with nothing in it that is not called, and read-only where it can be (RELRO). */
const LINK = [
  ...SMALL,
  "-static",
  "-fPIE",
  "-pie",
  "-Wl,--gc-sections",
  "-Wl,-z,relro",
  "-Wl,-z,now",
  "-Wl,-z,noexecstack",
];

/** What must be in the linked file: our start and ends, and what they are called from. */
export const REQUIRED = [
  ...REPLACED.map((name) => `__wrap_${name}`),
  "scr_init",
  "scr_lib_init",
  "scr_library_set_sink",
  "__stack_chk_fail",
];

/** What must not be in the linked file: what is replaced, what the runtime's start would bring along, libc's allocator. */
export const FORBIDDEN = [
  ...REPLACED,
  "scr_flush_at_exit",
  "scr_uptime_anchor_init",
  "setvbuf",
  "sscanf",
  "printf_core",
  "c.malloc.malloc",
];

/** What scriptc says of its runtime. */
export interface LinkInfo {
  readonly runtime_pack: {
    readonly root: string;
    readonly source_sets: readonly {
      readonly sources: readonly string[];
      readonly include_directories: readonly string[];
      readonly defines: readonly string[];
    }[];
  };
  readonly link: { readonly system_libraries: readonly string[] };
}

/** What a build for a measurement has besides: flags for the C of the program and for ours, and C files. */
export interface Extras {
  readonly flags: readonly string[];
  readonly sources: readonly string[];
}

/**
 * Builds the static executable for `architecture` (a `target` of architectures.ts) into the file `output`, and the C that it is made
 * of beside it. `entry` is the TypeScript file where the program starts. Throws an Error if a step fails, or if the linked file has a
 * symbol that it must not have, lacks one that it must have, or is for another machine.
 */
export function buildStatic(
  architecture: string,
  output: string,
  entry = "src/entry/static.ts",
  extras: Extras = { flags: [], sources: [] },
): void {
  const expected = architectureNamed(architecture);
  const work = workOf(architecture, output);
  mkdirSync(work, { recursive: true });
  mkdirSync("dist", { recursive: true });
  const target = ["-target", `${architecture}-linux-musl`, ...(PROCESSOR[architecture] ?? [])];
  const compile = [...target, ...SMALL, ...HARDENED];

  const program = join(work, "program.c");
  tell(`${output}: writing ${entry} and what it imports as C`, "build");
  const info = generate(architecture, entry, work, program);
  const { root, source_sets: sets } = info.runtime_pack;
  const scriptcFlags = [
    ...compile,
    ...SCRIPTC,
    ...sets.flatMap((set) => set.defines.map((define) => `-D${define}`)),
    ...sets.flatMap((set) => set.include_directories.map((directory) => `-I${join(root, directory)}`)),
  ];
  const runtimeSources = [...sets.flatMap((set) => set.sources), "src/scr_library.c"]
    .filter((file) => !LEFT_OUT.includes(file))
    .map((file) => join(root, file));
  const ownSources = [...OWN_SOURCES.map((name) => `src/kernel/static/${name}.c`), ...extras.sources];

  tell(`${output}: compiling that C for ${architecture} (the first time, with musl, this takes minutes)`, "build");
  // -r: the objects of many files as one.
  const objects = ["program", "runtime", "own"].map((name) => join(work, `${name}.o`));
  const [programObject = "", runtimeObject = "", ownObject = ""] = objects;
  zig(["cc", ...scriptcFlags, ...GENERATED, ...extras.flags, "-c", program, "-o", programObject]);
  zig(["cc", ...scriptcFlags, FOR_A_LIBRARY, "-r", ...runtimeSources, "-o", runtimeObject]);
  zig(["cc", ...compile, ...OWN, ...extras.flags, "-r", ...ownSources, "-o", ownObject]);

  const whole = join(work, "whole.o");
  zig(["ld.lld", "-r", ...REPLACED.map((name) => `--wrap=${name}`), "-T", NO_CONSTRUCTORS, ...objects, "-o", whole]);

  const libraries = info.link.system_libraries.map((library) => `-l${library}`);
  const withSymbols = symbolsFile(architecture, output);
  const stripped = join(work, "stripped");
  // -g: or zig leaves the symbols out.
  zig(["cc", ...target, whole, ...LINK, ...libraries, "-g", "-o", withSymbols]);
  checkSymbols(definedSymbols(readFileSync(withSymbols)));
  zig(["cc", ...target, whole, ...LINK, ...libraries, "-s", "-o", stripped]);
  checkMachine(readFileSync(stripped), expected);

  copyFileSync(program, `${output}.c`);
  renameSync(stripped, output);
}

function workOf(architecture: string, output: string): string {
  return join("build", architecture, basename(output));
}

/** Where the build leaves the executable `output` with all its symbols. */
export function symbolsFile(architecture: string, output: string): string {
  return join(workOf(architecture, output), "with-symbols");
}

/** Throws an Error that names the symbol, if one is linked that must not be, or one is missing that must be there. */
export function checkSymbols(symbols: ReadonlySet<string>): void {
  const unwanted = FORBIDDEN.filter((name) => symbols.has(name));
  if (unwanted.length > 0) throw new Error(`the static executable must not have, and has: ${unwanted.join(", ")}`);
  const missing = REQUIRED.filter((name) => !symbols.has(name));
  if (missing.length > 0) throw new Error(`the static executable must have, and lacks: ${missing.join(", ")}`);
}

/** Lets scriptc write the program as C, and say what that has to be linked with. */
export function generate(architecture: string, entry: string, work: string, program: string): LinkInfo {
  // scriptc wants to see the library that the functions are in, and would link it. It is linked here, later.
  const library = join(work, "no-library.o");
  writeFileSync(library, "");
  const manifest = join(work, "bindings.json");
  writeFileSync(manifest, JSON.stringify(bindings(basename(library))));
  // scriptc writes the whole path of the source into comments. This path is right, and the same on every machine.
  const words = [manifest, join("/proc/self/cwd", entry)];
  scriptc(architecture, ["c", program, ...words]);
  // What to link is the same everywhere, but scriptc says it only for the architecture it runs on.
  const info = scriptc("x86_64", ["link", join(work, "info.o"), ...words]);
  return JSON.parse(info) as LinkInfo;
}

const PATH = `${join(PROJECT, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`;

/** Both tools are Node programs, which a test runner's NODE_OPTIONS would break; it puts them back wherever it can. */
const WITHOUT_OPTIONS = ["-u", "NODE_OPTIONS"];

function scriptc(architecture: string, words: readonly string[]): string {
  const target = `SCRIPTC_TARGET=${architecture}-linux-musl`;
  const script = join(PROJECT, "scripts", "scriptc.ts");
  return execFileSync("env", [...WITHOUT_OPTIONS, target, process.execPath, script, ...words], {
    encoding: "utf8",
    env: { ...process.env, PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function zig(words: readonly string[]): void {
  execFileSync("env", [...WITHOUT_OPTIONS, "zig", ...words], {
    env: { ...process.env, PATH },
    stdio: ["ignore", "inherit", "inherit"],
  });
}

// Builds dist/tsgosu-static: TypeScript → C (scriptc) → machine code (zig cc), one static file.
// usage: node scripts/build-static.ts [x86_64|aarch64]

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bindings } from "./bindings.ts";
import { PROJECT } from "./host.ts";
import { weaken } from "./weaken.ts";

interface LinkInfo {
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

/** How everything is compiled: small before fast, since the way to exec is system calls; what checksec(1) looks for. */
const COMPILE = [
  "-Os",
  "-fPIE",
  "-fstack-protector-strong",
  "-fomit-frame-pointer",
  "-fno-asynchronous-unwind-tables",
  "-fno-unwind-tables",
];

/** What scriptc itself compiles with, and needs for its object model. */
const SCRIPTC = ["-std=c11", "-ffunction-sections", "-fdata-sections", "-fno-math-errno", "-fno-strict-aliasing", "-w"];

/** Generated code counts references at every turn: inlined, that is a fifth of its size. */
const PROGRAM = ["-fno-inline"];

/** -fno-builtin: or the compiler makes a call to calloc out of the malloc and memset that calloc itself is made of. */
const OWN = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-fno-builtin"];

/**
 * What of scriptc's runtime does not suit a program that runs as root: its start, which reads a word and a variable of its
 * own, its ends, and its way of writing numbers. The linker takes the functions of these names in runtime.c, since the
 * runtime's are made weak.
 */
const REPLACED = [
  "scr_init",
  "scr_lib_init",
  "scr_exc_print_uncaught",
  "scr_trap",
  "scr_trap_fmt",
  "scr_trap_len",
  "scr_f64_to_str",
];

/** What would be linked with the functions that are replaced, and must not be. */
const UNWANTED = ["scr_flush_at_exit", "scr_lib_cleanup", "setvbuf", "sscanf", "printf_core", "strtod"];

/** How everything is linked: one static, position-independent file with nothing in it that is not called. */
const LINK = ["-static", "-pie", "-Wl,--gc-sections", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack"];

/** Builds the static executable for `architecture` (x86_64 or aarch64) into the file `output`. */
export function buildStatic(architecture: string, output: string): void {
  const work = join("build", architecture);
  mkdirSync(work, { recursive: true });
  mkdirSync("dist", { recursive: true });
  const compile = ["-target", `${architecture}-linux-musl`, ...COMPILE];

  // scriptc looks at the objects that its program is to be linked with.
  const own = ["calls", "kernel", "malloc", "runtime"].map((name) =>
    compiled(work, `src/kernel/static/${name}.c`, [...compile, ...OWN]),
  );
  const program = join(work, "program.c");
  const info = generate(architecture, work, program);
  const { root, source_sets: sets } = info.runtime_pack;
  const generated = [
    ...compile,
    ...SCRIPTC,
    ...sets.flatMap((set) => set.defines.map((define) => `-D${define}`)),
    ...sets.flatMap((set) => set.include_directories.map((directory) => `-I${join(root, directory)}`)),
  ];
  const sources = sets.flatMap((set) => set.sources.map((source) => join(root, source)));
  const objects = [
    compiled(work, program, [...generated, ...PROGRAM]),
    ...own,
    ...sources.map((source) => compiled(work, source, generated)),
  ];

  // The functions of runtime.c win, since those of the runtime are weak.
  for (const object of objects) if (!own.includes(object)) weaken(object, new Set(REPLACED));

  const libraries = info.link.system_libraries.map((library) => `-l${library}`);
  const link = ["-target", `${architecture}-linux-musl`, ...objects, ...LINK, ...libraries];
  const withSymbols = join(work, "tsgosu-with-symbols");
  zig([...link, "-o", withSymbols]);
  checkSymbols(symbolsOf(withSymbols));
  const stripped = join(work, "tsgosu");
  zig([...link, "-s", "-o", stripped]);
  renameSync(stripped, output);
  copyFileSync(program, `${output}.c`);
}

/** Compiles one C file; its object. */
function compiled(work: string, source: string, flags: readonly string[]): string {
  const object = join(work, `${basename(source, ".c")}.o`);
  zig([...flags, "-c", source, "-o", object]);
  return object;
}

/** The names of the functions and variables that a linked file defines. */
export function symbolsOf(file: string): Set<string> {
  const listing = execFileSync("nm", ["--defined-only", "--format=just-symbols", file], { encoding: "utf8" });
  return new Set(listing.trim().split("\n"));
}

/** What the executable must have: its calls, the functions of runtime.c, its own allocator, the stack protector. */
const WANTED = [...REPLACED, "kernel_execve", "kernel_setresuid", "malloc", "__stack_chk_fail"];

/** Throws an Error that names the symbol, where one is linked that must not be, or one is missing that must be there. */
export function checkSymbols(symbols: ReadonlySet<string>): void {
  for (const name of UNWANTED)
    if (symbols.has(name))
      throw new Error(`${name} is linked, and must not be: who calls it? (scripts/build-static.ts)`);
  for (const name of WANTED)
    if (!symbols.has(name)) throw new Error(`${name} is not linked, and must be (scripts/build-static.ts)`);
}

/** Lets scriptc write the program as C, and say what that has to be linked with. */
function generate(architecture: string, work: string, program: string): LinkInfo {
  const manifest = join(work, "bindings.json");
  writeFileSync(manifest, JSON.stringify(bindings("kernel.o")));
  const words = ["--ffi", manifest, "src/entry/static.ts"];
  scriptc(architecture, ["build", "--emit=c", "-o", program, ...words]);
  // What to link is the same everywhere, but scriptc says it only for the architecture it runs on.
  const info = scriptc("x86_64", ["build", "--print=native-link-info", "-o", join(work, "info.o"), ...words]);
  return JSON.parse(info) as LinkInfo;
}

const PATH = `${join(PROJECT, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`;

/** Both tools are Node programs, which a test runner's NODE_OPTIONS would break; it puts them back wherever it can. */
const WITHOUT_OPTIONS = ["-u", "NODE_OPTIONS"];

function scriptc(architecture: string, words: readonly string[]): string {
  return execFileSync("env", [...WITHOUT_OPTIONS, `SCRIPTC_TARGET=${architecture}-linux-musl`, "scriptc", ...words], {
    encoding: "utf8",
    env: { ...process.env, PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function zig(words: readonly string[]): void {
  execFileSync("env", [...WITHOUT_OPTIONS, "zig", "cc", ...words], {
    env: { ...process.env, PATH },
    stdio: ["ignore", "inherit", "inherit"],
  });
}

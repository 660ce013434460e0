// Builds dist/tsgosu-static: TypeScript → C (scriptc) → machine code (zig cc), one static file.
// usage: node scripts/build-static.ts [x86_64|aarch64]

import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bindings } from "./bindings.ts";
import { PROJECT } from "./host.ts";

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

// Small before fast: the way to exec is system calls. Unwind tables serve the exceptions of C++.
const SMALL = ["-Os", "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"];

// The runtime reads the clock before main, for process.uptime(), which nobody asks for.
const NO_CONSTRUCTORS = "-Dconstructor=unused";

// What scriptc itself compiles with, and needs for its object model.
const SCRIPTC = [
  "-std=c11",
  "-ffunction-sections",
  "-fdata-sections",
  "-fno-math-errno",
  "-fno-strict-aliasing",
  "-w",
  NO_CONSTRUCTORS,
];

// -fno-builtin: or the compiler makes a call to calloc out of the malloc and memset that calloc itself is made of.
const STRICT = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-fno-builtin"];

// Generated code counts references at every turn: inlined, that is a fifth of its size. It also sets up stdio, prints what
// nobody caught and reads words of its own: nothing uses the first, main.ts does the second, and the third must not be.
const PROGRAM = [
  "-fno-inline",
  "-Dscr_lib_init(count,words)=kernel_no_runtime_words()",
  "-Dscr_init=kernel_no_runtime_words",
  "-Dscr_exc_print_uncaught=kernel_no_runtime_words",
];

// runtime.c writes numbers, whole ones, in place of this.
const NUMBERS = "-Dscr_f64_to_str=scr_f64_to_str_of_any";
const isNumbers = (source: string): boolean => source.endsWith("/scr_number.c");

/** Builds the static executable for `architecture` (x86_64 or aarch64) into the file `output`. */
export function buildStatic(architecture: string, output: string): void {
  const work = join("build", architecture);
  mkdirSync(work, { recursive: true });
  mkdirSync("dist", { recursive: true });
  const target = ["-target", `${architecture}-linux-musl`, ...SMALL];

  const own = ["calls", "kernel", "malloc", "runtime"].map((name) => {
    const object = join(work, `${name}.o`);
    zig([...target, ...STRICT, "-c", `src/kernel/static/${name}.c`, "-o", object]);
    return object;
  });

  const program = join(work, "program.c");
  const info = generate(architecture, work, program);
  const { root, source_sets: sets } = info.runtime_pack;
  const flags = [
    ...target,
    ...SCRIPTC,
    ...sets.flatMap((set) => set.defines.map((define) => `-D${define}`)),
    ...sets.flatMap((set) => set.include_directories.map((directory) => `-I${join(root, directory)}`)),
  ];
  const object = join(work, "program.o");
  zig([...flags, ...PROGRAM, "-c", program, "-o", object]);

  const sources = sets.flatMap((set) => set.sources.map((source) => join(root, source)));
  const numbers = join(work, "numbers.o");
  zig([...flags, NUMBERS, "-c", sources.find(isNumbers) ?? "", "-o", numbers]);
  const runtime = [...sources.filter((source) => !isNumbers(source)), numbers];
  const libraries = info.link.system_libraries.map((library) => `-l${library}`);
  const linked = join(work, "tsgosu");
  zig([...flags, object, ...own, ...runtime, "-static", "-Wl,--gc-sections", ...libraries, "-s", "-o", linked]);
  renameSync(linked, output);
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

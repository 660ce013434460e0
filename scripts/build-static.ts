// Builds dist/tsgosu-static: TypeScript → C (scriptc) → machine code (zig cc), one static file.
// usage: node scripts/build-static.ts [x86_64|aarch64]

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bindings } from "./bindings.ts";
import { borrow } from "./borrow.ts";
import { slim } from "./slim.ts";

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

// Small before fast: the way to exec is system calls. Unwind tables serve exceptions of C++, inlining and repeated
// reference counting cost a third of the size (the outliner makes the latter calls).
const SMALL = [
  "-Os",
  "-fno-inline",
  "-fno-asynchronous-unwind-tables",
  "-fno-unwind-tables",
  "-mllvm",
  "-enable-machine-outliner=always",
];

// What scriptc itself compiles with, and needs for its object model.
const SCRIPTC = [
  "-std=c11",
  "-ffunction-sections",
  "-fdata-sections",
  "-fno-math-errno",
  "-fno-strict-aliasing",
  "-Wno-deprecated-declarations",
];

// Generated code prints what nobody caught and reads words of its own: main.ts does the one, and the other must not be.
const PROGRAM = [
  "-Dscr_lib_init(count,words)=kernel_no_runtime_words()",
  "-Dscr_exc_print_uncaught=kernel_no_runtime_words",
];

export function buildStatic(architecture: string, output: string): void {
  const work = join("build", architecture);
  mkdirSync(work, { recursive: true });
  mkdirSync("dist", { recursive: true });
  const manifest = join(work, "bindings.json");
  writeFileSync(manifest, JSON.stringify(bindings("kernel.o")));

  const target = ["-target", `${architecture}-linux-musl`];
  const kernelObject = join(work, "kernel.o");
  zig([
    ...target,
    ...SMALL,
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-c",
    "src/kernel/kernel.c",
    "-o",
    kernelObject,
  ]);

  const program = join(work, "program.c");
  const scriptcArguments = ["--ffi", manifest, "src/entry/static.ts"];
  scriptc(architecture, ["build", "--emit=c", "-o", program, ...scriptcArguments]);
  writeFileSync(program, slim(borrow(readFileSync(program, "utf8"))));
  const info = linkInfo(architecture, [
    "build",
    "--print=native-link-info",
    "-o",
    join(work, "info.o"),
    ...scriptcArguments,
  ]);

  const root = info.runtime_pack.root;
  const sets = info.runtime_pack.source_sets;
  const flags = [
    ...target,
    ...SCRIPTC,
    ...SMALL,
    ...sets.flatMap((set) => set.defines.map((define) => `-D${define}`)),
    ...sets.flatMap((set) => set.include_directories.map((directory) => `-I${join(root, directory)}`)),
  ];
  const programObject = join(work, "program.o");
  zig([...flags, ...PROGRAM, "-w", "-c", program, "-o", programObject]);
  const runtime = sets.flatMap((set) => set.sources.map((source) => join(root, source)));
  const libraries = info.link.system_libraries.map((library) => `-l${library}`);
  const linked = join(work, "tsgosu");
  zig([
    ...flags,
    "-w",
    programObject,
    kernelObject,
    ...runtime,
    "-static",
    "-Wl,--gc-sections",
    ...libraries,
    "-s",
    "-o",
    linked,
  ]);
  renameSync(linked, output);
}

function linkInfo(architecture: string, words: readonly string[]): LinkInfo {
  return JSON.parse(scriptc(architecture, words)) as LinkInfo;
}

function scriptc(architecture: string, words: readonly string[]): string {
  return execFileSync("node_modules/.bin/scriptc", words, {
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `node_modules/.bin:${process.env["PATH"] ?? ""}`,
      SCRIPTC_TARGET: `${architecture}-linux-musl`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function zig(words: readonly string[]): void {
  execFileSync("node_modules/.bin/zig", ["cc", ...words], { stdio: ["ignore", "inherit", "inherit"] });
}

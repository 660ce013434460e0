// Builds the fuzzers of test/native as native code, each only where what it is made of has changed:
//   plain      as the executable itself is built (build-static.ts)
//   sanitized  the same C by clang for glibc, with AddressSanitizer and UndefinedBehaviorSanitizer
//   allocator  like it, on the executable's own allocator, which AddressSanitizer watches as well (test/native/allocator.c)
// usage: node scripts/build-fuzzer.ts [soon | fast]

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildStatic, generate, OWN_SOURCES, REPLACED, SCRIPTC } from "./build-static.ts";
import { attempt, BUILD, installPackages, PROJECT } from "./host.ts";

export type Variant = "plain" | "sanitized" | "allocator";
export const VARIANTS: readonly Variant[] = ["plain", "sanitized", "allocator"];

const ENTRY = "test/native/entry.ts";
const WORK = join(BUILD, "fuzz");

/** What both sanitizers find ends the program. -O1: as fast as can be while a report still names the right line. */
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const SANITIZED = [...SANITIZERS, "-O1", "-g1", "-fno-omit-frame-pointer", "-fPIE"];

/** How the generated C is compiled: soon (3 s instead of 23), or so that it runs twice as fast. */
export type Effort = "soon" | "fast";
const EFFORTS: Readonly<Record<Effort, readonly string[]>> = { soon: ["-O0"], fast: [] };

/** Installs clang with its sanitizers, where it does not work. Throws a SetupError that says what to install. */
export function ensureClang(): void {
  const probe = ["clang", "-fsanitize=address,undefined", "-x", "c", "-", "-o", "/dev/null"];
  if (attempt(probe, { input: "int main(void) { return 0; }\n" }).code === 0) return;
  installPackages(["clang", "libclang-rt-dev", "libc6-dev"], "the native fuzzers need clang with its sanitizers");
}

/** The fuzzers, built where they have to be: where each stands. */
export async function buildFuzzers(effort: Effort): Promise<Map<Variant, string>> {
  mkdirSync(WORK, { recursive: true });
  const version = versionOf();
  const files = new Map(VARIANTS.map((variant) => [variant, fileOf(variant, version, effort)]));
  const missing = VARIANTS.filter((variant) => !existsSync(files.get(variant) ?? ""));
  if (missing.length > 0) {
    for (const old of readdirSync(WORK))
      if (/^(plain|sanitized|allocator)-/.test(old) && !old.includes(version)) rmSync(join(WORK, old));
    // Each in a process of its own, so that both processors have something to do.
    const plain = missing.includes("plain") ? node("plain", version, effort) : undefined;
    const others = missing.some((variant) => variant !== "plain") ? node("sanitized", version, effort) : undefined;
    await Promise.all([plain, others]);
  }
  return files;
}

/** Where a fuzzer stands. The plain one is compiled in one way only. */
function fileOf(variant: Variant, version: string, effort: Effort): string {
  return join(WORK, variant === "plain" ? `plain-${version}` : `${variant}-${version}-${effort}`);
}

/** What a fuzzer is made of, as one word. */
function versionOf(): string {
  const hash = createHash("sha256");
  const made = ["src", "test/native", "scripts/build-fuzzer.ts", "scripts/build-static.ts", "package-lock.json"];
  for (const top of made) {
    const path = join(PROJECT, top);
    const files = top.includes(".") ? [""] : readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
    for (const file of files) if (/(^|\.(c|h|ld|ts))$/.test(file)) hash.update(readFileSync(join(path, file)));
  }
  return hash.digest("hex").slice(0, 12);
}

async function node(variant: Variant, version: string, effort: Effort): Promise<void> {
  await run("env", ["-u", "NODE_OPTIONS", process.execPath, import.meta.filename, effort, variant, version]);
}

/** Runs a program that has to succeed. Rejects with an Error otherwise. */
function run(program: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(program, words, { cwd: PROJECT, stdio: ["ignore", "inherit", "inherit"] })
      .on("error", reject)
      .on("close", (code) =>
        code === 0 ? resolve() : reject(new Error(`${program} ${words.join(" ")} ended with ${code}`)),
      );
  });
}

function buildPlain(version: string): void {
  buildStatic("x86_64", "build/fuzz/plain", ENTRY);
  renameSync(join(WORK, "plain"), fileOf("plain", version, "fast"));
}

/** Compiles as many files at once as there are processors to spare, and links two executables. */
async function buildSanitized(version: string, effort: Effort): Promise<void> {
  ensureClang();
  const work = join("build", "fuzz", "sanitized");
  mkdirSync(work, { recursive: true });
  const program = join(work, "program.c");
  const { root, source_sets: sets } = generate("x86_64", ENTRY, work, program).runtime_pack;
  // The C is the same for musl and for glibc; the runtime's own answer to what musl lacks is not needed.
  const isForMusl = (word: string): boolean => /musl/i.test(word);
  const sources = [...sets.flatMap((set) => set.sources), "src/scr_library.c"].filter((file) => !isForMusl(file));
  const defines = sets.flatMap((set) => set.defines).filter((word) => !isForMusl(word));
  const includes = sets.flatMap((set) => set.include_directories).map((directory) => `-I${join(root, directory)}`);
  const scriptc = [...SANITIZED, ...SCRIPTC, ...defines.map((word) => `-D${word}`), ...includes];

  const runtime = await runtimeObject(work, root, sources, scriptc);
  const objects = [runtime, join(work, "program.o")];
  const compiled = [run("clang", [...scriptc, ...EFFORTS[effort], "-c", program, "-o", join(work, "program.o")])];
  // malloc has an executable of its own; what constants asserts is about the headers that come with zig.
  for (const name of OWN_SOURCES.filter((source) => source !== "malloc" && source !== "constants")) {
    const object = join(work, `${name}.o`);
    objects.push(object);
    compiled.push(run("clang", [...SANITIZED, "-std=c11", "-c", `src/kernel/static/${name}.c`, "-o", object]));
  }
  const allocator = join(work, "allocator.o");
  // The allocator may touch what nobody else may.
  const watching = [...SANITIZED, "-fno-sanitize=address", "-std=c11", "-D_GNU_SOURCE"];
  compiled.push(run("clang", [...watching, "-c", "test/native/allocator.c", "-o", allocator]));
  await Promise.all(compiled);

  await link(objects, REPLACED, fileOf("sanitized", version, effort));
  const replaced = [...REPLACED, "malloc", "calloc", "realloc", "free"];
  await link(objects, replaced, fileOf("allocator", version, effort), allocator);
}

/** scriptc's runtime as one object, which seldom changes. */
async function runtimeObject(
  work: string,
  root: string,
  sources: readonly string[],
  flags: readonly string[],
): Promise<string> {
  const hash = createHash("sha256").update(flags.join(" "));
  for (const source of sources) hash.update(readFileSync(join(root, source)));
  const object = join(work, `runtime-${hash.digest("hex").slice(0, 12)}.o`);
  if (existsSync(object)) return object;
  const objects = sources.map((source) => join(work, `${source.replaceAll("/", "-")}.o`));
  const compile = async (first: number): Promise<void> => {
    for (let i = first; i < sources.length; i += 2)
      await run("clang", [...flags, "-DSCR_LIB", "-c", join(root, sources[i] ?? ""), "-o", objects[i] ?? ""]);
  };
  await Promise.all([compile(0), compile(1)]);
  await run("ld", ["-r", ...objects, "-o", `${object}.new`]);
  renameSync(`${object}.new`, object);
  return object;
}

/** Links with the same functions replaced as in the executable itself; those of the sanitizers stay as they are. */
async function link(
  objects: readonly string[],
  replaced: readonly string[],
  file: string,
  ...others: readonly string[]
): Promise<void> {
  const whole = `${file}.o`;
  await run("ld", ["-r", ...replaced.map((name) => `--wrap=${name}`), ...objects, "-o", whole]);
  await run("clang", [...SANITIZED, "-pie", whole, ...others, "-lm", "-o", `${file}.new`]);
  rmSync(whole);
  renameSync(`${file}.new`, file);
}

if (import.meta.main) {
  const [wanted = "soon", variant, version] = process.argv.slice(2);
  const effort: Effort = wanted === "fast" ? "fast" : "soon";
  process.chdir(PROJECT);
  if (version === undefined) await buildFuzzers(effort);
  else if (variant === "plain") buildPlain(version);
  else await buildSanitized(version, effort);
}

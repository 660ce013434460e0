// npm run release: everything that is published, in dist/release: the same bytes of the same commit, wherever, whenever and by whomever it is made.
// usage: npm run release [-- [--key FILE] [--output FOLDER] [--only static|node] [ARCHITECTURE ...]]
//        --key      the secret key of minisign(1) that signs SHA256SUMS; without it the release has no signature
//        --only     only the static executables and their packages, or only those for Node
//        ARCHITECTURE ...    only these, such as amd64

import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { VERSION } from "../src/version.ts";
import { ARCHITECTURES, type Architecture, architectureNamed } from "./architectures.ts";
import { PROJECT, SetupError, tell } from "./host.ts";
import { type Addresses, addressesOf } from "./release/addresses.ts";
import { type Entry, tarGz } from "./release/archive.ts";
import { type Commit, checkedOut } from "./release/commit.ts";
import { debianName, debianPackage } from "./release/debian.ts";
import { DOCUMENTS } from "./release/documents.ts";
import { imageFiles, labelsOf, ociArchive } from "./release/image.ts";
import { licences } from "./release/licences.ts";
import { mainArchive, platformArchive } from "./release/npm.ts";
import { build, nodeProgram, type Program, staticProgram } from "./release/program.ts";
import { sbomOf } from "./release/sbom.ts";
import { checkKey, signature } from "./release/sign.ts";
import { sums } from "./release/sums.ts";
import { vexOf } from "./release/vex.ts";

interface Wishes {
  readonly key: string | undefined;
  readonly output: string;
  readonly only: "static" | "node" | undefined;
  readonly architectures: readonly Architecture[];
}

/** The files of a release by their names. */
type Release = Map<string, Buffer>;

/** The files that are programs. */
const EXECUTABLE = /^(tsgosu(-node)?-linux-[a-z0-9]+|verify)$/;

function wishesOf(words: readonly string[]): Wishes {
  const { values, positionals } = parsed(words);
  const { only } = values;
  if (only !== undefined && only !== "static" && only !== "node")
    throw new SetupError(`--only ${only}: it is static or node`);
  // Before the work, which takes minutes.
  if (values.key !== undefined) checkKey(values.key);
  return {
    key: values.key,
    output: values.output ?? join(PROJECT, "dist", "release"),
    only,
    architectures: positionals.length === 0 ? ARCHITECTURES : [...new Set(positionals.map(architectureNamed))],
  };
}

function parsed(words: readonly string[]) {
  const options = { key: { type: "string" }, output: { type: "string" }, only: { type: "string" } } as const;
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new SetupError(error instanceof Error ? error.message : String(error));
  }
}

async function make(wishes: Wishes, commit: Commit, addresses: Addresses): Promise<Release> {
  const release: Release = new Map([["verify", readFileSync("scripts/verify")]]);
  const { only, architectures } = wishes;
  if (only !== "node") await addStatic(release, architectures.map(staticProgram), commit, addresses);
  if (only !== "static") {
    const programs = architectures.flatMap((one) => nodeProgram(one) ?? []);
    for (const program of programs) {
      await build(program, VERSION);
      addProgram(release, program, sbomOf(program, VERSION, commit, addresses), commit);
    }
  }
  return release;
}

async function addStatic(
  release: Release,
  programs: readonly Program[],
  commit: Commit,
  addresses: Addresses,
): Promise<void> {
  const images = [];
  for (const program of programs) {
    await build(program, VERSION);
    const sbom = sbomOf(program, VERSION, commit, addresses);
    addProgram(release, program, sbom, commit);
    addSource(release, program);
    const work = join("build", `debian.${process.pid}`);
    release.set(debianName(program, VERSION), debianPackage(program, sbom, VERSION, commit, addresses, work));
    release.set(...platformArchive(program, sbom, licences("static"), VERSION, commit, addresses));
    const files = imageFiles(program, sbom, licences("static"));
    images.push({ architecture: program.architecture.name, files });
  }
  const architectures = programs.map(({ architecture }) => architecture);
  release.set(...mainArchive(architectures, VERSION, commit, addresses));
  const name = addresses.image === "" ? "localhost/tsgosu" : addresses.image;
  const labels = labelsOf(VERSION, commit, addresses);
  release.set(`tsgosu-${VERSION}-oci.tar`, ociArchive(images, labels, `${name}:${VERSION}`, commit.time));
  release.set(`tsgosu-${VERSION}.openvex.json`, Buffer.from(vexOf(programs, VERSION, commit)));
}

/** The executable, what is inside it, and an archive of it with its documents. */
function addProgram(release: Release, { name, kind, file }: Program, sbom: string, commit: Commit): void {
  const content = readFileSync(file);
  release.set(name, content);
  release.set(`${name}.cdx.json`, Buffer.from(sbom));
  const entries: Entry[] = [
    { path: "tsgosu", mode: 0o755, content },
    { path: "LICENSE", mode: 0o644, content: Buffer.from(licences(kind)) },
    { path: "tsgosu.cdx.json", mode: 0o644, content: Buffer.from(sbom) },
    ...DOCUMENTS.map((path): Entry => ({ path, mode: 0o644, content: readFileSync(path) })),
  ];
  const folder = name.replace("tsgosu", `tsgosu-${VERSION}`);
  const inFolder = entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` }));
  release.set(`${folder}.tar.gz`, tarGz(inFolder, commit.time));
}

/** The C that the static executables are compiled from: one file, since it is the same for all of them. */
function addSource(release: Release, { file }: Program): void {
  const name = `tsgosu-${VERSION}.c`;
  const content = readFileSync(`${file}.c`);
  if (release.get(name)?.equals(content) === false) throw new Error(`${file}.c is other C than that of the others`);
  release.set(name, content);
}

/** Writes all files, and puts them in the place of an earlier release in one step. */
function write(release: Release, output: string): void {
  const work = `${output}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    for (const [name, content] of release) {
      writeFileSync(join(work, name), content);
      chmodSync(join(work, name), EXECUTABLE.test(name) ? 0o755 : 0o644);
    }
    chmodSync(work, 0o755);
    rmSync(output, { recursive: true, force: true });
    mkdirSync(dirname(output), { recursive: true });
    renameSync(work, output);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  const wishes = wishesOf(process.argv.slice(2));
  const commit = checkedOut();
  const addresses = addressesOf(readFileSync("addresses.json", "utf8"));
  const release = await make(wishes, commit, addresses);
  const lines = sums(release);
  release.set("SHA256SUMS", Buffer.from(lines));
  if (wishes.key !== undefined) {
    const comment = `tsgosu ${VERSION}, commit ${commit.hash}`;
    release.set("SHA256SUMS.minisig", signature(lines, wishes.key, comment));
  }
  write(release, wishes.output);
  for (const name of [...release.keys()].sort()) console.log(name);
  const signed = wishes.key === undefined ? "not signed (--key FILE)" : "signed";
  tell(`${wishes.output}: ${release.size} files, ${signed}`, "build");
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`npm run release: ${error.message}\n`);
  process.exitCode = 1;
}

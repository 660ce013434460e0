// The images that tests and the demo start from.

import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Engine, engineWords } from "./engine.ts";
import { attempt, BUILD, hasProgram, installPackages, must, tell } from "./host.ts";

/** The distribution's image, and what of it is needed besides: the Node executable's library, and ps(1). */
const DEBIAN = "docker.io/library/debian:bookworm-slim";
const SUITE = "bookworm";
const PACKAGES = ["libatomic1", "libstdc++6", "procps"];
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Raised when what is done with the packages changes, so that nobody keeps an image made the old way. */
const RECIPE = 2;

const PULL_MS = 60_000;

/** The label of images that are made here, and of all that are made from them: `npm run clean` removes these. */
export const MADE_HERE = "tsgosu.made-here=yes";

/** The release image, which is for others too and so has no such label. */
const RELEASE = /^(localhost\/)?tsgosu(-release)?:/;

/** Whether an image, as NAME:TAG, is the release image. */
export function isRelease(image: string): boolean {
  return RELEASE.test(image);
}

/** Debian bookworm with what tsgosu needs: the tag of an image that is there. Pulled where that works, else made. */
export function ensureBaseImage(engine: Engine): string {
  const image = `localhost/tsgosu-base:${hashOf([`${RECIPE}`, SUITE, ...PACKAGES])}`;
  if (hasImage(engine, image)) return image;
  tell(`making the base image with ${engine.name} (once)`);
  if (!fromRegistry(engine, image)) importRootfs(engine, image);
  return image;
}

function hasImage(engine: Engine, image: string): boolean {
  return attempt(engineWords(engine, ["image", "inspect", image]), engine).code === 0;
}

/** Pulls Debian's image and adds the packages; false where a registry or the packages cannot be reached. */
function fromRegistry(engine: Engine, image: string): boolean {
  const pulled = attempt(engineWords(engine, ["pull", "-q", DEBIAN]), { ...engine, timeout: PULL_MS });
  if (pulled.code !== 0) return false;
  const dockerfile = [
    `FROM ${DEBIAN}`,
    `RUN apt-get update && apt-get install -y --no-install-recommends ${PACKAGES.join(" ")} && rm -rf /var/lib/apt/lists/*`,
    `ENV ${PATH}`,
    `LABEL ${MADE_HERE}`,
  ].join("\n");
  const directory = join(BUILD, "containers", "base");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "Dockerfile"), dockerfile);
  return attempt(engineWords(engine, ["build", "-q", "--network", "host", "-t", image, directory]), engine).code === 0;
}

/** Makes the same with mmdebstrap; the file system is kept, so that a second engine has it at once. */
function importRootfs(engine: Engine, image: string): void {
  const tarball = join(BUILD, "containers", `${SUITE}-${RECIPE}.tar`);
  if (!existsSync(tarball)) {
    if (!hasProgram("mmdebstrap"))
      installPackages(["mmdebstrap"], `${DEBIAN} cannot be pulled, and mmdebstrap, which makes the same, is missing`);
    tell("no registry can be reached: making Debian bookworm with mmdebstrap (about half a minute)");
    const unused = ["man", "doc", "locale", "info"].map((what) => `--dpkgopt=path-exclude=/usr/share/${what}/*`);
    const unfinished = `${tarball}.${process.pid}.tar`;
    mkdirSync(join(BUILD, "containers"), { recursive: true });
    must(["mmdebstrap", "--variant=minbase", `--include=${PACKAGES.join(",")}`, ...unused, SUITE, unfinished]);
    renameSync(unfinished, tarball);
  }
  must(
    engineWords(engine, [
      "import",
      "-c",
      `ENV ${PATH}`,
      "-c",
      `LABEL ${MADE_HERE}`,
      "-c",
      'CMD ["bash"]',
      tarball,
      image,
    ]),
    engine,
  );
}

/** A file of an image's build context: its text, or where it stands on this machine. */
export interface ContextFile {
  readonly name: string;
  readonly text?: string;
  readonly path?: string;
  /** Permission bits; 0644 where not given. */
  readonly mode?: number;
}

/**
 * The tag of an image built from these files, one of which is its Dockerfile, and its ARG BASE where it has one; built
 * only when something changed.
 */
export function ensureImage(engine: Engine, name: string, files: readonly ContextFile[], base: string = ""): string {
  const contents = files.map((file) =>
    file.path === undefined ? Buffer.from(file.text ?? "") : readFileSync(file.path),
  );
  const image = `localhost/${name}:${hashOf([base, ...files.flatMap((file, at) => [file.name, `${file.mode}`, contents[at] ?? ""])])}`;
  if (hasImage(engine, image)) return image;
  const outdated = tagsOf(engine, `localhost/${name}`);
  tell(`making the image ${image}`);
  const directory = join(BUILD, "containers", `${name}.${process.pid}`);
  mkdirSync(directory, { recursive: true });
  const baseFlags = base === "" ? [] : ["--build-arg", `BASE=${base}`];
  try {
    for (const file of files) placeFile(directory, file);
    const flags = ["--label", MADE_HERE, "--network", "none", ...baseFlags];
    must(engineWords(engine, ["build", "-q", ...flags, "-t", image, directory]), engine);
  } finally {
    rmSync(directory, { recursive: true });
  }
  // Executables are large, and every change of one makes another image.
  if (outdated.length > 0) attempt(engineWords(engine, ["rmi", ...outdated]), engine);
  return image;
}

function tagsOf(engine: Engine, name: string): string[] {
  const list = attempt(engineWords(engine, ["images", "--format", "{{.Repository}}:{{.Tag}}", name]), engine);
  return list.stdout.split("\n").filter((tag) => tag.startsWith(`${name}:`));
}

function placeFile(directory: string, file: ContextFile): void {
  const target = join(directory, file.name);
  if (file.path === undefined) writeFileSync(target, file.text ?? "");
  else copyFileSync(file.path, target);
  chmodSync(target, file.mode ?? 0o644);
}

function hashOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 12);
}

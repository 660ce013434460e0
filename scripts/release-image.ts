// The release image, from what stands in dist.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { VERSION } from "../src/version.ts";
import { COMPLETIONS } from "./completions.ts";
import { type Engine, engineWords } from "./engine.ts";
import { attempt, BUILD, must, PROJECT, SetupError, tell } from "./host.ts";

/** As container images name them. */
export type Architecture = "amd64" | "arm64";

/** What the image holds: its name there, and the file in dist. There is no Node executable for arm64. */
const CONTENTS: Readonly<Record<Architecture, readonly (readonly [string, string])[]>> = {
  amd64: [
    ["tsgosu-static", "tsgosu-static"],
    ["tsgosu", "tsgosu"],
  ],
  arm64: [["tsgosu-static", "tsgosu-static-aarch64"]],
};

/** What it holds below /usr/share: the file of the project, and its place there. */
export const SHARED: readonly (readonly [string, string])[] = [
  ...Object.entries(COMPLETIONS).map(([name, place]) => [`completions/${name}`, place] as const),
  ["tsgosu.1", "man/man1/tsgosu.1"],
];

/**
 * The tag of the release image for the architecture, built only when an executable changed. Throws a SetupError where
 * one is not built.
 */
export function ensureReleaseImage(engine: Engine, architecture: Architecture): string {
  const dockerfile = join(PROJECT, "docker", "Dockerfile");
  const hash = createHash("sha256").update(readFileSync(dockerfile));
  for (const [, file] of CONTENTS[architecture]) hash.update(readFileSync(executable(file)));
  for (const [file] of SHARED) hash.update(readFileSync(join(PROJECT, file)));
  const image = `localhost/tsgosu-release:${architecture}-${hash.digest("hex").slice(0, 12)}`;
  if (attempt(engineWords(engine, ["image", "inspect", image]), engine).code === 0) return image;
  tell(`making the image ${image}`);
  const context = join(BUILD, "containers", `release.${process.pid}`);
  mkdirSync(context, { recursive: true });
  try {
    for (const [name, file] of CONTENTS[architecture]) copyFileSync(executable(file), join(context, name));
    for (const [name, place] of SHARED) {
      const target = join(context, "usr/share", place);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(PROJECT, name), target);
    }
    const facts = Object.entries({ VERSION, ...revision() });
    const flags = facts.flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const words = [
      "build",
      "-q",
      "--platform",
      `linux/${architecture}`,
      ...flags,
      "-f",
      dockerfile,
      "-t",
      image,
      context,
    ];
    must(engineWords(engine, words), engine);
  } finally {
    rmSync(context, { recursive: true });
  }
  removeOthers(engine, "localhost/tsgosu-release", `${architecture}-`, image);
  return image;
}

/** Executables are large, and every change of one makes another image. */
function removeOthers(engine: Engine, name: string, prefix: string, kept: string): void {
  const list = attempt(engineWords(engine, ["images", "--format", "{{.Repository}}:{{.Tag}}", name]), engine);
  const tags = list.stdout.split("\n").filter((tag) => tag.startsWith(`${name}:${prefix}`) && tag !== kept);
  if (tags.length > 0) attempt(engineWords(engine, ["rmi", ...tags]), engine);
}

function executable(name: string): string {
  const file = join(PROJECT, "dist", name);
  if (!existsSync(file)) throw new SetupError(`${file} is missing: npm run build`);
  return file;
}

/** The commit and its time, which is the same for everybody who builds it; empty outside a checkout. */
function revision(): { readonly REVISION: string; readonly CREATED: string } {
  const [commit = "", time = ""] = attempt(["git", "-C", PROJECT, "log", "-1", "--format=%H %cI"])
    .stdout.trim()
    .split(" ");
  return { REVISION: commit, CREATED: time };
}

// Packages for npm: `tsgosu`, and one with the static executable for each platform, `@tsgosu/linux-ARCH`, which the first
// lists as optional: npm installs the one that fits. Nothing runs when they are installed.

import { readFileSync } from "node:fs";
import type { Architecture } from "../architectures.ts";
import type { Addresses } from "./addresses.ts";
import { type Entry, tarGz } from "./archive.ts";
import type { Commit } from "./commit.ts";
import { DOCUMENTS, description } from "./documents.ts";
import type { Program } from "./program.ts";

/** What is the same in every package.json. */
function common(name: string, version: string, addresses: Addresses): Readonly<Record<string, unknown>> {
  const { homepage, repository, issues } = addresses;
  return {
    name,
    version,
    description: description(),
    license: "MIT",
    ...(homepage === "" ? {} : { homepage }),
    ...(repository === "" ? {} : { repository: { type: "git", url: `git+${repository}` } }),
    ...(issues === "" ? {} : { bugs: { url: issues } }),
    os: ["linux"],
  };
}

/** The name of the package with the executable for an architecture. */
export function platformPackage({ npm }: Architecture): string {
  return `@tsgosu/linux-${npm}`;
}

/** package.json of `tsgosu`. */
export function mainManifest(
  architectures: readonly Architecture[],
  version: string,
  addresses: Addresses,
): Readonly<Record<string, unknown>> {
  return {
    ...common("tsgosu", version, addresses),
    cpu: architectures.map(({ npm }) => npm),
    bin: { tsgosu: "tsgosu" },
    man: ["./tsgosu.1"],
    optionalDependencies: Object.fromEntries(architectures.map((one) => [platformPackage(one), version])),
  };
}

/**
 * package.json of the package for an architecture. It has no `libc`: a static executable runs with any. It has no `bin`: npm
 * would link it only where the package is asked for by its own name, and there in place of that of `tsgosu`.
 */
export function platformManifest(
  architecture: Architecture,
  version: string,
  addresses: Addresses,
): Readonly<Record<string, unknown>> {
  return { ...common(platformPackage(architecture), version, addresses), cpu: [architecture.npm] };
}

/** The package `tsgosu`: its file's name, and its bytes. */
export function mainArchive(
  architectures: readonly Architecture[],
  version: string,
  commit: Commit,
  addresses: Addresses,
): readonly [string, Buffer] {
  const entries = [
    manifestEntry(mainManifest(architectures, version, addresses)),
    { ...entryOf("tsgosu", "scripts/release/npm-start.sh"), mode: 0o755 as const },
    ...["LICENSE", ...DOCUMENTS].map((file) => entryOf(file, file)),
  ];
  return [`tsgosu-${version}.tgz`, pack(entries, commit)];
}

/** The package of an executable: its file's name, and its bytes. */
export function platformArchive(
  { architecture, file }: Program,
  sbom: string,
  licences: string,
  version: string,
  commit: Commit,
  addresses: Addresses,
): readonly [string, Buffer] {
  const entries = [
    manifestEntry(platformManifest(architecture, version, addresses)),
    { ...entryOf("tsgosu", file), mode: 0o755 as const },
    { path: "LICENSE", mode: 0o644 as const, content: Buffer.from(licences) },
    { path: "tsgosu.cdx.json", mode: 0o644 as const, content: Buffer.from(sbom) },
  ];
  return [`tsgosu-linux-${architecture.npm}-${version}.tgz`, pack(entries, commit)];
}

function manifestEntry(manifest: Readonly<Record<string, unknown>>): Entry {
  return { path: "package.json", mode: 0o644, content: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) };
}

function entryOf(path: string, source: string): Entry {
  return { path, mode: 0o644, content: readFileSync(source) };
}

/** npm wants everything in a folder `package`. */
function pack(entries: readonly Entry[], { time }: Commit): Buffer {
  return tarGz(
    entries.map((entry) => ({ ...entry, path: `package/${entry.path}` })),
    time,
  );
}

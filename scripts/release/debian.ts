// A package for Debian and Ubuntu: the static executable, its manual page and its completions. Nothing runs when it is installed.

import { chmodSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { must } from "../host.ts";
import { SHARED } from "../release-image.ts";
import type { Addresses } from "./addresses.ts";
import { type Entry, gzip } from "./archive.ts";
import type { Commit } from "./commit.ts";
import type { Program } from "./program.ts";

/** A version as Debian sorts it: 1.0.0-rc.1 comes before 1.0.0 (deb-version(7)). */
export function debianVersion(version: string): string {
  return version.replace("-", "~");
}

/** The name of the package's file: without a tilde, for which some places that files are published at put another character. */
export function debianName({ architecture }: Program, version: string): string {
  return `tsgosu_${version}_${architecture.debian}.deb`;
}

/** Makes the package in the folder `work`, which is removed again; its bytes. Throws a SetupError with dpkg-deb's words if that fails. */
export function debianPackage(
  program: Program,
  sbom: string,
  version: string,
  commit: Commit,
  addresses: Addresses,
  work: string,
): Buffer {
  const maintainer = addresses.maintainer === "" ? NOBODY : addresses.maintainer;
  const files = filesOf(program, sbom, version, commit, maintainer);
  const root = join(work, "root");
  const kilobytes = Math.ceil(files.reduce((sum, { content }) => sum + content.length, 0) / 1024);
  const text = control(program, version, maintainer, addresses.homepage, kilobytes);
  const output = join(work, "package.deb");
  try {
    place(root, [...files, { path: "DEBIAN/control", mode: 0o644, content: Buffer.from(text) }], commit.time);
    const seconds = commit.time.getTime() / 1000;
    must(["dpkg-deb", "--root-owner-group", "-Zxz", "--threads-max=1", "--build", root, output], {
      environment: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
    });
    return readFileSync(output);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes the files with just these modes and times, whatever the umask is. */
function place(root: string, files: readonly Entry[], time: Date): void {
  for (const { path, mode, content } of files) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
    for (let above = dirname(path); above !== "."; above = dirname(above)) chmodSync(join(root, above), 0o755);
    utimesSync(file, time, time);
  }
  chmodSync(root, 0o755);
}

/** Debian wants a name and a mail address here. One that leads nowhere by its own words, as long as addresses.json has none. */
const NOBODY = "nobody yet <nobody@invalid>";

/** The file that says what the package is (deb-control(5)). */
export function control(
  { architecture }: Program,
  version: string,
  maintainer: string,
  homepage: string,
  kilobytes: number,
): string {
  return [
    "Package: tsgosu",
    `Version: ${debianVersion(version)}`,
    `Architecture: ${architecture.debian}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${kilobytes}`,
    "Section: admin",
    "Priority: optional",
    ...(homepage === "" ? [] : [`Homepage: ${homepage}`]),
    "Description: becomes a user and runs a command, as a container's first program",
    " It starts as root, becomes the user that the image names, and runs the",
    " command. As PID 1 it stays as the command's init, as that user: it forwards",
    " signals, reaps orphans and passes on the exit status. It can give the user the",
    " IDs of whoever owns a mounted directory, and confine the command.",
    " .",
    " Under the names gosu, su-exec, tini, dumb-init and catatonit it takes the",
    " command lines of these tools.",
    "",
  ].join("\n");
}

function filesOf(program: Program, sbom: string, version: string, commit: Commit, maintainer: string): Entry[] {
  const file = (path: string, content: Buffer | string): Entry => ({
    path,
    mode: 0o644,
    content: Buffer.from(content),
  });
  const doc = "usr/share/doc/tsgosu";
  const shared = SHARED.map(([source, place]) => {
    const content = readFileSync(source);
    return place.includes("/man1/")
      ? file(`usr/share/${place}.gz`, gzip(content))
      : file(`usr/share/${place}`, content);
  });
  return [
    { path: "usr/bin/tsgosu", mode: 0o755, content: readFileSync(program.file) },
    ...shared,
    file(`${doc}/copyright`, copyright()),
    file(`${doc}/changelog.gz`, gzip(Buffer.from(changelog(version, maintainer, commit.time)))),
    file(`${doc}/NEWS.gz`, gzip(readFileSync("CHANGELOG.md"))),
    file(`${doc}/tsgosu.cdx.json`, sbom),
    file("usr/share/lintian/overrides/tsgosu", maintainer === NOBODY ? OVERRIDES + UNPUBLISHED : OVERRIDES),
  ];
}

/** What lintian(1) remarks, and is as it should be. */
const OVERRIDES = `# It runs in images without a libc, which is what it is for.
tsgosu: statically-linked-binary [usr/bin/tsgosu]
# It is no library, but a static executable that may stand anywhere in memory (static PIE).
tsgosu: shared-library-lacks-prerequisites [usr/bin/tsgosu]
`;
const UNPUBLISHED = `# Nobody has published it yet: addresses.json names no maintainer.
tsgosu: bogus-mail-host *
tsgosu: bogus-mail-host-in-debian-changelog *
`;

/** Debian's own form of a changelog (deb-changelog(5)); what has changed is in NEWS. */
export function changelog(version: string, maintainer: string, time: Date): string {
  const date = time.toUTCString().replace("GMT", "+0000");
  return `tsgosu (${debianVersion(version)}) unstable; urgency=medium\n\n  * Release ${version}: see NEWS.gz.\n\n -- ${maintainer}  ${date}\n`;
}

/** Debian's form (DEP 5). The text of Apache's licence is on every Debian system. */
function copyright(): string {
  const paragraph = (text: string): string =>
    text
      .trim()
      .split("\n")
      .map((line) => (line.trim() === "" ? " ." : ` ${line}`))
      .join("\n");
  const [, holder = ""] = /^Copyright (.*)$/m.exec(readFileSync("LICENSE", "utf8")) ?? [];
  const [, permission = ""] = /^(Permission is hereby[\s\S]*)$/m.exec(readFileSync("LICENSE", "utf8")) ?? [];
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: tsgosu
Comment: The executable contains musl, parts of Zig's standard library and compiler-rt, and the runtime of scriptc.

Files: *
Copyright: ${holder}
License: MIT

Files: musl
Copyright: 2005-2020 Rich Felker, et al.
License: MIT
Comment: The C library in usr/bin/tsgosu.

Files: zig
Copyright: Zig contributors
License: MIT
Comment: Parts of Zig's standard library and compiler-rt in usr/bin/tsgosu.

Files: scriptc
Copyright: the authors of scriptc
License: Apache-2.0
Comment: The runtime in usr/bin/tsgosu.

License: MIT
${paragraph(permission)}

License: Apache-2.0
 On Debian systems, the text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`;
}

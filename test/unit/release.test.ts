// The parts of a release that are decided by data alone: archives, package descriptions, documents about what is inside.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as CDX from "@cyclonedx/cyclonedx-library";
import fc from "fast-check";
import t from "tap";
import { ARCHITECTURES, type Architecture } from "../../scripts/architectures.ts";
import { must } from "../../scripts/host.ts";
import { addressesOf } from "../../scripts/release/addresses.ts";
import { type Entry, gzip, tar } from "../../scripts/release/archive.ts";
import { changelog, control, debianVersion } from "../../scripts/release/debian.ts";
import { sha256, urnOf } from "../../scripts/release/hash.ts";
import { labelsOf, ociArchive } from "../../scripts/release/image.ts";
import { mainManifest, platformManifest } from "../../scripts/release/npm.ts";
import { nodeProgram, staticProgram } from "../../scripts/release/program.ts";
import { nodeParts, type Subject, sbom } from "../../scripts/release/sbom.ts";
import { sums } from "../../scripts/release/sums.ts";
import { checkAbsent, vex, WEAKNESSES } from "../../scripts/release/vex.ts";

const time = new Date("2026-01-02T03:04:05Z");
const commit = { hash: "0123456789abcdef0123456789abcdef01234567", time };
const nowhere = addressesOf("{}");
const published = addressesOf(
  JSON.stringify({
    homepage: "https://example.org/tsgosu",
    repository: "https://example.org/tsgosu.git",
    issues: "https://example.org/tsgosu/issues",
    security: "mailto:security@example.org",
    image: "example.org/team/tsgosu",
    maintainer: "A Name <name@example.org>",
  }),
);

function first(): Architecture {
  const [architecture] = ARCHITECTURES;
  if (architecture === undefined) throw new Error("no architecture");
  return architecture;
}

t.test("a tar archive is what tar(1) lists and takes apart: modes, owner, time, content", async (t) => {
  const folder = t.testdir({});
  const file = join(folder, "archive.tar");
  const entries: readonly Entry[] = [
    { path: "b/run", mode: 0o755, content: Buffer.from("#!/bin/sh\n") },
    { path: "b/a/text", mode: 0o644, content: Buffer.alloc(1000, "x") },
    { path: "empty", mode: 0o644, content: Buffer.alloc(0) },
    { path: "block", mode: 0o644, content: Buffer.alloc(512, "y") },
  ];
  writeFileSync(file, tar(entries, time));
  const list = must(["env", "TZ=UTC", "LC_ALL=C", "tar", "--numeric-owner", "--full-time", "-tvf", file]);
  t.same(
    list
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/).join(" ")),
    [
      "drwxr-xr-x 0/0 0 2026-01-02 03:04:05 b/",
      "drwxr-xr-x 0/0 0 2026-01-02 03:04:05 b/a/",
      "-rw-r--r-- 0/0 1000 2026-01-02 03:04:05 b/a/text",
      "-rwxr-xr-x 0/0 10 2026-01-02 03:04:05 b/run",
      "-rw-r--r-- 0/0 512 2026-01-02 03:04:05 block",
      "-rw-r--r-- 0/0 0 2026-01-02 03:04:05 empty",
    ],
  );
  for (const { path, content } of entries) t.equal(must(["tar", "-xOf", file, path]), content.toString(), path);
});

t.test(
  "the order in which files are given makes no difference to an archive, and every other change does",
  async (t) => {
    const entry = fc.record({
      path: fc.stringMatching(/^[a-z]{1,5}\/[a-z]{1,5}$/),
      mode: fc.constantFrom(0o644 as const, 0o755 as const),
      content: fc.uint8Array({ maxLength: 1200 }).map((bytes) => Buffer.from(bytes)),
    });
    const entries = fc.uniqueArray(entry, { selector: ({ path }) => path, minLength: 1 });
    fc.assert(
      fc.property(entries, (list) => {
        const archive = tar(list, time);
        t.equal(archive.length % 512, 0);
        t.ok(tar([...list].reverse(), time).equals(archive));
        t.notOk(tar(list.slice(1), time).equals(archive));
        t.notOk(tar(list, new Date(time.getTime() + 1000)).equals(archive));
      }),
      { numRuns: 50 },
    );
    const long = { path: "x".repeat(300), mode: 0o644 as const, content: Buffer.alloc(0) };
    t.throws(() => tar([long], time), { message: /too long for a tar archive/ });
  },
);

t.test("compressed bytes carry no name and no time", async (t) => {
  const bytes = gzip(Buffer.from("text"));
  t.equal(bytes[3], 0, "no name");
  t.equal(bytes.readUInt32LE(4), 0, "no time");
  t.equal(gunzipSync(bytes).toString(), "text");
});

t.test("the addresses: each is empty, or of the right form", async (t) => {
  t.same(Object.values(nowhere), ["", "", "", "", "", ""]);
  t.equal(published.image, "example.org/team/tsgosu");
  const project = addressesOf(readFileSync("addresses.json", "utf8"));
  t.same(Object.keys(JSON.parse(readFileSync("addresses.json", "utf8"))).sort(), Object.keys(project).sort());
  for (const [text, message] of [
    ["no json", /^addresses.json: not JSON: /],
    ["[]", /^addresses.json: not an object of addresses$/],
    ['{"mail": ""}', /^addresses.json: mail: unknown; the keys are homepage, /],
    [
      '{"homepage": "example.org"}',
      /^addresses.json: homepage: "example.org" is not an address that begins with https/,
    ],
    ['{"homepage": 5}', /^addresses.json: homepage: 5 is not an address/],
    ['{"image": "tsgosu:1.0"}', /^addresses.json: image: .* without a tag$/],
    ['{"maintainer": "name"}', /^addresses.json: maintainer: "name" is not a name and a mail address: NAME <MAIL>$/],
  ] as const)
    t.throws(() => addressesOf(text), { message });
});

t.test("executables have names that say for which machine they are", async (t) => {
  t.same(
    ARCHITECTURES.flatMap((one) => nodeProgram(one)?.name ?? []),
    ["tsgosu-node-linux-amd64", "tsgosu-node-linux-arm64"],
  );
  t.equal(staticProgram(first()).name, "tsgosu-linux-amd64");
});

t.test("npm: the main package lists a package for each platform, and nothing runs on installation", async (t) => {
  const main = mainManifest(ARCHITECTURES, "1.2.3", nowhere);
  t.same(main["cpu"], ["x64", "arm64", "riscv64", "loong64", "ppc64", "s390x"]);
  t.same(main["optionalDependencies"], {
    "@tsgosu/linux-x64": "1.2.3",
    "@tsgosu/linux-arm64": "1.2.3",
    "@tsgosu/linux-riscv64": "1.2.3",
    "@tsgosu/linux-loong64": "1.2.3",
    "@tsgosu/linux-ppc64": "1.2.3",
    "@tsgosu/linux-s390x": "1.2.3",
  });
  const platform = platformManifest(first(), "1.2.3", nowhere);
  t.match(platform, { name: "@tsgosu/linux-x64", version: "1.2.3", os: ["linux"], cpu: ["x64"] });
  for (const manifest of [main, platform])
    for (const key of ["scripts", "libc", "homepage", "repository", "bugs"]) t.notOk(key in manifest, key);
  t.match(mainManifest(ARCHITECTURES, "1.2.3", published), {
    homepage: "https://example.org/tsgosu",
    repository: { url: "git+https://example.org/tsgosu.git" },
  });
  const start = readFileSync("scripts/release/npm-start.sh", "utf8");
  for (const { npm } of ARCHITECTURES) t.match(start, `platform=linux-${npm} ;;`);
});

t.test("Debian: versions sort, and what is not published names nobody", async (t) => {
  t.equal(debianVersion("1.0.0-rc.1"), "1.0.0~rc.1");
  t.equal(debianVersion("1.0.0"), "1.0.0");
  must(["dpkg", "--compare-versions", debianVersion("1.0.0-rc.1"), "lt", debianVersion("1.0.0")]);
  const program = staticProgram(first());
  const text = control(program, "1.0.0-rc.1", "A Name <name@example.org>", "https://example.org", 12);
  t.match(text, /^Version: 1\.0\.0~rc\.1$/m);
  t.match(text, /^Homepage: https:\/\/example\.org$/m);
  t.notMatch(control(program, "1.0.0", "A Name <name@example.org>", "", 12), "Homepage");
  t.match(
    changelog("1.0.0", "A Name <name@example.org>", time),
    /^ -- A Name <name@example\.org> {2}Fri, 02 Jan 2026 03:04:05 \+0000$/m,
  );
});

t.test(
  "the image archive: every blob has the name of its content, and the index leads to each platform's files",
  async (t) => {
    const labels = labelsOf("1.2.3", commit, nowhere);
    t.notOk(Object.keys(labels).some((name) => name.endsWith(".url") || name.endsWith(".source")));
    t.equal(labelsOf("1.2.3", commit, published)["org.opencontainers.image.source"], "https://example.org/tsgosu.git");
    const images = ARCHITECTURES.map(({ name }) => ({
      architecture: name,
      files: [{ path: "tsgosu-static", mode: 0o755 as const, content: Buffer.from(name) }],
    }));
    const folder = t.testdir({});
    const file = join(folder, "oci.tar");
    writeFileSync(file, ociArchive(images, labels, "localhost/tsgosu:1.2.3", time));
    must(["tar", "-C", folder, "-xf", file]);
    const blob = (digest: string): Buffer => {
      const content = readFileSync(join(folder, "blobs", digest.replace(":", "/")));
      t.equal(`sha256:${sha256(content)}`, digest);
      return content;
    };
    interface Described {
      readonly digest: string;
      readonly size: number;
      readonly platform?: { readonly architecture: string };
    }
    const read = (content: Buffer) =>
      JSON.parse(content.toString()) as {
        readonly manifests: readonly Described[];
        readonly config: Described & { readonly User: string };
        readonly layers: readonly Described[];
        readonly rootfs: { readonly diff_ids: readonly string[] };
      };
    const [index] = read(readFileSync(join(folder, "index.json"))).manifests;
    t.equal(
      read(readFileSync(join(folder, "index.json"))).manifests.length,
      1,
      "engines load an archive with one image",
    );
    const { manifests } = read(blob(index?.digest ?? ""));
    t.same(
      manifests.map(({ platform }) => platform?.architecture),
      ARCHITECTURES.map(({ name }) => name),
    );
    for (const { digest, platform, size } of manifests) {
      const manifest = blob(digest);
      t.equal(manifest.length, size);
      const { config, layers } = read(manifest);
      const settings = read(blob(config.digest));
      t.match(settings, { architecture: platform?.architecture, config: { User: /^\d+:\d+$/, Labels: labels } });
      const layer = gunzipSync(blob(layers[0]?.digest ?? ""));
      t.equal(`sha256:${sha256(layer)}`, settings.rootfs.diff_ids[0]);
      t.ok(layer.includes(platform?.architecture ?? "nothing"));
    }
  },
);

const subject: Subject = {
  main: { type: "application", "bom-ref": "main", name: "tsgosu", version: "1.2.3", purl: "pkg:generic/tsgosu@1.2.3" },
  parts: nodeParts({
    node: "26.10.0",
    v8: "14.6.202.34-node.12",
    modules: "147",
    napi: "10",
    unicode: "17.0",
    zlib: "1.3.2",
  }),
  tools: [],
  time,
};

async function problems(text: string): Promise<unknown> {
  return await new CDX.Validation.JsonStrictValidator(CDX.Spec.Version.v1dot6).validate(text);
}

t.test("an SBOM is valid by the schema of CycloneDX, and names the parts of Node, not its interfaces", async (t) => {
  const text = sbom(subject);
  t.equal(await problems(text), null);
  t.not(await problems(text.replace('"library"', '"librarian"')), null, "the schema finds what is wrong");
  const names = subject.parts.map(({ name, version, type }) => `${type} ${name} ${version}`);
  t.same(names, ["platform node 26.10.0", "data unicode 17.0", "library v8 14.6.202.34-node.12", "library zlib 1.3.2"]);
  t.equal(sbom(subject), text);
  t.not(sbom({ ...subject, time: new Date(0) }), text);
  t.throws(() => nodeParts({ v8: "1" }), { message: /no version of Node/ });
});

t.test("an OpenVEX document has what the specification asks for, and its claims are held to the symbols", async (t) => {
  const text = vex(["pkg:generic/tsgosu@1.2.3"], "pkg:generic/musl@1.2.5", WEAKNESSES, "tsgosu", time);
  const document = JSON.parse(text) as { readonly statements: readonly Readonly<Record<string, unknown>>[] };
  t.match(document, { "@context": "https://openvex.dev/ns/v0.2.0", "@id": /^urn:uuid:/, author: "tsgosu", version: 1 });
  t.match(document, { timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ });
  t.equal(document.statements.length, WEAKNESSES.length);
  for (const statement of document.statements)
    t.match(statement, {
      vulnerability: { name: /^CVE-\d{4}-\d{4,}$/ },
      products: [{ "@id": "pkg:generic/tsgosu@1.2.3", subcomponents: [{ "@id": "pkg:generic/musl@1.2.5" }] }],
      status: "not_affected",
      justification: "vulnerable_code_not_present",
      impact_statement: /iconv|qsort/,
    });
  checkAbsent(new Set(["main"]), WEAKNESSES, "file");
  t.throws(() => checkAbsent(new Set(["main", "qsort_r"]), WEAKNESSES, "file"), {
    message: /^file contains qsort_r, which has CVE-2026-40200/,
  });
});

t.test("an identifier follows the content; checksums are those of sha256sum(1), by name", async (t) => {
  t.match(urnOf("a"), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  t.not(urnOf("a"), urnOf("b"));
  const folder = t.testdir({ b: "two", a: "one" });
  const files = new Map(["b", "a"].map((name) => [name, readFileSync(join(folder, name))]));
  t.equal(sums(files), must(["env", "-C", folder, "sha256sum", "a", "b"]));
});

// A release for this machine, made twice, and used as its users do: checked, and installed by dpkg and npm.
// `npm run release:check` does it with all architectures and both executables.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as CDX from "@cyclonedx/cyclonedx-library";
import t from "tap";
import { attempt, must, PROJECT } from "../../scripts/host.ts";
import { debianVersion } from "../../scripts/release/debian.ts";
import { sha256 } from "../../scripts/release/hash.ts";
import { VERSION } from "../../src/version.ts";
import {
  BUILT,
  copyProject,
  ensurePrograms,
  filesOf,
  makeKey,
  makeRelease,
  verify,
  withoutRunner,
} from "../support/release.ts";

// Two builds, one of them from nothing.
t.setTimeout(600_000);

ensurePrograms({
  faketime: "faketime",
  lintian: "lintian",
  minisign: "minisign",
  "signify-openbsd": "signify-openbsd",
});

const top = mkdtempSync(join(tmpdir(), "tsgosu-release-"));
t.teardown(() => rmSync(top, { recursive: true }));
const folderNamed = (name: string): string => {
  const folder = join(top, name);
  mkdirSync(folder, { recursive: true });
  return folder;
};

const key = makeKey(top, "makers");
const WORDS = ["--only", "static", "--key", key.secret, "amd64"];

const here = folderNamed("here");
copyProject(here, BUILT);
makeRelease(here, WORDS);
const release = join(here, "dist", "release");
const files = filesOf(release);

t.test("it holds the executable, its packages, and what is said of them", async (t) => {
  t.same(
    [...files.keys()],
    [
      "SHA256SUMS",
      "SHA256SUMS.minisig",
      `tsgosu-${VERSION}-linux-amd64.tar.gz`,
      `tsgosu-${VERSION}-oci.tar`,
      `tsgosu-${VERSION}.c`,
      `tsgosu-${VERSION}.openvex.json`,
      `tsgosu-${VERSION}.tgz`,
      "tsgosu-linux-amd64",
      "tsgosu-linux-amd64.cdx.json",
      `tsgosu-linux-x64-${VERSION}.tgz`,
      `tsgosu_${VERSION}_amd64.deb`,
      "verify",
    ],
  );
  t.ok(files.get("tsgosu-linux-amd64")?.equals(readFileSync("dist/tsgosu-static")), "the executable that is tested");
  t.ok(
    files.get(`tsgosu-${VERSION}.c`)?.equals(readFileSync("dist/tsgosu-static.c")),
    "the C that it is compiled from",
  );
  for (const name of ["tsgosu-linux-amd64", "verify"]) t.equal(statSync(join(release, name)).mode & 0o777, 0o755);
});

t.test("another folder, clock, umask, locale and time zone make the same bytes, from nothing", async (t) => {
  const there = join(folderNamed("a much longer way"), "down to the same project");
  mkdirSync(there);
  copyProject(there);
  makeRelease(there, WORDS, {
    before: ["faketime", "2031-05-06 07:08:09"],
    umask: "077",
    variables: {
      LC_ALL: "tr_TR.UTF-8",
      TZ: "Pacific/Chatham",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      GZIP: "-1",
      XZ_DEFAULTS: "-0",
      TAR_OPTIONS: "--owner=me",
    },
  });
  const others = filesOf(join(there, "dist", "release"));
  t.same([...others.keys()], [...files.keys()]);
  for (const [name, content] of others) t.ok(files.get(name)?.equals(content), name);
});

t.test("a release is made of a commit, and a line says what is wrong", async (t) => {
  const run = (...words: string[]) =>
    attempt(["env", "-C", here, "npm", "run", "--silent", "release", "--", ...words], { environment: withoutRunner() });
  const wrong = async (words: readonly string[], line: RegExp): Promise<void> => {
    const { code, stdout, stderr } = run(...words);
    t.match({ code, stdout, stderr }, { code: 1, stdout: "", stderr: line }, words.join(" "));
  };
  await wrong(["x86"], /^npm run release: x86: tsgosu is built for amd64, .*\n$/);
  await wrong(["--only", "both"], /^npm run release: --only both: it is static or node\n$/);
  await wrong(
    ["--key", "/no/such/key"],
    /^npm run release: --key \/no\/such\/key: no such file: make a key with minisign -G/,
  );
  await wrong(["--sign"], /^npm run release: Unknown option '--sign'/);
  writeFileSync(join(here, "forgotten.ts"), "");
  await wrong([], /^npm run release: a release is made of a commit, .*:\n\?\? forgotten.ts\n$/);
  rmSync(join(here, "forgotten.ts"));
  t.ok(
    filesOf(release)
      .get("SHA256SUMS")
      ?.equals(files.get("SHA256SUMS") ?? Buffer.alloc(0)),
    "the old one stays",
  );
});

/** A folder with nothing but these programs, to be the whole PATH. */
function onlyPrograms(name: string, programs: readonly string[]): string {
  const folder = folderNamed(name);
  for (const program of programs)
    symlinkSync(must(["sh", "-c", 'command -v "$1"', "sh", program]).trim(), join(folder, program));
  return folder;
}

t.test(
  "verify: with minisign or signify alone it finds a wrong key, a changed byte, and what is missing",
  async (t) => {
    const stranger = makeKey(top, "stranger");
    const name = "tsgosu-linux-amd64";
    for (const tool of ["minisign", "signify-openbsd"]) {
      const programs = onlyPrograms(`with-${tool}`, ["sha256sum", tool]);
      const folder = join(top, `downloads-${tool}`);
      cpSync(release, folder, { recursive: true });
      const says = (words: readonly string[], code: number, line: RegExp): void => {
        const { code: actual, stdout, stderr } = verify(folder, programs, words);
        t.equal(actual, code, `${tool}: ${words.join(" ")}`);
        t.match(stdout + stderr, line, `${tool}: ${words.join(" ")}`);
        t.equal((stdout + stderr).split("\n").length, 2, "one line");
      };
      const signed = ["--key", key.open];
      says(signed, 0, /^10 files verified with the key .*makers\.pub\n$/);
      says([...signed, name], 0, /^1 file verified/);
      says(["--unsigned"], 0, /^10 files compared with SHA256SUMS, which itself was not verified\n$/);
      says(["--key", stranger.open], 1, /SHA256SUMS is not what the owner of the key .*stranger\.pub signed/);
      says(["--key", "/no/such/key"], 1, /\/no\/such\/key: no such file/);
      says([], 1, /whose signature\? sh verify --key FILE/);
      says(["--key"], 1, /--key needs the file/);
      says([...signed, "other"], 1, /other: no such file in this folder/);
      says([...signed, "SHA256SUMS"], 1, /SHA256SUMS: is no file of this release/);

      const content = readFileSync(join(folder, name));
      const changed = Buffer.from(content);
      changed[5000] = (changed[5000] ?? 0) ^ 1;
      writeFileSync(join(folder, name), changed);
      says(
        signed,
        1,
        new RegExp(
          `${name}: was changed or cut off: its SHA-256 is ${sha256(changed)}, and should be ${sha256(content)}`,
        ),
      );
      writeFileSync(join(folder, name), content.subarray(0, 5000));
      says([...signed, name], 1, /was changed or cut off/);
      says([...signed, "verify"], 0, /^1 file verified/);

      // Whoever changes a file and its checksum has no signature of that.
      const sums = readFileSync(join(folder, "SHA256SUMS"), "utf8");
      writeFileSync(join(folder, "SHA256SUMS"), sums.replace(sha256(content), sha256(content.subarray(0, 5000))));
      says(["--unsigned", name], 0, /not verified/);
      says(signed, 1, /SHA256SUMS is not what the owner of the key/);
      rmSync(join(folder, "SHA256SUMS.minisig"));
      says(signed, 1, /SHA256SUMS.minisig is not in this folder/);
      rmSync(join(folder, "SHA256SUMS"));
      says(signed, 1, /SHA256SUMS is not in this folder/);
    }
    const bare = onlyPrograms("with-nothing", ["sha256sum"]);
    t.match(verify(release, bare, ["--key", key.open]), {
      code: 1,
      stderr: /neither minisign nor signify-openbsd is installed/,
    });
  },
);

t.test("the documents about what is inside are valid, and are about this file", async (t) => {
  const text = files.get("tsgosu-linux-amd64.cdx.json")?.toString() ?? "";
  t.equal(await new CDX.Validation.JsonStrictValidator(CDX.Spec.Version.v1dot6).validate(text), null);
  const { metadata, components } = JSON.parse(text) as {
    readonly metadata: {
      readonly component: { readonly purl: string; readonly hashes: readonly { readonly content: string }[] };
    };
    readonly components: readonly { readonly name: string; readonly purl?: string }[];
  };
  t.equal(metadata.component.hashes[0]?.content, sha256(readFileSync(join(release, "tsgosu-linux-amd64"))));
  const names = components.map(({ name }) => name);
  for (const name of ["@scriptc/runtime", "musl", "compiler-rt of Zig", "src/kernel/static/malloc.c"])
    t.ok(names.includes(name), name);
  const claims = JSON.parse(files.get(`tsgosu-${VERSION}.openvex.json`)?.toString() ?? "") as {
    readonly statements: readonly {
      readonly products: readonly {
        readonly "@id": string;
        readonly subcomponents: readonly { readonly "@id": string }[];
      }[];
    }[];
  };
  const purls = components.map(({ purl }) => purl);
  for (const { products } of claims.statements) {
    t.same(
      products.map((product) => product["@id"]),
      [metadata.component.purl],
    );
    for (const { subcomponents } of products)
      for (const one of subcomponents) t.ok(purls.includes(one["@id"]), one["@id"]);
  }
});

t.test("tar archive: the executable, what it is, and its documents, in one folder", async (t) => {
  const folder = folderNamed("archive");
  must(["tar", "-C", folder, "-xzf", join(release, `tsgosu-${VERSION}-linux-amd64.tar.gz`)]);
  const inside = join(folder, `tsgosu-${VERSION}-linux-amd64`);
  t.same([...must(["ls", inside]).trim().split("\n")].sort(), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "completions",
    "tsgosu",
    "tsgosu.1",
    "tsgosu.cdx.json",
  ]);
  t.equal(must([join(inside, "tsgosu"), "--version"]), `tsgosu ${VERSION}\n`);
  t.match(readFileSync(join(inside, "LICENSE"), "utf8"), /musl as a whole is licensed under/);
});

t.test("Debian package: lintian has nothing to say, and dpkg installs and removes it", async (t) => {
  const [name = ""] = [...files.keys()].filter((one) => one.endsWith(".deb"));
  const remarks = attempt(["lintian", "--allow-root", "--fail-on", "error,warning", join(release, name)]);
  t.match(remarks, { code: 0, stdout: "" });
  const root = folderNamed("root");
  const dpkg = [
    "dpkg",
    `--root=${root}`,
    "--force-not-root",
    "--force-script-chrootless",
    `--log=${join(top, "dpkg.log")}`,
  ];
  must(["mkdir", "-p", join(root, "var/lib/dpkg/updates"), join(root, "var/lib/dpkg/info")]);
  writeFileSync(join(root, "var/lib/dpkg/status"), "");
  must([...dpkg, "--install", join(release, name)]);
  t.equal(must([join(root, "usr/bin/tsgosu"), "--version"]), `tsgosu ${VERSION}\n`);
  t.match(
    must(["sh", "-c", `zcat "$1" | head -1`, "sh", join(root, "usr/share/man/man1/tsgosu.1.gz")]),
    /^\.TH TSGOSU 1/,
  );
  t.ok(statSync(join(root, "usr/share/bash-completion/completions/tsgosu")).isFile());
  t.equal(must(["dpkg-deb", "-f", join(release, name), "Version"]).trim(), debianVersion(VERSION));
  t.same(must(["dpkg-deb", "-f", join(release, name), "Depends", "Pre-Depends", "Recommends"]), "", "it needs nothing");
  t.same(
    must(["dpkg-deb", "--ctrl-tarfile", join(release, name)]).match(/(pre|post)(inst|rm)/g),
    null,
    "it runs nothing",
  );
  must([...dpkg, "--purge", "tsgosu"]);
  t.notOk(existsSync(join(root, "usr")), "nothing stays");
});

t.test(
  "npm: both packages in an empty folder give the command and the manual page; one alone says what is missing",
  async (t) => {
    const cache = folderNamed("npm-cache");
    const environment = withoutRunner();
    const npm = (folder: string, ...words: string[]): string =>
      must(
        ["env", "-C", folder, "npm", "install", "--offline", "--no-audit", "--no-fund", "--cache", cache, ...words],
        { environment },
      );
    const main = join(release, `tsgosu-${VERSION}.tgz`);
    const platform = join(release, `tsgosu-linux-x64-${VERSION}.tgz`);

    const both = folderNamed("npm both");
    npm(both, main, platform);
    const command = join(both, "node_modules/.bin/tsgosu");
    t.equal(must([command, "--version"]), `tsgosu ${VERSION}\n`);
    t.equal(
      must(["env", "-C", both, "npm", "exec", "--offline", "--", "tsgosu", "--version"], { environment }),
      `tsgosu ${VERSION}\n`,
    );
    t.same(attempt([command, "nobody", "sh", "-c", 'echo "$*"; exit 3', "sh", "a b", ""]), {
      code: 3,
      stdout: "a b \n",
      stderr: "",
    });
    t.equal(
      must([
        command,
        "--exec",
        `${process.getuid?.()}:${process.getgid?.()}`,
        "sh",
        "-c",
        "readlink /proc/$$/exe; ps -o ppid= -p $$",
      ])
        .trim()
        .split(/\s+/)[1],
      String(process.pid),
      "neither a shell nor Node stays between the caller and the command",
    );
    t.match(readFileSync(join(both, "node_modules/tsgosu/tsgosu.1"), "utf8"), /^\.TH TSGOSU 1/);

    const global = folderNamed("npm global");
    npm(both, "--global", "--prefix", global, main, platform);
    t.equal(must([join(global, "bin/tsgosu"), "--version"]), `tsgosu ${VERSION}\n`);
    t.match(readFileSync(join(global, "share/man/man1/tsgosu.1"), "utf8"), /^\.TH TSGOSU 1/);

    const alone = folderNamed("npm alone");
    npm(alone, main);
    t.match(attempt([join(alone, "node_modules/.bin/tsgosu"), "--version"]), {
      code: 125,
      stdout: "",
      stderr: /^tsgosu: the package @tsgosu\/linux-x64 is not installed: .*\n$/,
    });
  },
);

t.test("the commands of the README work in a folder with the released files", async (t) => {
  const [, section = ""] = /^## Installation$([\s\S]*?)^## /m.exec(readFileSync("README.md", "utf8")) ?? [];
  const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text.trim());
  const folder = join(top, "downloads");
  cpSync(release, folder, { recursive: true });
  cpSync(key.open, join(folder, "tsgosu.pub"));
  const target = folderNamed("usr-local-bin");
  const environment = withoutRunner();
  const done: string[] = [];
  for (const block of blocks) {
    // image.test.ts has an engine for this one; what would change the machine goes elsewhere, or is only simulated.
    if (block.startsWith("podman load")) continue;
    const tame = block.replaceAll("/usr/local/bin", target).replace("apt-get install", "apt-get --simulate install");
    const { code, stderr } = attempt(["sh", "-ec", `cd "$1"; ${tame}`, "sh", folder], { environment });
    t.equal(code, 0, `${block}: ${stderr}`);
    done.push(block.split(" ")[0] ?? "");
  }
  t.same(done, ["sh", "apt-get", "npm", "tar"]);
  t.equal(must([join(target, "tsgosu"), "--version"]), `tsgosu ${VERSION}\n`);
  t.equal(must([join(folder, "node_modules/.bin/tsgosu"), "--version"]), `tsgosu ${VERSION}\n`);
});

t.test("nothing of the machine stands in a release", async (t) => {
  for (const [name, content] of files)
    for (const path of [PROJECT, top, process.env["HOME"] ?? PROJECT])
      t.notOk(path.length > 1 && content.includes(path), `${name} does not contain ${path}`);
});

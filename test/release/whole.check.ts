// npm run release:check: a whole release, made twice: here by whoever runs this, and in another folder by another user, without any cache of
// a compiler, at another time. Then all files are compared and checked. It takes many minutes.
// usage: npm run release:check [-- ARCHITECTURE ...]    only for these

import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as CDX from "@cyclonedx/cyclonedx-library";
import t from "tap";
import { ARCHITECTURES, architectureNamed } from "../../scripts/architectures.ts";
import { checkMachine } from "../../scripts/elf.ts";
import { attempt, must, PROJECT } from "../../scripts/host.ts";
import { nodeProgram } from "../../scripts/release/program.ts";
import { copyProject, ensurePrograms, filesOf, makeKey, makeRelease, verify } from "../support/release.ts";

t.setTimeout(0);

ensurePrograms({ faketime: "faketime", lintian: "lintian", minisign: "minisign" });

const named = process.argv.slice(2).map(architectureNamed);
const asked = named.length === 0 ? ARCHITECTURES : named;
const words = asked.map(({ name }) => name);

/** nobody */
const OTHER = 65534;

const AS_OTHER = ["setpriv", `--reuid=${OTHER}`, `--regid=${OTHER}`, "--clear-groups"];
if (attempt([...AS_OTHER, "test", "-r", join(PROJECT, "node_modules/.package-lock.json")]).code !== 0)
  throw new Error(
    `${PROJECT}: another user shall build with its node_modules, and cannot read them: clone it elsewhere`,
  );

const top = mkdtempSync(join(tmpdir(), "tsgosu-whole-"));
t.teardown(() => rmSync(top, { recursive: true }));
must(["chmod", "755", top]);
const key = makeKey(top, "makers");

const here = join(top, "here");
const there = join(top, "another way to it");
for (const folder of [here, there]) mkdirSync(folder);
// Node for arm64, which is known by its hash, is fetched once.
copyProject(here, ["build/node"]);
copyProject(there);
makeRelease(here, ["--key", key.secret, ...words]);
const release = join(here, "dist", "release");
const files = filesOf(release);

t.test("another user makes the same bytes in another folder, at another time, and without a cache", async (t) => {
  const home = join(top, "home");
  mkdirSync(home);
  mkdirSync(join(there, "build"));
  const fetched = join(here, "build/node");
  if (existsSync(fetched)) must(["cp", "-rT", fetched, join(there, "build/node")]);
  must(["cp", key.secret, join(home, "key")]);
  must(["chown", "-R", `${OTHER}:${OTHER}`, there, home]);
  makeRelease(there, ["--key", join(home, "key"), ...words], {
    before: [...AS_OTHER, "faketime", "2031-05-06 07:08:09"],
    umask: "077",
    variables: { HOME: home, USER: "nobody", TZ: "Pacific/Chatham", FAKETIME_DONT_FAKE_MONOTONIC: "1" },
  });
  const others = filesOf(join(there, "dist", "release"));
  t.same([...others.keys()], [...files.keys()]);
  for (const [name, content] of others) t.ok(files.get(name)?.equals(content), name);
});

t.test("every executable is for the machine that its name says, and has all kinds of packages", async (t) => {
  for (const architecture of asked) {
    const { name, npm, debian } = architecture;
    for (const file of [`tsgosu-linux-${name}`, `tsgosu-node-linux-${name}`]) {
      const content = files.get(file);
      if (content === undefined) t.match(file, /^tsgosu-node-linux-(?!amd64|arm64)/, "there is no Node for it");
      else checkMachine(content, architecture);
    }
    for (const form of [
      `tsgosu-linux-${npm}-*.tgz`,
      `tsgosu_*_${debian}.deb`,
      `tsgosu-[0-9]*[0-9]-linux-${name}.tar.gz`,
    ])
      t.equal(countOf(form), 1, form);
  }
});

/** How many files of the release have a name of this form of the shell's. */
function countOf(form: string): number {
  return must(["sh", "-c", `cd "$1" && ls ${form}`, "sh", release])
    .trim()
    .split("\n").length;
}

/** What the lintian of Debian 12 says because it does not know this architecture, which Debian has had since. */
const UNKNOWN = { debian: "loong64", tags: "unknown-architecture,binary-from-other-architecture" };

t.test("lintian has nothing to say of any package", async (t) => {
  const lintian = ["lintian", "--allow-root", "--fail-on", "error,warning"];
  for (const name of [...files.keys()].filter((one) => one.endsWith(".deb"))) {
    const less = name.endsWith(`_${UNKNOWN.debian}.deb`) ? ["--suppress-tags", UNKNOWN.tags] : [];
    t.match(attempt([...lintian, ...less, join(release, name)]), { code: 0, stdout: "" }, name);
  }
});

t.test("every SBOM is valid", async (t) => {
  const validator = new CDX.Validation.JsonStrictValidator(CDX.Spec.Version.v1dot6);
  const names = [...files.keys()].filter((one) => one.endsWith(".cdx.json"));
  t.equal(names.length, asked.length + asked.filter((one) => nodeProgram(one) !== undefined).length);
  for (const name of names) t.equal(await validator.validate(files.get(name)?.toString() ?? ""), null, name);
});

t.test("verify accepts all of it", async (t) => {
  t.match(verify(release, process.env["PATH"] ?? "", ["--key", key.open]), {
    code: 0,
    stdout: new RegExp(`^${files.size - 2} files verified`),
  });
});

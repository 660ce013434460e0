// What the project says of itself in several places is the same.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { satisfies, valid } from "semver";
import t from "tap";
import { bindings } from "../../scripts/bindings.ts";
import { VERSION } from "../../src/version.ts";

t.test("the version is that of package.json, the lock file, the man page and the change log", async (t) => {
  for (const file of ["package.json", "package-lock.json"]) {
    const description = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string };
    t.equal(VERSION, description.version, file);
  }
  const page = readFileSync("tsgosu.1", "utf8").replaceAll("\\-", "-");
  t.match(page, `"tsgosu ${VERSION}"`, "man page");
  const [, newest = ""] = /^## (\S+)/m.exec(readFileSync("CHANGELOG.md", "utf8")) ?? [];
  t.equal(newest, VERSION, "the newest section");
  t.ok(valid(VERSION), "semantic");
  t.match(readFileSync("docker/inits/README.md", "utf8"), `tini version ${VERSION} - git.tsgosu`);
});

t.test(
  "every package that npm installs allows the Node that the README names, so that npm ci warns of none",
  async (t) => {
    const [, major = ""] = /machine with Node (\d+)/.exec(readFileSync("README.md", "utf8")) ?? [];
    // The version in Debian 13.
    t.equal(major, "20");
    const node = "20.19.2";
    const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
      readonly packages: Readonly<Record<string, { readonly engines?: { readonly node?: string } }>>;
    };
    const wanted = Object.entries(lock.packages).flatMap(([path, { engines }]) =>
      engines?.node === undefined ? [] : [{ path, range: engines.node }],
    );
    t.ok(wanted.length > 100, "packages say what they want");
    t.same(
      wanted.filter(({ range }) => !satisfies(node, range)),
      [],
    );
  },
);

t.test("every function of the C files is declared for TypeScript with as many words", async (t) => {
  const source = sources("kernel/static")
    .map(({ text }) => text.replace(/\s+/g, " "))
    .join("\n");
  const declared = new Map(
    [...source.matchAll(/declare function (\w+)\(([^)]*)\)/g)].map(([, name = "", words = ""]) => [
      name,
      words.split(",").filter((word) => word.trim() !== "").length,
    ]),
  );
  const bound = new Map(bindings("kernel.o").functions.map((one) => [one.name, one.params.length]));
  t.same([...declared].sort(), [...bound].sort());
});

interface Source {
  /** Below src/. */
  readonly file: string;
  readonly text: string;
}

function sources(under: string): Source[] {
  return readdirSync(join("src", under), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(under, file))
    .map((file) => ({ file, text: readFileSync(join("src", file), "utf8") }));
}

/** The files that a file imports, below src/. */
function imports({ file, text }: Source): string[] {
  return [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, path = ""]) => join(file, "..", path));
}

t.test("only the kernel and the entries reach the system", async (t) => {
  for (const { file, text } of sources(".")) if (!/^(kernel|entry)\//.test(file)) t.notMatch(text, /from "node:/, file);
});

t.test("the kernel knows none of the rooms above it, and they know nothing of its insides", async (t) => {
  /** What the rooms above may know: the kernel itself, its plain data, and its numbers. */
  const open = /^kernel\/(kernel|layout|linux|errno|signals)\.ts$/;
  for (const source of sources(".")) {
    for (const imported of imports(source)) {
      if (source.file.startsWith("kernel/")) t.match(imported, /^(kernel\/.*|text\.ts)$/, source.file);
      else if (imported.startsWith("kernel/") && !source.file.startsWith("entry/"))
        t.match(imported, open, source.file);
    }
    if (/^(kernel|entry)\//.test(source.file)) continue;
    // Of layout.ts, only plain data: what reads and writes structures byte by byte stays inside.
    const names = /import (type )?\{([^}]*)\} from "[./]*kernel\/layout\.ts"/.exec(source.text)?.[2] ?? "";
    for (const name of names.split(",").map((word) => word.replace("type ", "").trim()))
      t.match(name, /^(|Ids|Stat|DirectoryEntry|Capabilities|isSameFile)$/, `${source.file} imports ${name}`);
    t.notMatch(source.text, /AT_FDCWD|DataView|getUint|STATX_[LBU]/, source.file);
  }
});

/** Expressions that index a list, which has nothing where there is none. Each is the whole text before the bracket. */
const LISTS = /(?:this\.levels)$/;
/** Text, comments and types, in which a bracket indexes nothing. */
const NO_CODE = /\/\*[\s\S]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"|\/(?![*/\s])(?:[^/\\\n]|\\.)+\/[a-z]*/g;

t.test("no index out of range: the static executable ends on a byte that is not there", async (t) => {
  const found: string[] = [];
  for (const { file, text } of sources(".")) {
    // Node gives undefined there. The accessors themselves are in text.ts.
    if (file === "text.ts" || file.startsWith("kernel/node/")) continue;
    for (const [, before = "", inside = ""] of text.replace(NO_CODE, "").matchAll(/([\w.]*[\w)\]])\[([^\]]+)\]/g))
      if (!LISTS.test(before)) found.push(`${file}: ${before}[${inside}]`);
  }
  t.same(found, [], "byteAt, putByte and itemOf of text.ts look first");
  const accessors = readFileSync("src/text.ts", "utf8").replace(NO_CODE, "");
  t.same([...accessors.matchAll(/\w\[[^\]]+\]/g)].length, 3, "and nothing else of text.ts indexes anything");
});

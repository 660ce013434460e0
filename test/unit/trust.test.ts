// What the documents claim, and where they lead: a promise names a test that is there, and a link leads somewhere.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import t from "tap";
import { anchorsOf, hasTest, type Link, linksOf } from "../support/markdown.ts";

function read(file: string): string {
  return readFileSync(file, "utf8");
}

/** Every Markdown file of the project. */
function documents(folder = "."): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!["node_modules", "build", "dist", ".git", ".tap"].includes(entry.name)) found.push(...documents(path));
    } else if (entry.name.endsWith(".md")) found.push(path);
  }
  return found.sort();
}

/** Where a link of a document leads, if to a file: its path from the project's folder, and the heading in it. */
function fileOf(document: string, { target }: Link): { readonly path: string; readonly anchor: string } | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = "", anchor = ""] = target.split("#");
  return { path: path === "" ? document : normalize(join(dirname(document), path)), anchor };
}

function testsIn(document: string, markdown: string): { readonly title: string; readonly path: string }[] {
  return linksOf(markdown).flatMap((link) => {
    const path = fileOf(document, link)?.path ?? "";
    return path.startsWith("test/") ? [{ title: link.text, path }] : [];
  });
}

for (const [document, atLeast] of [
  ["docs/cve.md", 80],
  ["SECURITY.md", 40],
] as const)
  t.test(`${document}: every test that it names is there`, async (t) => {
    const named = testsIn(document, read(document));
    for (const { title, path } of named) {
      t.ok(existsSync(path), path);
      t.ok(hasTest(read(path), title), `${path}: ${title}`);
    }
    t.ok(named.length >= atLeast, `${named.length} tests are named`);
  });

/** The cells of each row of a document's tables, without the headings. */
function rows(markdown: string): string[][] {
  const lines = markdown.split("\n").filter((line) => line.startsWith("| "));
  const cells = lines.map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));
  return cells.filter(([first]) => first !== "weakness" && first !== "promise");
}

t.test("docs/cve.md: each weakness has a verdict and a test, and each identifier leads to its own page", async (t) => {
  const markdown = read("docs/cve.md");
  const identifiers = new Set(markdown.match(/CVE-\d{4}-\d{4,}/g));
  t.ok(identifiers.size >= 25, `${identifiers.size} identifiers`);
  for (const link of linksOf(markdown))
    if (link.text.startsWith("CVE-")) t.equal(link.target, `https://nvd.nist.gov/vuln/detail/${link.text}`);
  const all = rows(markdown);
  t.ok(all.length > 30, `${all.length} rows`);
  for (const [weakness = "", verdict = "", why = ""] of all) {
    t.match(verdict, /^(no|partly|not its work|not reachable)(,|$)/, weakness);
    if (verdict !== "not its work") t.ok(testsIn("docs/cve.md", why).length > 0, `${weakness}: a test`);
  }
});

t.test("SECURITY.md: each promise has a test", async (t) => {
  const all = rows(
    read("SECURITY.md")
      .split("\n## ")
      .find((part) => part.startsWith("What it promises")) ?? "",
  );
  t.ok(all.length >= 10, `${all.length} promises`);
  for (const [promise = "", tests = ""] of all) t.ok(testsIn("SECURITY.md", tests).length > 0, promise);
});

t.test("a title is a test's only where it introduces one", async (t) => {
  const source = `t.test("one", f); onBoth(t, \`two, $\{mode}\`, f); // three
    const x = "three"; [{ name: "four" }, passwd("a\\"b")]`;
  for (const title of ["one", "two, --init", "four", 'a"b']) t.ok(hasTest(source, title), title);
  for (const title of ["three", "two, ", "ONE", "on"]) t.notOk(hasTest(source, title), title);
});

t.test("every link to a file or a heading of the project leads to one", async (t) => {
  for (const document of documents()) {
    for (const link of linksOf(read(document))) {
      const file = fileOf(document, link);
      if (file === undefined) continue;
      t.ok(existsSync(file.path), `${document}: ${link.target}`);
      if (file.anchor !== "") t.ok(anchorsOf(read(file.path)).has(file.anchor), `${document}: ${link.target}`);
    }
  }
});

/** Places on the network that the documents may name: those of others, which are there. The project's own are in addresses.json. */
const PLACES = [
  /^https:\/\/nvd\.nist\.gov\/vuln\/detail\/CVE-\d+-\d+$/,
  /^https:\/\/github\.com\/(tianon\/gosu|ncopa\/su-exec)\/(issues|pull)\/\d+$/,
  /^https:\/\/(semver|keepachangelog)\.org\/?$/,
];

t.test(
  "no document names a place on the network of the project's own, nor one that nobody has looked at",
  async (t) => {
    for (const document of documents())
      for (const { target } of linksOf(read(document)))
        if (/^[a-z]+:/.test(target))
          t.ok(
            PLACES.some((place) => place.test(target)),
            `${document}: ${target}`,
          );
  },
);

// npm run testing: writes docs/testing.md from what the last runs have found: of all tests, and of npm run fuzz, soak, faults and agree. Runs none
// of them.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { PROJECT, tell } from "./host.ts";
import { type Sources, testingPage } from "./testing/page.ts";
import { keepResults, keptResults, newestResults, type Results, type Sizes } from "./testing/results.ts";

const DOCS = join(PROJECT, "docs");

/** What docs/testing.md is made of. */
export function sourcesOf(results: Results): Sources {
  const read = (name: string): string => readFileSync(join(DOCS, name), "utf8");
  const pages = readdirSync(DOCS).filter((name) => name.endsWith(".md"));
  return { results, faults: read("faults.md"), agreement: read("agreement.md"), pages: pages.sort() };
}

/** The sources of programs in a folder and below it. */
function sizesOf(folder: string): Sizes {
  const files = readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(ts|c|h)$/.test(name),
  );
  const lines = files.flatMap((name) => readFileSync(join(PROJECT, folder, name), "utf8").split("\n"));
  const isCode = (line: string): boolean => line.trim() !== "" && !/^\s*(\/\/|\/?\*)/.test(line);
  return { files: files.length, lines: lines.filter(isCode).length };
}

if (import.meta.main) {
  const before = keptResults();
  const newest = newestResults();
  for (const name of ["tests", "fuzz", "soak"] as const)
    if (newest[name] === undefined) tell(`docs/testing.md has no figures of ${name}: no run has left any`);
    else if (!isDeepStrictEqual(newest[name], before[name])) tell(`docs/testing.md has new figures of ${name}`);
  const results = { ...newest, sizes: { src: sizesOf("src"), test: sizesOf("test") } };
  keepResults(results);
  writeFileSync(join(DOCS, "testing.md"), testingPage(sourcesOf(results)));
  tell("docs/testing.md is written");
}

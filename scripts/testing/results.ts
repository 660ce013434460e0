// What long runs have found, for docs/testing.md: each leaves its figures in build/results, and `npm run testing` keeps the last ones of
// each in docs/results.json.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, BUILD, PROJECT } from "../host.ts";
import type { FileResult } from "./tap.ts";

/** When a run was made, and of what. */
export interface Made {
  /** The day, as 2026-11-29. */
  readonly date: string;
  /** Git's short name of what was checked out; with a `+` where files had been changed since; empty outside of a repository. */
  readonly commit: string;
}

/** All tests: `npm test`. */
export interface TestsResult {
  readonly engine: string;
  readonly minutes: number;
  /** As tap counts them. */
  readonly checks: number;
  readonly failed: number;
  readonly files: readonly FileResult[];
}

/** `npm run fuzz`. */
export interface FuzzResult {
  readonly inputs: number;
  readonly seed: number;
  readonly targets: readonly { readonly name: string; readonly refused: number; readonly seconds: number }[];
  readonly wrong: number;
}

/** `npm run soak`. */
export interface SoakResult {
  readonly seconds: number;
  readonly namespaces: number;
  readonly lines: readonly { readonly name: string; readonly held: boolean; readonly summary: string }[];
}

/** How much there is of what. */
export interface Sizes {
  readonly files: number;
  /** Lines that are neither empty nor comment. */
  readonly lines: number;
}

export interface Results {
  readonly tests?: TestsResult & Made;
  readonly fuzz?: FuzzResult & Made;
  readonly soak?: SoakResult & Made;
  readonly sizes?: Readonly<Record<"src" | "test", Sizes>>;
}

const NAMES = ["tests", "fuzz", "soak"] as const;

const KEPT = join(PROJECT, "docs", "results.json");

/** Leaves what a long run has found in build/results. */
export function leaveResult(name: "tests", found: TestsResult): void;
export function leaveResult(name: "fuzz", found: FuzzResult): void;
export function leaveResult(name: "soak", found: SoakResult): void;
export function leaveResult(name: (typeof NAMES)[number], found: TestsResult | FuzzResult | SoakResult): void {
  mkdirSync(join(BUILD, "results"), { recursive: true });
  writeFileSync(resultFile(name), `${JSON.stringify({ ...made(), ...found }, null, 1)}\n`);
}

function resultFile(name: string): string {
  return join(BUILD, "results", `${name}.json`);
}

function made(): Made {
  const git = (...words: string[]): string => attempt(["git", "-C", PROJECT, ...words]).stdout.trim();
  const commit = git("rev-parse", "--short", "HEAD");
  const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
  return { date: new Date().toISOString().slice(0, 10), commit: changed ? `${commit}+` : commit };
}

/** The results that docs/results.json keeps. */
export function keptResults(): Results {
  return existsSync(KEPT) ? (JSON.parse(readFileSync(KEPT, "utf8")) as Results) : {};
}

/** The results that are kept, with those of build/results in place of older ones. */
export function newestResults(): Results {
  let results = keptResults();
  for (const name of NAMES)
    if (existsSync(resultFile(name)))
      results = { ...results, [name]: JSON.parse(readFileSync(resultFile(name), "utf8")) as unknown };
  return results;
}

export function keepResults(results: Results): void {
  writeFileSync(KEPT, `${JSON.stringify(results, null, 2)}\n`);
}

// What long runs have found, for docs/testing.md: each leaves its figures in build/results, and `npm run testing` keeps the last ones of
// each in docs/results.json.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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

/** One reader in `npm run fuzz`, which takes hours for all of them. */
export interface FuzzResult {
  readonly name: string;
  readonly inputs: number;
  readonly seed: number;
  readonly refused: number;
  readonly wrong: number;
  readonly seconds: number;
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
  readonly fuzz?: readonly (FuzzResult & Made)[];
  readonly soak?: SoakResult & Made;
  readonly sizes?: Readonly<Record<"src" | "test", Sizes>>;
}

const KEPT = join(PROJECT, "docs", "results.json");

const LEFT = join(BUILD, "results");

/** Leaves what a long run has found in build/results. */
export function leaveTests(found: TestsResult): void {
  leave("tests", found);
}

export function leaveSoak(found: SoakResult): void {
  leave("soak", found);
}

export function leaveFuzz(found: FuzzResult): void {
  leave(`fuzz-${found.name}`, found);
}

function leave(name: string, found: object): void {
  mkdirSync(LEFT, { recursive: true });
  writeFileSync(join(LEFT, `${name}.json`), `${JSON.stringify({ ...made(), ...found }, null, 1)}\n`);
}

/** What was left under names that begin so. */
function left<T>(start: string): (T & Made)[] {
  const names = existsSync(LEFT) ? readdirSync(LEFT).filter((name) => name.startsWith(start)) : [];
  return names.map((name) => JSON.parse(readFileSync(join(LEFT, name), "utf8")) as T & Made);
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
  const kept = keptResults();
  const [tests = kept.tests] = left<TestsResult>("tests");
  const [soak = kept.soak] = left<SoakResult>("soak");
  return { ...kept, ...(tests && { tests }), ...(soak && { soak }), fuzz: withNewer(kept.fuzz ?? [], left("fuzz-")) };
}

/** Each reader once, in the order in which it came first. */
export function withNewer<T extends FuzzResult>(older: readonly T[], newer: readonly T[]): T[] {
  return [...new Map([...older, ...newer].map((result) => [result.name, result])).values()];
}

export function keepResults(results: Results): void {
  writeFileSync(KEPT, `${JSON.stringify(results, null, 2)}\n`);
}

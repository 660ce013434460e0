// Which lines of src/ the unit tests run, by V8's own count, which Node writes down for each of their processes.

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { BUILD, must, PROJECT } from "../host.ts";

/** What the unit tests run of one file. */
export interface FileLines {
  /** From the top of the project. */
  readonly file: string;
  /** How many lines have code. */
  readonly count: number;
  /** Those that no test runs. */
  readonly missed: readonly { readonly number: number; readonly text: string }[];
}

/** Tests of whole executables and of native code: they build them first, and run nothing of src/ in Node that others do not. */
const NOT_PURE = ["executable.test.ts", "fuzz.test.ts"];

/** Only system calls and Node's own interfaces are here: what runs them needs a real kernel. */
const ENGINES = /^src\/(entry|kernel\/(node|static))\//;

const RAW = join(BUILD, "coverage", "unit");
const REPORT = join(BUILD, "coverage", "report");

/** Runs the unit tests and counts. Throws a SetupError where one fails: what it had still to run is not known then. */
export function linesOfUnitTests(): FileLines[] {
  rmSync(RAW, { recursive: true, force: true });
  mkdirSync(RAW, { recursive: true });
  for (const name of readdirSync(join(PROJECT, "test", "unit")).sort())
    if (!NOT_PURE.includes(name))
      must(["node", join("test", "unit", name)], { environment: { ...process.env, NODE_V8_COVERAGE: RAW } });
  must(["c8", "report", "--temp-directory", RAW, "--reports-dir", REPORT, "--reporter", "json", "--include", "src/**"]);
  const report = JSON.parse(readFileSync(join(REPORT, "coverage-final.json"), "utf8")) as Report;
  return sourceFiles().map((file) =>
    linesOf(file, readFileSync(join(PROJECT, file), "utf8"), report[join(PROJECT, file)]),
  );
}

/** The files of src/ outside the engines. */
function sourceFiles(): string[] {
  return readdirSync(join(PROJECT, "src"), { recursive: true, encoding: "utf8" })
    .map((file) => `src/${file}`)
    .filter((file) => file.endsWith(".ts") && !ENGINES.test(file))
    .sort();
}

/** What c8 says of a file: for each statement, which is a line here, where it is and how often it ran. */
export interface Counted {
  readonly statementMap: Readonly<Record<string, { readonly start: { readonly line: number } }>>;
  readonly s: Readonly<Record<string, number>>;
}

type Report = Readonly<Record<string, Counted>>;

/** The lines with code, and those that did not run; all of them where no test loads the file. */
export function linesOf(file: string, text: string, counted: Counted | undefined): FileLines {
  const code = linesWithCode(text);
  const ran = new Set<number>();
  for (const [key, { start }] of Object.entries(counted?.statementMap ?? {}))
    if ((counted?.s[key] ?? 0) > 0) ran.add(start.line);
  const texts = text.split("\n");
  const missed = code
    .filter((number) => !ran.has(number))
    .map((number) => ({ number, text: (texts[number - 1] ?? "").trim() }));
  return { file, count: code.length, missed };
}

/** The numbers of the lines on which something is left without types, comments, imports and brackets that only end a block. */
function linesWithCode(text: string): number[] {
  const code = stripTypeScriptTypes(text)
    .replace(/^import [^;]*;/gm, (lines) => lines.replace(/./g, " "))
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/./g, " "))
    .split("\n");
  return code.flatMap((line, at) => (/^[\s{}()[\],;]*(\/\/.*)?$/.test(line) ? [] : [at + 1]));
}

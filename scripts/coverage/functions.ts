// Which functions of the engines run in the container tests: those of src/kernel/node and of src/kernel/static.
// Each executable is built once more so that it writes down what runs, into a file that every container has.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buildSea } from "../build-sea.ts";
import { buildStatic, symbolsFile } from "../build-static.ts";
import { sectionNamed, sectionsOf, symbolsOf } from "../elf.ts";
import { ensurePodman } from "../engine.ts";
import { BUILD, PROJECT, tell } from "../host.ts";

/** A function as the source has it, and whether some container has run it. */
export interface EngineFunction {
  readonly engine: EngineName;
  /** From the top of the project. */
  readonly file: string;
  readonly name: string;
  readonly isReached: boolean;
}

export type EngineName = "node" | "static";
export const ENGINES: readonly EngineName[] = ["node", "static"];

const WORK = join("build", "coverage");
const TESTS_LOG = join(WORK, "tests.tap");
/** Where the executables that measure stand, under the names of those in dist/. */
const SEA = join(WORK, "tsgosu");
const STATIC = join(WORK, "tsgosu-static");
/** What they write to, and where containers have it. */
const REACHED = join(BUILD, "coverage", "reached");
const IN_CONTAINERS = "/reached";

/**
 * Runs the container tests on such executables. Throws an Error where a build fails; tests of memory and of
 * limits on the size of files fail on them, and what all tests have reached counts all the same.
 */
export async function runWatched(): Promise<void> {
  mkdirSync(REACHED, { recursive: true });
  for (const name of ["sea", "static"]) {
    writeFileSync(join(REACHED, name), "");
    // Any user of any container writes.
    chmodSync(join(REACHED, name), 0o666);
  }
  await buildSea(SEA, "x64", { entry: "scripts/coverage/sea.ts", finish: (script) => script });
  const extras = { flags: ["-finstrument-functions"], sources: ["scripts/coverage/reached.c"] };
  buildStatic("x86_64", STATIC, undefined, extras);
  // Places are told by the symbols of this file.
  copyFileSync(symbolsFile("x86_64", STATIC), STATIC);
  const tests = readdirSync("test/container").filter((name) => !IMAGES.test(name));
  const log = openSync(TESTS_LOG, "w");
  tell(
    `the container tests run on both, which took 20 minutes on two busy processors; what they say goes to ${TESTS_LOG}`,
    "build",
  );
  spawnSync("tap", ["--reporter=tap", ...tests.map((name) => `test/container/${name}`)], {
    env: watchedEnvironment(),
    stdio: ["ignore", log, "inherit"],
  });
  closeSync(log);
}

/** These build images with the executables of dist/, or need one of another architecture. */
const IMAGES = /^(system-|release-image|arm64)/;

/** The environment in which the container tests run these executables, whose containers have what they write to. */
function watchedEnvironment(): NodeJS.ProcessEnv {
  const { environment } = ensurePodman("what runs is counted in podman's containers, and podman is missing");
  const usual = environment["CONTAINERS_CONF"];
  const text = usual === undefined ? "[containers]\n" : readFileSync(usual, "utf8");
  const file = join(BUILD, "coverage", "containers.conf");
  writeFileSync(file, text.replace("[containers]\n", `[containers]\nvolumes = ["${REACHED}:${IN_CONTAINERS}"]\n`));
  return {
    ...environment,
    CONTAINER_ENGINE: "podman",
    CONTAINERS_CONF: file,
    TSGOSU_EXECUTABLES: join(PROJECT, WORK),
  };
}

/** What the containers have reached since `runWatched` began. */
export function reachedFunctions(engine: EngineName): EngineFunction[] {
  const isReached = engine === "node" ? reachedInNode() : reachedInStatic();
  const directory = `src/kernel/${engine}`;
  return readdirSync(join(PROJECT, directory))
    .filter((name) => /\.(c|h|ts)$/.test(name))
    .sort()
    .map((name) => `${directory}/${name}`)
    .flatMap((file) =>
      functionsIn(readFileSync(join(PROJECT, file), "utf8"), file.endsWith(".ts")).map(({ name }) => ({
        engine,
        file,
        name,
        isReached: isReached(file, name),
      })),
    );
}

/** A function that a text defines, `Class.method` if it is one, and where V8 says that it begins. */
export interface DefinedFunction {
  readonly name: string;
  readonly place: number;
}

/** A class, a function or a method in TypeScript, as this project and esbuild write them; a function in C. */
const IN_SCRIPT =
  /^(?:export |abstract )*(?:var (?<bound>\w+) = )?class\b ?(?<named>\w*)|^(?:export )?function (?<plain>\w+)\(|^ {2}(?:(?:private|protected|override) )*(?!if|for|while|switch|return)(?<method>\w+)\(.*(?:[{(]|\{\})$/gm;
const IN_C = /^(?!\s|#|typedef|struct|extern)[\w* ]*?\b(?<plain>\w+)\([^;]*\) \{/gm;

/** The functions that have a name, in the order of the text; arrow functions belong to the functions that they stand in. */
export function functionsIn(text: string, isScript: boolean): DefinedFunction[] {
  const found: DefinedFunction[] = [];
  let name = "";
  for (const { index, groups = {} } of text.matchAll(isScript ? IN_SCRIPT : IN_C)) {
    const { plain, method } = groups;
    if (plain !== undefined) found.push({ name: plain, place: text.indexOf("function", index) });
    else if (method !== undefined) found.push({ name: `${name}.${method}`, place: text.indexOf(method, index) });
    else name = groups["bound"] ?? groups["named"] ?? "";
  }
  return found;
}

type IsReached = (file: string, name: string) => boolean;

/** By the places in the one script; where each of its modules begins, a comment says. */
function reachedInNode(): IsReached {
  const script = readFileSync(join(BUILD, "sea", "tsgosu", "tsgosu.cjs"), "utf8");
  const lines = new Set(readFileSync(join(REACHED, "sea"), "utf8").split("\n"));
  const modules = [...script.matchAll(/^\/\/ (\S+\.ts)$/gm)].map(({ index, 1: file = "" }) => ({ index, file }));
  const reached = new Set<string>();
  for (const { name, place } of functionsIn(script, true)) {
    // These two are told by name, before they end the script.
    const isReached =
      lines.has(`${place}`) || (/\.(execve|exit_group)$/.test(name) && lines.has(name.replace(/.*\./, "")));
    const file = modules.findLast(({ index }) => index < place)?.file ?? "";
    // A name that two modules have gets a number.
    if (isReached) for (const one of [name, name.replace(/\d+$/, "")]) reached.add(`${file}: ${one}`);
  }
  return (file, name) => reached.has(`${file}: ${name}`);
}

/** By the symbols: scriptc writes a method's name behind that of its class. */
function reachedInStatic(): IsReached {
  const file = readFileSync(STATIC);
  const sections = sectionsOf(file);
  const symbols = symbolsOf(file, sectionNamed(sections, ".symtab"), sectionNamed(sections, ".strtab"));
  const places = readFileSync(join(REACHED, "static"));
  const reached = new Set<number>();
  for (let at = 0; at + 4 <= places.length; at += 4) reached.add(places.readUInt32LE(at));
  const names = symbols.filter(({ address }) => reached.has(address)).map(({ name }) => name);
  return (source, name) => {
    if (!source.endsWith(".ts")) return names.includes(name);
    const written = `_${name.replace(".", "_")}`;
    return names.some((symbol) => symbol.startsWith("sc_") && symbol.endsWith(written));
  };
}

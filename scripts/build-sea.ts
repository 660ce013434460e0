// Builds dist/tsgosu: TypeScript → one script (esbuild) → SEA blob → injected into Node's own binary (postject).

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { inject } from "postject";
import type { NodeArchitecture } from "../src/kernel/node/machine.ts";
import { blindToEnvironment, NODE_SHA256 } from "./blind.ts";
import { must, tell } from "./host.ts";
import { nodeFor } from "./node-binary.ts";

// Where postject puts the blob, and the mark in Node's binary that says one is there (nodejs.org, single executable applications).
const RESOURCE = "NODE_SEA_BLOB";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * What Node writes of the compiled script follows the order of its hash tables, and so a number that is drawn at random at every
 * start. This option fixes it. It is one of the two options that V8 leaves out when it asks whether a code cache was made
 * with the same ones: a start accepts the cache (--hash-seed would fix the order too, but its cache is refused).
 */
export const SAME_EVERY_TIME = "--random-seed=1";

/** What goes into the Node executable. */
export interface Program {
  /** The TypeScript file where it starts. */
  readonly entry: string;
  /** Makes of the one script what is put into Node. */
  readonly finish: (script: string) => string;
}

const TSGOSU: Program = { entry: "src/entry/sea.ts", finish: compiledAhead };

/**
 * Builds the Node executable for an architecture into the file `output`. The same source gives the same bytes every time. Throws
 * an Error or a SetupError if a step fails, or if Node's binary is not the known one.
 */
export async function buildSea(
  output: string,
  architecture: NodeArchitecture = "x64",
  { entry, finish } = TSGOSU,
): Promise<void> {
  const { binary, run, strip } = nodeFor(architecture);
  const work = join("build", "sea", basename(output));
  mkdirSync(work, { recursive: true });
  mkdirSync("dist", { recursive: true });
  const script = join(work, "tsgosu.cjs");
  tell(`${output}: one script of src, put into a copy of Node`, "build");
  await build({
    entryPoints: [entry],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node26",
  });

  writeFileSync(script, finish(readFileSync(script, "utf8")));

  const blob = join(work, "tsgosu.blob");
  const config = join(work, "sea.json");
  writeFileSync(
    config,
    JSON.stringify({
      main: script,
      output: blob,
      disableExperimentalSEAWarning: true,
      // Measured: the code cache takes 2 ms of 40 off the start, a snapshot adds more than it saves.
      useSnapshot: false,
      useCodeCache: true,
      // `--` ends the options: Node would read argv[0], which comes next, as one.
      execArgv: ["--disable-sigusr1", "--no-warnings", "--"],
      // NODE_OPTIONS is the application's: its preloads must not run as root in here. (See also blind.ts.)
      execArgvExtension: "none",
    }),
  );
  must([...run, SAME_EVERY_TIME, "--experimental-sea-config", config]);

  const made = join(work, "tsgosu");
  const node = readFileSync(binary);
  blindToEnvironment(node, NODE_SHA256[architecture]);
  writeFileSync(made, node, { mode: 0o755 });
  // postject's library for ELF files complains of every note in that section.
  must([strip, "--remove-section=.gnu.build.attributes", made]);
  await injectBlob(made, readFileSync(blob));
  renameSync(made, output);
}

/** Puts what Node has prepared into a copy of its binary. */
export async function injectBlob(file: string, blob: Buffer): Promise<void> {
  await withoutNoteWarning(() => inject(file, RESOURCE, blob, { sentinelFuse: FUSE }));
}

/**
 * postject's library makes the section that the blob is in, and warns that this one, of its own making, has no place in
 * the table of names yet. What it writes afterwards is whole.
 */
const NOTE_WARNING = "warning: Can't find string offset for section name '.note'";

/** Does the work, and keeps that one warning, which the library writes by console.warn, from whoever builds. */
async function withoutNoteWarning(work: () => Promise<void>): Promise<void> {
  const warn = console.warn;
  console.warn = (...words: unknown[]) => {
    if (words.length !== 1 || words[0] !== NOTE_WARNING) warn(...words);
  };
  try {
    await work();
  } finally {
    console.warn = warn;
  }
}

const FUNCTION = /^function (\w+)\(.*?^}$/gms;

/**
 * The script with its functions as expressions in parentheses, and first, as they are hoisted anyway: V8 compiles such
 * functions with the script and so into the code cache, others when they are first called. That is a tenth of the start.
 */
function compiledAhead(script: string): string {
  const functions: string[] = [];
  const rest = script.replace(FUNCTION, (text, name: string) => {
    functions.push(`var ${name} = (${text});`);
    return "";
  });
  return ['"use strict";', ...functions, rest].join("\n");
}

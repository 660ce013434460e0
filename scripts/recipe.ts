// Files that are made of others, and only when something they are made of has changed. By content, since a checkout, a copy
// or a clock can give a file any time.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Recipe {
  /** What is made, the file that it is called by first. */
  readonly outputs: readonly [string, ...string[]];
  /** Files, and folders with all that is in them. Each must be there. */
  readonly inputs: readonly string[];
  make(): void | Promise<void>;
}

/** Says which files were made: of which inputs, and what came out. */
interface Stamp {
  readonly inputs: string;
  readonly outputs: string;
}

/**
 * Makes the outputs, unless they stand there as they were made of the inputs as they are: an output that was changed or
 * removed since is made again. Says whether it was done. `stamps` is the folder where it is remembered.
 */
export async function follow(recipe: Recipe, stamps: string): Promise<boolean> {
  const stamp = join(stamps, `${recipe.outputs[0].replaceAll("/", "-")}.json`);
  // Before the work: an input that changes meanwhile makes the outputs outdated.
  const inputs = hashOf(recipe.inputs.flatMap(filesUnder));
  if (recipe.outputs.every((file) => existsSync(file)) && existsSync(stamp)) {
    const known = JSON.parse(readFileSync(stamp, "utf8")) as Stamp;
    if (known.inputs === inputs && known.outputs === hashOf(recipe.outputs)) return false;
  }
  rmSync(stamp, { force: true });
  await recipe.make();
  mkdirSync(stamps, { recursive: true });
  const made: Stamp = { inputs, outputs: hashOf(recipe.outputs) };
  writeFileSync(stamp, JSON.stringify(made));
  return true;
}

function filesUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => join(path, name)).filter((file) => statSync(file).isFile());
}

/** Of the names and contents. */
function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

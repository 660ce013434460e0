// npm run clean: removes what builds, tests and demos have made, and says what. Packages of Debian and of npm stay.

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rememberedPackages, takeLinesOut } from "./changes.ts";
import { type Engine, engineWords, workingEngines } from "./engine.ts";
import { ADDED, attempt, PROJECT, tell } from "./host.ts";
import { isRelease, MADE_HERE } from "./images.ts";

for (const engine of workingEngines()) removeImages(engine);
for (const line of takeLinesOut(ADDED)) tell(`taken out of ${line}`, "clean");
const packages = rememberedPackages(ADDED);
if (packages.length > 0)
  tell(`these Debian packages were installed and stay; to remove them: apt-get remove ${packages.join(" ")}`, "clean");
for (const name of ["build", "dist", ".tap"]) {
  const folder = join(PROJECT, name);
  if (!existsSync(folder)) continue;
  rmSync(folder, { recursive: true });
  tell(`${name}/ is removed`, "clean");
}
tell("node_modules/ and zig's own cache (~/.cache/zig) stay", "clean");

/** What the engine's `images` prints with these words, a line each. */
function imagesOf(engine: Engine, ...words: string[]): string[] {
  const { stdout } = attempt(engineWords(engine, ["images", ...words]), engine);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Those with our label, also the nameless ones that builds leave, and the release image. A container keeps its image. */
function removeImages(engine: Engine): void {
  const names = ["--format", "{{.Repository}}:{{.Tag}}"];
  const ours = ["--filter", `label=${MADE_HERE}`];
  const named = [...imagesOf(engine, ...names, ...ours), ...imagesOf(engine, ...names).filter(isRelease)];
  remove(engine, [...new Set(named.filter((name) => !name.includes("<none>")))]);
  // An image that another is made from goes after that one.
  for (let left = Number.POSITIVE_INFINITY; ; ) {
    const nameless = imagesOf(engine, "-q", ...ours);
    if (nameless.length === 0) return;
    if (nameless.length >= left) {
      tell(`${engine.name} keeps ${nameless.length} images, which containers use: ${nameless.join(" ")}`, "clean");
      return;
    }
    left = nameless.length;
    remove(engine, [...new Set(nameless)]);
  }
}

function remove(engine: Engine, images: readonly string[]): void {
  for (const image of images) {
    const { code } = attempt(engineWords(engine, ["rmi", image]), engine);
    if (code === 0) tell(`the image ${image} of ${engine.name} is removed`, "clean");
  }
}

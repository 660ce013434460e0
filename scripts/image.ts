// npm run image: the release image as `tsgosu` for this machine; `npm run image -- arm64` for the other architecture.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildStatic } from "./build-static.ts";
import { engineWords, ensureEngine } from "./engine.ts";
import { must, PROJECT, SetupError, tell } from "./host.ts";
import { ensureReleaseImage } from "./release-image.ts";

try {
  const architecture = process.argv[2] ?? "amd64";
  if (architecture !== "amd64" && architecture !== "arm64")
    throw new SetupError(`${architecture}: the architectures are amd64 and arm64`);
  const arm = join("dist", "tsgosu-static-aarch64");
  if (architecture === "arm64" && !existsSync(join(PROJECT, arm))) buildStatic("aarch64", arm);
  const engine = ensureEngine();
  const tag = architecture === "amd64" ? "tsgosu" : `tsgosu:${architecture}`;
  must(engineWords(engine, ["tag", ensureReleaseImage(engine, architecture), tag]), engine);
  tell(`the image is ${tag}`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  tell(error.message);
  process.exitCode = 1;
}

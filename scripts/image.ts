// npm run image: the release image as `tsgosu` for this machine; `npm run image -- arm64` for the other architecture.

import { engineWords, ensureEngine } from "./engine.ts";
import { ensureSea, ensureStatic, STATIC, STATIC_ARM } from "./executables.ts";
import { must, SetupError, tell } from "./host.ts";
import { ensureReleaseImage } from "./release-image.ts";

try {
  const architecture = process.argv[2] ?? "amd64";
  if (architecture !== "amd64" && architecture !== "arm64")
    throw new SetupError(`${architecture}: the architectures are amd64 and arm64`);
  if (architecture === "arm64") await ensureStatic("aarch64", STATIC_ARM);
  else {
    await ensureStatic("x86_64", STATIC);
    await ensureSea();
  }
  const engine = ensureEngine();
  const tag = architecture === "amd64" ? "tsgosu" : `tsgosu:${architecture}`;
  must(engineWords(engine, ["tag", ensureReleaseImage(engine, architecture), tag]), engine);
  tell(`the image is ${tag}`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  tell(error.message);
  process.exitCode = 1;
}

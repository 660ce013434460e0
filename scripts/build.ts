// npm run build: both executables; `sea` or `static` for one; `static aarch64` for another architecture.

import { buildSea } from "./build-sea.ts";
import { buildStatic } from "./build-static.ts";

const [what, architecture] = process.argv.slice(2);
if (what !== "sea")
  buildStatic(
    architecture ?? "x86_64",
    architecture === undefined ? "dist/tsgosu-static" : `dist/tsgosu-static-${architecture}`,
  );
if (what !== "static") await buildSea("dist/tsgosu");

import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { buildSea } from "../build-sea.ts";
import { buildStatic, symbolsFile } from "../build-static.ts";

mkdirSync("build/coverage/reached", { recursive: true });
for (const f of ["static", "sea"]) {
  writeFileSync("build/coverage/reached/" + f, "");
  chmodSync("build/coverage/reached/" + f, 0o666);
}
await buildSea("build/coverage/tsgosu", "scripts/coverage/sea.ts", (s) => s);
buildStatic("x86_64", "build/coverage/tsgosu-static", undefined, {
  flags: ["-finstrument-functions"],
  sources: ["scripts/coverage/reached.c"],
});
copyFileSync(symbolsFile("x86_64", "build/coverage/tsgosu-static"), "build/coverage/tsgosu-static");

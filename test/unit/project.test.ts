// What the project says of itself in several places is the same.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { bindings } from "../../scripts/bindings.ts";
import { VERSION } from "../../src/version.ts";

t.test("the version is that of package.json", async (t) => {
  const description = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };
  t.equal(VERSION, description.version);
});

t.test("every function of kernel.c is declared for TypeScript with as many words", async (t) => {
  const source = readFileSync("src/kernel/static.ts", "utf8").replace(/\s+/g, " ");
  const declared = new Map(
    [...source.matchAll(/declare function (\w+)\(([^)]*)\)/g)].map(([, name = "", words = ""]) => [
      name,
      words.split(",").filter((word) => word.trim() !== "").length,
    ]),
  );
  const bound = new Map(bindings("kernel.o").functions.map((one) => [one.name, one.params.length]));
  t.same([...declared].sort(), [...bound].sort());
});

t.test("only the kernel and the entries reach the system", async (t) => {
  for (const file of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || /^(kernel|entry)\//.test(file)) continue;
    t.notMatch(readFileSync(join("src", file), "utf8"), /from "node:/, file);
  }
});

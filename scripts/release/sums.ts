// SHA256SUMS: what each file of a release is.

import { sha256 } from "./hash.ts";

/** The lines that sha256sum(1) writes and checks, by name. */
export function sums(files: ReadonlyMap<string, Buffer>): string {
  const names = [...files.keys()].sort();
  return names.map((name) => `${sha256(files.get(name) ?? Buffer.alloc(0))}  ${name}\n`).join("");
}

// What goes with every executable, and what the project says of itself in one line.

import { readFileSync } from "node:fs";
import { COMPLETIONS } from "../completions.ts";

/** The manual page, the completions and what else is there to read, as the project has them. */
export const DOCUMENTS: readonly string[] = [
  "tsgosu.1",
  "README.md",
  "CHANGELOG.md",
  ...Object.keys(COMPLETIONS).map((name) => `completions/${name}`),
];

/** The description in package.json. */
export function description(): string {
  return (JSON.parse(readFileSync("package.json", "utf8")) as { readonly description: string }).description;
}

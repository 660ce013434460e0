// What the scripts change on the machine outside the project: Debian packages, and lines of files in /etc. It is said before
// it is done, and remembered in build/added, so that `npm run clean` can put back what can be put back.

import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface AddedLine {
  readonly file: string;
  readonly line: string;
}

/** Remembers packages that are about to be installed, in the folder `added`. (scripts/prepare.sh does the same.) */
export function rememberPackages(added: string, packages: readonly string[]): void {
  remember(added, "packages", packages.join("\n"));
}

/** The packages that were installed, each once. */
export function rememberedPackages(added: string): string[] {
  return [...new Set(remembered(added, "packages"))];
}

/** Adds a line to the end of a file, which it makes if it is missing, and remembers that first. */
export function addLine(added: string, file: string, line: string): void {
  const entry: AddedLine = { file, line };
  remember(added, "lines", JSON.stringify(entry));
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  appendFileSync(file, `${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`);
}

/** Takes the lines out again that were added and are still there: each that was taken out, as `FILE: LINE`. */
export function takeLinesOut(added: string): string[] {
  const done: string[] = [];
  for (const text of remembered(added, "lines")) {
    const { file, line } = JSON.parse(text) as AddedLine;
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    const at = lines.lastIndexOf(line);
    if (at < 0) continue;
    lines.splice(at, 1);
    writeFileSync(file, lines.join("\n"));
    done.push(`${file}: ${line}`);
  }
  rmSync(join(added, "lines"), { force: true });
  return done;
}

function remember(added: string, name: string, text: string): void {
  mkdirSync(added, { recursive: true });
  appendFileSync(join(added, name), `${text}\n`);
}

function remembered(added: string, name: string): string[] {
  const file = join(added, name);
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
}

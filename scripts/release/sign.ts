// The signature of a release: that of SHA256SUMS, which stands for all files.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasProgram, installPackages, SetupError } from "../host.ts";

/** Throws a SetupError that says how to make a key, if there is none in that file. */
export function checkKey(key: string): void {
  if (!existsSync(key)) throw new SetupError(`--key ${key}: no such file: make a key with minisign -G -s ${key}`);
}

/**
 * The signature of a text, by minisign(1) with a secret key that `minisign -G` made, in the form that signify(1) reads too. It is the
 * same each time for the same key, text and comment. minisign asks for the key's password at the terminal. Throws a SetupError if
 * minisign fails, which has then said why.
 */
export function signature(text: string, key: string, comment: string): Buffer {
  if (!hasProgram("minisign")) installPackages(["minisign"], "the release is signed with minisign");
  const folder = mkdtempSync(join(tmpdir(), "tsgosu-sign-"));
  try {
    const file = join(folder, "SHA256SUMS");
    writeFileSync(file, text);
    // -l: not the form that signs a hash of the text, which signify does not know.
    const words = ["-S", "-l", "-s", key, "-m", file, "-t", comment, "-c", "signature of tsgosu"];
    const { status } = spawnSync("minisign", words, { stdio: ["inherit", "ignore", "inherit"] });
    if (status !== 0) throw new SetupError("minisign could not sign; its own words stand above");
    return readFileSync(`${file}.minisig`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

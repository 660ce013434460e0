// The static program that init is tested with: built once, by the compiler that npm brings.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { BUILD, must, PROJECT } from "../../scripts/host.ts";

/** Builds target.c unless that is done; where the executable stands. */
export function targetFile(): string {
  const source = join(import.meta.dirname, "target.c");
  const version = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 12);
  const directory = join(BUILD, "containers");
  const file = join(directory, `target-${version}`);
  if (existsSync(file)) return file;
  mkdirSync(directory, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  const zig = join(PROJECT, "node_modules", ".bin", "zig");
  const flags = ["-target", "x86_64-linux-musl", "-static", "-Os", "-s", "-Wall", "-Werror"];
  must([zig, "cc", ...flags, "-o", unfinished, source]);
  renameSync(unfinished, file);
  return file;
}

/** The flag of the engine's `run` that puts it on the container's PATH. */
export function withTarget(): string[] {
  return ["-v", `${targetFile()}:/usr/local/bin/target:ro`];
}

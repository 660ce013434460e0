// The static program that looks at processes from inside containers: built once, by the compiler that npm brings.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { BUILD, must, PROJECT } from "../../scripts/host.ts";

/** Builds probe.c unless that is done; where the executable stands. */
export function probeFile(): string {
  const source = join(import.meta.dirname, "probe.c");
  const version = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 12);
  const directory = join(BUILD, "containers");
  const file = join(directory, `probe-${version}`);
  if (existsSync(file)) return file;
  mkdirSync(directory, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  const zig = join(PROJECT, "node_modules", ".bin", "zig");
  const flags = ["-target", "x86_64-linux-musl", "-static", "-Os", "-s", "-Wall", "-Werror"];
  must(["env", "-u", "NODE_OPTIONS", zig, "cc", ...flags, "-o", unfinished, source]);
  renameSync(unfinished, file);
  return file;
}

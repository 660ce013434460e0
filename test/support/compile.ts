// The small static programs that tests look at processes with: built once each, by the compiler that npm brings.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { BUILD, must, PROJECT } from "../../scripts/host.ts";

const ZIG = join(PROJECT, "node_modules", ".bin", "zig");
const FLAGS = ["-target", "x86_64-linux-musl", "-static", "-Os", "-s", "-Wall", "-Werror"];

/** Builds test/support/NAME.c into a static executable, unless that is done; where it stands. */
export function compiled(name: string): string {
  const source = join(import.meta.dirname, `${name}.c`);
  const version = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 12);
  const directory = join(BUILD, "containers");
  const file = join(directory, `${name}-${version}`);
  if (existsSync(file)) return file;
  mkdirSync(directory, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  // zig's launcher is a Node program, which the test runner's NODE_OPTIONS would break.
  must(["env", "-u", "NODE_OPTIONS", ZIG, "cc", ...FLAGS, "-o", unfinished, source]);
  renameSync(unfinished, file);
  return file;
}

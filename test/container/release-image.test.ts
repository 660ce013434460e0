// The release image, for both architectures.

import { existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { buildStatic } from "../../scripts/build-static.ts";
import { attempt, hasProgram, PROJECT } from "../../scripts/host.ts";
import { ensureReleaseImage } from "../../scripts/release-image.ts";
import { VERSION } from "../../src/version.ts";
import { callEngine, engine } from "../support/containers.ts";
import { onStatic } from "../support/executables.ts";

interface Inspected {
  readonly Architecture: string;
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly Size: number;
}

async function inspect(image: string): Promise<Inspected | undefined> {
  return (JSON.parse((await callEngine(["image", "inspect", image])).stdout) as Inspected[])[0];
}

onStatic(t, "the release image has both executables, a numeric user and labels", async (t) => {
  const image = ensureReleaseImage(engine, "amd64");
  const inspected = await inspect(image);
  t.equal(inspected?.Architecture, "amd64");
  t.match(inspected?.Config.User, /^\d+:\d+$/);
  t.equal(inspected?.Config.Labels["org.opencontainers.image.version"], VERSION);
  t.equal(inspected?.Config.Labels["org.opencontainers.image.licenses"], "MIT");
  const run = await callEngine(["run", "--rm", "--network=none", image, "--version"]);
  t.match(run, { code: 0, stdout: `tsgosu ${VERSION}\n` });
  const itself = await callEngine([
    "run",
    "--rm",
    "--network=none",
    image,
    "65532:65532",
    "/tsgosu-static",
    "--version",
  ]);
  t.match(itself, { code: 0, stdout: `tsgosu ${VERSION}\n` }, "as that user it needs no capability");
});

onStatic(t, "for arm64 there is the static executable, and it runs", async (t) => {
  const file = join(PROJECT, "dist", "tsgosu-static-aarch64");
  buildStatic("aarch64", join("dist", "tsgosu-static-aarch64"));
  t.ok(existsSync(file));
  const inspected = await inspect(ensureReleaseImage(engine, "arm64"));
  t.equal(inspected?.Architecture, "arm64");
  t.match(inspected?.Config.User, /^\d+:\d+$/);
  t.ok((inspected?.Size ?? 0) < 1_000_000, `${inspected?.Size} bytes`);
  if (!hasProgram("qemu-aarch64-static")) {
    t.comment("qemu-aarch64-static is not installed: the arm64 executable is built, not run");
    return;
  }
  t.equal(attempt(["qemu-aarch64-static", file, "--version"]).stdout, `tsgosu ${VERSION}\n`);
  const uid = String(process.getuid?.());
  t.equal(attempt(["qemu-aarch64-static", file, uid, "echo", "from arm64"]).stdout, "from arm64\n");
});

// The release image; architectures.test.ts has the one for arm64.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { PROJECT } from "../../scripts/host.ts";
import { ensureReleaseImage, SHARED } from "../../scripts/release-image.ts";
import { VERSION } from "../../src/version.ts";
import { callEngine, engine, remove } from "../support/containers.ts";
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
  // podman would put a passwd file there that nobody but root may read.
  const bare = engine.name === "podman" ? ["--passwd=false"] : [];
  const itself = await callEngine([
    "run",
    "--rm",
    "--network=none",
    ...bare,
    image,
    "65532:65532",
    "/tsgosu-static",
    "--version",
  ]);
  t.match(itself, { code: 0, stdout: `tsgosu ${VERSION}\n` }, "as that user it needs no capability");
});

onStatic(t, "the release image has the man page and the completions where the shells look for them", async (t) => {
  const image = ensureReleaseImage(engine, "amd64");
  const { stdout: container } = await callEngine(["create", "--pull=never", image]);
  t.teardown(() => remove(container.trim()));
  for (const [file, place] of SHARED) {
    const { code, stdout } = await callEngine(["cp", `${container.trim()}:/usr/share/${place}`, "-"]);
    t.equal(code, 0, place);
    t.ok(stdout.includes(readFileSync(join(PROJECT, file), "latin1")), place);
  }
});

// The image of a release, as an engine loads and runs it.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { must } from "../../scripts/host.ts";
import { VERSION } from "../../src/version.ts";
import { callEngine, engine } from "../support/containers.ts";
import { BUILT, copyProject, ensurePrograms, makeRelease } from "../support/release.ts";

t.setTimeout(600_000);

ensurePrograms({ skopeo: "skopeo" });
const top = mkdtempSync(join(tmpdir(), "tsgosu-image-"));
t.teardown(() => rmSync(top, { recursive: true }));
const here = join(top, "here");
mkdirSync(here);
copyProject(here, BUILT);
makeRelease(here, ["--only", "static", "amd64"]);
const release = join(here, "dist", "release");

t.test("image: skopeo reads the index, and the engine runs what it loads, as a user that is a number", async (t) => {
  const archive = join(release, `tsgosu-${VERSION}-oci.tar`);
  const image = `localhost/tsgosu:${VERSION}`;
  const inspected = JSON.parse(must(["skopeo", "inspect", "--config", `oci-archive:${archive}`])) as {
    readonly architecture: string;
    readonly config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  };
  t.match(inspected, { architecture: "amd64", config: { User: "65532:65532" } });
  t.equal(inspected.config.Labels["org.opencontainers.image.version"], VERSION);
  let loaded = archive;
  if (engine.name === "docker") {
    // Docker before 25 reads no layout of OCI.
    loaded = join(top, "docker.tar");
    must(["skopeo", "copy", "--quiet", `oci-archive:${archive}`, `docker-archive:${loaded}:${image}`]);
  }
  const load = await callEngine(["load", "-q", "-i", loaded]);
  t.match(load, { code: 0 }, load.stderr);
  t.teardown(() => callEngine(["rmi", image]));
  t.match(await callEngine(["run", "--rm", "--network=none", image, "--version"]), {
    code: 0,
    stdout: `tsgosu ${VERSION}\n`,
  });
  const { stdout: container } = await callEngine(["create", "--pull=never", image]);
  t.teardown(() => callEngine(["rm", container.trim()]));
  for (const path of [
    "/usr/share/doc/tsgosu/tsgosu.cdx.json",
    "/usr/share/man/man1/tsgosu.1",
    "/usr/share/doc/tsgosu/copyright",
  ])
    t.equal((await callEngine(["cp", `${container.trim()}:${path}`, join(top, "copied")])).code, 0, path);
});

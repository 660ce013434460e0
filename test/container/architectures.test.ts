// The same source for other architectures: built by the same script, run by qemu, in a root, a mount and a PID namespace of its
// own. arm64 is what many machines are; s390x differs most from this machine, since its numbers begin with the highest byte.
// `npm run architectures` does this for all.

import t from "tap";
import { ARCHITECTURES } from "../../scripts/architectures.ts";
import { ensureStatic, STATIC } from "../../scripts/executables.ts";
import { ensureReleaseImage } from "../../scripts/release-image.ts";
import { callEngine, engine } from "../support/containers.ts";
import { cases, compare, IMPOSSIBLE, isForeground, prepare } from "../support/emulated.ts";

// A build from nothing, libc included, takes minutes.
t.setTimeout(900_000);

await ensureStatic("x86_64", STATIC);
for (const architecture of ARCHITECTURES.filter(({ name }) => name === "arm64" || name === "s390x"))
  t.test(`${architecture.name}: every case ends as on this machine`, async (t) => {
    const executable = await prepare(architecture);
    await compare(executable, cases, ({ name }, difference) => {
      const reason = IMPOSSIBLE[name];
      if (reason === undefined) t.equal(difference, "", name);
      else t.not(difference, "", `${name}: ${reason}`);
    });
    t.ok(isForeground(executable), "the command is the foreground of its terminal");
  });

t.test("the release image for arm64", async (t) => {
  const image = ensureReleaseImage(engine, "arm64");
  const inspected = await callEngine(["image", "inspect", "--format", "{{.Architecture}} {{.Config.User}}", image]);
  t.equal(inspected.stdout, "arm64 65532:65532\n");
});

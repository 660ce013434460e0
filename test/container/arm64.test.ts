// The same source for another architecture: built by the same script, run by qemu.

import { readFileSync } from "node:fs";
import t from "tap";
import { ensureStatic, STATIC_ARM } from "../../scripts/executables.ts";
import { attempt, hasProgram, installPackages, type Outcome } from "../../scripts/host.ts";
import { ensureReleaseImage } from "../../scripts/release-image.ts";
import { callEngine, engine } from "../support/containers.ts";

const QEMU = "qemu-aarch64-static";
/** The machine in an ELF header (elf.h). */
const EM_AARCH64 = 183;

t.test("the static executable for arm64", async (t) => {
  if (!hasProgram(QEMU)) installPackages(["qemu-user-static"], "arm64 executables are run by qemu");
  await ensureStatic("aarch64", STATIC_ARM);
  const run = (...words: readonly string[]): Outcome => attempt([QEMU, STATIC_ARM, ...words]);

  t.equal(readFileSync(STATIC_ARM).readUInt16LE(18), EM_AARCH64);
  t.match(run("--version").stdout, /^tsgosu \d/);
  t.match(run("nobody", "/usr/bin/id").stdout, /^uid=65534\(nobody\)/);
  t.match(run("1234:5678", "/bin/sh", "-c", "id -u; id -g; echo $HOME").stdout, "1234\n5678\n/\n");
  t.equal(run("--init", "nobody", "/bin/sh", "-c", "exit 42").code, 42);
  t.equal(run("--init", "nobody", "/bin/sh", "-c", "kill -TERM $$").code, 143);
  t.equal(run("--init", "nobody", "/no/such/command").code, 127);
  t.match(run("no-such-user", "true"), { code: 125, stderr: /^tsgosu: user 'no-such-user': no such user/ });

  const image = ensureReleaseImage(engine, "arm64");
  const inspected = await callEngine(["image", "inspect", "--format", "{{.Architecture}} {{.Config.User}}", image]);
  t.equal(inspected.stdout, "arm64 65532:65532\n", "the release image for arm64");
});

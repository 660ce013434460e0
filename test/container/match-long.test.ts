// Work that takes long: it ends when the container is told to stop, and shows on a terminal how far it is.

import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { callEngine, run, start, until } from "../support/containers.ts";
import { type Executable, onBoth } from "../support/executables.ts";
import { openTerminal } from "../support/terminal.ts";

/** Files enough for more than a second; links of few inodes are made faster than files. */
const FILES: Readonly<Record<Executable["name"], number>> = { static: 450_000, sea: 250_000 };

/** A directory of root's with so many names in it, shared by all tests of this file. */
function manyFiles(t: Test, executable: Executable): string {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-many-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const script = `chdir $ARGV[0]; for $d (1 .. $ARGV[1] / 1000) { mkdir $d; open F, ">", "$d/1"; close F; link "$d/1", "$d/$_" for 2 .. 1000 }`;
  spawnSync("perl", ["-e", script, directory, `${FILES[executable.name]}`]);
  return directory;
}

onBoth(t, "long work", async (t, executable) => {
  const directory = manyFiles(t, executable);
  const flags = ["-v", `${directory}:/data`];
  // In this process, so that on a busy machine the work is not done before it is looked at.
  const owned = (): number =>
    readdirSync(directory).filter((name) => lstatSync(join(directory, name)).uid === 1234).length;

  for (const [mode, signal, code] of [
    ["--init", "TERM", 143],
    ["--exec", "TERM", 143],
    ["--init", "INT", 130],
  ] as const) {
    t.equal(owned(), 0, "nothing is done yet");
    const container = await start(t, executable, [mode, "--chown", "/data", "1234:1234", "sleep", "60"], { flags });
    const pid = Number((await callEngine(["inspect", "-f", "{{.State.Pid}}", container.name])).stdout);
    await until(
      async () => owned(),
      (count) => count > 0,
      "the first directory to be given to the user",
    );
    process.kill(pid, "SIGWINCH");
    process.kill(pid, `SIG${signal}`);
    t.equal(await container.wait(), code, `${mode}: SIG${signal} ends the container`);
    t.ok(owned() < FILES[executable.name] / 1000, `${mode}: before the work was done`);
    spawnSync("chown", ["-hR", "0:0", directory]);
  }

  const terminal = openTerminal(t, executable, ["--chown", "/data", "1234:1234", "echo", "done"], { flags });
  t.equal(await terminal.ended(), 0);
  t.match(terminal.screen(), /\rtsgosu: chown \/data: \d+ files, \d+ a second/);
});

onBoth(t, "PID 1 gives the command the signals as it found them, after the work", async (t, executable) => {
  const show = ["grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"];
  const bare = await run(executable, show.slice(1), { entrypoint: "grep" });
  const ran = await run(executable, ["--exec", "--chown", "/data", "1234:1234", ...show], { flags: ["--tmpfs=/data"] });
  t.match(bare, { code: 0, stdout: /^SigBlk:\t0+\nSigIgn:\t0+\nSigCgt:\t\w+\n$/ });
  t.match(ran, { code: 0, stdout: bare.stdout, stderr: "" });
});

// --new-session: the command cannot type into the shell of root that has started it (CVE-2016-2779), and what becomes of
// job control.

import { readFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Case, runCases } from "../support/cases.ts";
import { callEngine, run, until } from "../support/containers.ts";
import { type Executable, onBoth } from "../support/executables.ts";
import { CTRL_C, CTRL_Z, commandState, openTerminal, type Terminal, useJobControl } from "../support/terminal.ts";

/** Root's shell, which waits for a line. */
async function openShell(t: Test, executable: Executable): Promise<Terminal> {
  const options = { entrypoint: "bash", flags: ["-e", "PS1=prompt>"] };
  const terminal = openTerminal(t, executable, ["--norc", "-i"], options);
  await terminal.waitFor("prompt>");
  return terminal;
}

/** Whether a file is there in the container. */
async function isThere(terminal: Terminal, file: string): Promise<boolean> {
  return (await callEngine(["exec", terminal.name, "test", "-e", file])).code === 0;
}

/** Whether the kernel lets a process push input into its own terminal at all (Linux 6.2). */
function mayPush(): boolean {
  try {
    return readFileSync("/proc/sys/dev/tty/legacy_tiocsti", "latin1").trim() === "1";
  } catch {
    return true;
  }
}

onBoth(
  t,
  "what a user types into the terminal, root's shell runs; with --new-session there is no way",
  async (t, executable) => {
    const terminal = await openShell(t, executable);
    for (const mode of ["--exec", "--init -s"]) {
      const file = `/owned${mode.length}`;
      terminal.type(`tsgosu ${mode} --new-session 1000 probe push $'touch ${file}\\n'\r`);
      await terminal.waitFor("TIOCSTI: Operation not permitted");
      terminal.type("echo co''de $?\r");
      await terminal.waitFor("code 99");
      t.notOk(await isThere(terminal, file), `${mode}: nothing was typed`);
      if (!mayPush()) continue;
      terminal.type(`tsgosu ${mode} 1000 probe push $'touch ${file}\\n'\r`);
      const owned = await until(
        () => isThere(terminal, file),
        (there) => there,
        "root's shell to run what was typed",
      );
      t.ok(owned, `${mode}: without the option it is the shell that runs it`);
    }
    terminal.type("\rexit 0\r");
    await terminal.ended();
  },
);

onBoth(t, "--verbose says that root's shell is within reach", async (t, executable) => {
  const terminal = await openShell(t, executable);
  const said = "shares a terminal with the shell above it";
  terminal.type("tsgosu --exec --verbose 1000 true\r");
  await terminal.waitFor(said);
  terminal.type("tsgosu --exec --verbose --new-session 1000 echo out of rea''ch\r");
  await terminal.waitFor("out of reach");
  terminal.type("tsgosu --exec --verbose root echo as ro''ot\r");
  await terminal.waitFor("as root");
  terminal.type("exit\r");
  await terminal.ended();
  t.equal(terminal.screen().split(said).length, 2, "once");

  const first = openTerminal(t, executable, ["--verbose", "1000", "true"]);
  t.equal(await first.ended(), 0);
  t.notMatch(first.screen(), said, "PID 1 has no shell above it");
});

onBoth(t, "below a shell, init passes on what is typed: Ctrl-Z, fg, Ctrl-C", async (t, executable) => {
  const terminal = await openShell(t, executable);
  terminal.type("tsgosu -s --init --new-session 1000 cat\r");
  await until(
    () => commandState(terminal, "cat"),
    (state) => /^Ss$/.test(state),
    "cat to lead a session without a terminal",
  );
  terminal.type("one\r");
  await terminal.waitFor("one\r\none");
  terminal.type(CTRL_Z);
  await terminal.waitFor("Stopped");
  await terminal.waitFor("prompt>");
  t.match(await commandState(terminal, "cat"), /^T/);
  terminal.type("fg\r");
  await until(
    () => commandState(terminal, "cat"),
    (state) => /^S/.test(state),
    "cat to go on",
  );
  terminal.type("two\r");
  await terminal.waitFor("two\r\ntwo");
  terminal.type(CTRL_C);
  await terminal.waitFor("prompt>");
  terminal.type("echo co''de $?\r");
  await terminal.waitFor("code 130");
  terminal.type("exit\r");
  t.equal(await terminal.ended(), 0);
});

for (const mode of ["--init", "--exec"]) {
  onBoth(t, `PID 1 on a terminal: a shell has job control, ${mode}`, async (t, executable) => {
    const terminal = openTerminal(t, executable, [mode, "--new-session", "1000", "bash", "--norc", "-i"], {
      flags: ["-e", "PS1=prompt>"],
    });
    await useJobControl(t, terminal);
  });
}

/** Says the PID and the session of the shell that runs it. */
const SESSION = `sh -c 'read -r line </proc/$$/stat; set -- $line; [ "$1" = "$6" ] && echo own || echo shared'`;

onBoth(t, "without a terminal the command leads its session", async (t, executable) => {
  const first = await run(executable, ["--new-session", "1000", "sh", "-c", SESSION.slice(7, -1)]);
  t.match(first, { code: 0, stdout: "own\n", stderr: "" }, "PID 1");
  const cases: readonly (Case & { readonly expect: string | RegExp })[] = [
    { name: "exec", script: `tsgosu --exec --new-session 1000 ${SESSION}`, expect: "own\n" },
    { name: "exec, not asked for", script: `tsgosu --exec 1000 ${SESSION}`, expect: "shared\n" },
    { name: "init", script: `tsgosu -s --init --new-session 1000 ${SESSION}`, expect: "own\n" },
    { name: "init, not asked for", script: `tsgosu -s --init 1000 ${SESSION}`, expect: "shared\n" },
    { name: "a leader already", script: `setsid -w tsgosu --exec --new-session 1000 ${SESSION}`, expect: "own\n" },
    {
      name: "the leader of a group",
      script: `set -m; tsgosu --exec --new-session 1000 ${SESSION}`,
      expect: "own\n",
    },
    {
      name: "the leader of a group that others are in",
      script: `set -m; (sleep 30 & exec tsgosu --exec --new-session 1000 ${SESSION}); code=$?; kill %- 2>/dev/null; echo $code`,
      expect: "125\n",
    },
    {
      name: "the same, as init",
      script: `set -m; (sleep 30 & exec tsgosu -s --init --new-session 1000 ${SESSION})`,
      expect: "own\n",
    },
  ];
  const results = await runCases(executable, cases);
  for (const { name, expect } of cases)
    t.equal(results.get(name)?.stdout, expect, `${name}: ${results.get(name)?.stderr}`);
  t.match(
    results.get("the leader of a group that others are in")?.stderr,
    /^tsgosu: --new-session: setsid: operation not permitted\ntsgosu: hint: .*--init/,
  );
});

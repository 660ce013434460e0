// Job control where init is not PID 1: a person's shell, on a real terminal, has started tsgosu like any other command.

import t, { type Test } from "tap";
import { callEngine, until } from "../support/containers.ts";
import { type Executable, onBoth } from "../support/executables.ts";
import { CTRL_C, CTRL_Z, openTerminal, type Terminal } from "../support/terminal.ts";

/** A person's shell, which waits for a line. */
async function openShell(t: Test, executable: Executable, flags: readonly string[] = []): Promise<Terminal> {
  const options = { entrypoint: "bash", flags: ["-e", "PS1=prompt>", ...flags] };
  const terminal = openTerminal(t, executable, ["--norc", "-i"], options);
  await terminal.waitFor("prompt>");
  return terminal;
}

/** Waits until the container's process of that name is in such a state (ps(1), STAT). */
async function untilState(terminal: Terminal, name: string, state: RegExp): Promise<void> {
  // Node gives its thread, and so its process, a name of its own.
  const names = name === "tsgosu" ? "tsgosu,MainThread,node-MainThread" : name;
  await until(
    async () => (await callEngine(["exec", terminal.name, "ps", "-o", "stat=", "-C", names])).stdout.trim(),
    (shown) => state.test(shown),
    `${name} ${state}`,
  );
}

onBoth(t, "Ctrl-Z gives the shell its prompt, fg the command its terminal", async (t, executable) => {
  const terminal = await openShell(t, executable);
  terminal.type("tsgosu -s --init 1000 cat\r");
  await untilState(terminal, "cat", /^S.*\+/);
  for (const word of ["one", "two"]) {
    terminal.type(CTRL_Z);
    await terminal.waitFor("Stopped");
    await terminal.waitFor("prompt>");
    await untilState(terminal, "cat", /^T/);
    await untilState(terminal, "tsgosu", /^T/);
    terminal.type("fg\r");
    await untilState(terminal, "cat", /^S.*\+/);
    terminal.type(`${word}\r`);
    await terminal.waitFor(`${word}\r\n${word}`);
  }
  terminal.type(CTRL_C);
  await terminal.waitFor("prompt>");
  terminal.type("echo code $?\r");
  await terminal.waitFor("code 130");
  terminal.type("exit\r");
  t.equal(await terminal.ended(), 0);
});

onBoth(t, "bg, reading from the background, and fg again", async (t, executable) => {
  const terminal = await openShell(t, executable);
  terminal.type("tsgosu -s --init 1000 sh -c 'sleep 1; cat' &\r");
  await terminal.waitFor("prompt>");
  // cat reads in the background: the kernel stops it with SIGTTIN, and the shell has to know.
  await untilState(terminal, "cat", /^T/);
  await untilState(terminal, "tsgosu", /^T/);
  terminal.type("jobs\r");
  await terminal.waitFor("Stopped");
  terminal.type("fg\r");
  await untilState(terminal, "cat", /^S.*\+/);
  terminal.type("hello\r");
  await terminal.waitFor("hello\r\nhello");
  terminal.type(CTRL_C);
  await terminal.waitFor("prompt>");
  terminal.type("tsgosu -s --init 1000 sleep 600\r");
  await untilState(terminal, "sleep", /^S.*\+/);
  terminal.type(CTRL_Z);
  await terminal.waitFor("Stopped");
  terminal.type("bg\r");
  await untilState(terminal, "sleep", /^S[^+]*$/);
  terminal.type("kill %1; wait %1; echo code $?\r");
  await terminal.waitFor("code 143");
  terminal.type("exit\r");
  t.equal(await terminal.ended(), 0);
});

/** What follows tsgosu stays when that ends. */
const PIPELINE = "tsgosu -s --init 1000:1000 sleep 600 | tail -f /dev/null | cat\r";

onBoth(t, "in a pipeline: the whole job stops and goes on", async (t, executable) => {
  for (const flags of [["--user=1000:1000"], []]) {
    const terminal = await openShell(t, executable, flags);
    terminal.type(PIPELINE);
    await untilState(terminal, "sleep", /^S.*\+/);
    terminal.type(CTRL_Z);
    await untilState(terminal, "tsgosu", /^T/);
    // Of another user's processes, tsgosu can stop none, but the terminal can.
    if (flags.length === 0) terminal.type(CTRL_Z);
    await terminal.waitFor("Stopped");
    await terminal.waitFor("prompt>");
    await untilState(terminal, "cat", /^T/);
    terminal.type("fg\r");
    await untilState(terminal, "sleep", /^S.*\+/);
    await untilState(terminal, "cat", /^S/);
    terminal.type(CTRL_C);
    await untilState(terminal, "sleep", /^$/);
    // The terminal is the job's again, so the rest of it can be interrupted too.
    await untilState(terminal, "cat", /^S.*\+/);
    terminal.type(CTRL_C);
    await untilState(terminal, "cat", /^$/);
    await terminal.waitFor("prompt>");
    // The terminal throws away what was typed when Ctrl-C comes: again, until the shell has read it.
    t.equal(await terminal.endedTyping("exit 6\r"), 6);
  }
});

onBoth(t, "SIGTSTP and SIGTTOU from elsewhere stop the job too", async (t, executable) => {
  const terminal = await openShell(t, executable);
  terminal.type("tsgosu -s --init 1000 sleep 600\r");
  await untilState(terminal, "sleep", /^S.*\+/);
  for (const signal of ["TSTP", "TTOU", "TTIN"]) {
    await callEngine(["exec", terminal.name, "pkill", `-${signal}`, "-f", "^tsgosu -s"]);
    await terminal.waitFor("Stopped");
    await terminal.waitFor("prompt>");
    terminal.type("fg\r");
    await untilState(terminal, "sleep", /^S.*\+/);
  }
  terminal.type(CTRL_C);
  await terminal.waitFor("prompt>");
  terminal.type("exit 5\r");
  t.equal(await terminal.ended(), 5);
});

onBoth(t, "where no shell manages jobs, tsgosu does not stop for good", async (t, executable) => {
  const terminal = openTerminal(t, executable, ["-c", "tsgosu -s --init 1000 sleep 600; exit $?"], {
    entrypoint: "sh",
  });
  await untilState(terminal, "sleep", /^S.*\+/);
  terminal.type(CTRL_Z);
  await untilState(terminal, "sleep", /^T/);
  await untilState(terminal, "tsgosu", /^S/);
  await callEngine(["exec", terminal.name, "pkill", "-CONT", "-f", "^tsgosu -s"]);
  await untilState(terminal, "sleep", /^S.*\+/);
  terminal.type(CTRL_C);
  t.equal(await terminal.ended(), 130);
});

onBoth(t, "PID 1: after Ctrl-Z, SIGCONT from the engine lets the whole group go on", async (t, executable) => {
  const terminal = openTerminal(t, executable, ["1000", "sh", "-c", "sleep 610; echo rea''dy"]);
  await untilState(terminal, "sleep", /^S.*\+/);
  terminal.type(CTRL_Z);
  await untilState(terminal, "sleep", /^T/);
  await callEngine(["kill", "--signal", "CONT", terminal.name]);
  await untilState(terminal, "sleep", /^S.*\+/);
  terminal.type(CTRL_C);
  t.equal(await terminal.ended(), 130);
});

onBoth(t, "a command whose children close the terminal", async (t, executable) => {
  const script = "sh -c 'exec <&- >&- 2>&-; sleep 0.2' ; exec <&- >&- 2>&-; sleep 0.3; exit 4";
  const terminal = openTerminal(t, executable, ["1000", "sh", "-c", script]);
  t.equal(await terminal.ended(), 4);
});

// The command on a real terminal (-t): job control keys reach it, not tsgosu, and its streams are its own.

import t from "tap";
import { callEngine, until } from "../support/containers.ts";
import { onBoth } from "../support/executables.ts";
import { CTRL_BACKSLASH, CTRL_C, CTRL_Z, commandState, openTerminal, useJobControl } from "../support/terminal.ts";

const MODES = ["--init", "--exec"];

for (const mode of MODES) {
  onBoth(t, `Ctrl-C interrupts the command, ${mode}`, async (t, executable) => {
    const script = "trap 'echo interrupted; exit 3' INT; echo rea''dy; while :; do sleep 0.1; done";
    const terminal = openTerminal(t, executable, [mode, "1000", "sh", "-c", script]);
    await terminal.waitFor("ready");
    terminal.type(CTRL_C);
    await terminal.waitFor("interrupted");
    t.equal(await terminal.ended(), 3);
  });

  onBoth(t, `an interactive shell has job control, ${mode}`, async (t, executable) => {
    const terminal = openTerminal(t, executable, [mode, "1000", "bash", "--norc", "-i"], {
      flags: ["-e", "PS1=prompt>"],
    });
    await useJobControl(t, terminal);
  });
}

onBoth(t, "Ctrl-C ends a command that does not handle it", async (t, executable) => {
  const terminal = openTerminal(t, executable, ["1000", "sh", "-c", "echo rea''dy; exec sleep 600"]);
  await terminal.waitFor("ready");
  terminal.type(CTRL_C);
  t.equal(await terminal.ended(), 130);
});

onBoth(t, "Ctrl-\\ ends a command that does not handle it", async (t, executable) => {
  const terminal = openTerminal(t, executable, ["1000", "sh", "-c", "ulimit -c 0; echo rea''dy; exec sleep 600"]);
  await terminal.waitFor("ready");
  terminal.type(CTRL_BACKSLASH);
  t.equal(await terminal.ended(), 131);
});

onBoth(t, "Ctrl-Z stops the command, and the engine can continue it", async (t, executable) => {
  const terminal = openTerminal(t, executable, ["1000", "sh", "-c", "echo rea''dy; exec sleep 600"]);
  await terminal.waitFor("ready");
  await until(
    () => commandState(terminal, "sleep"),
    (state) => state.startsWith("S"),
    "the command",
  );
  terminal.type(CTRL_Z);
  await until(
    () => commandState(terminal, "sleep"),
    (state) => state.startsWith("T"),
    "the command stopped",
  );
  await callEngine(["kill", "--signal", "CONT", terminal.name]);
  await until(
    () => commandState(terminal, "sleep"),
    (state) => state.startsWith("S"),
    "the command running again",
  );
  terminal.type(CTRL_C);
  t.equal(await terminal.ended(), 130);
});

onBoth(t, "the command reads what is typed, and the terminal is the user's", async (t, executable) => {
  const script =
    'echo to-stdout >/dev/stdout; echo to-stderr >/dev/stderr; echo to-tty >/dev/tty; read line; echo "got $line"; stty -a | head -1';
  const terminal = openTerminal(t, executable, ["1000", "sh", "-c", script]);
  for (const text of ["to-stdout", "to-stderr", "to-tty"]) await terminal.waitFor(text);
  terminal.type("hello\r");
  await terminal.waitFor("got hello");
  await terminal.waitFor("speed");
  t.equal(await terminal.ended(), 0);
});

onBoth(t, "with --keep-stdio-owner the terminal stays root's", async (t, executable) => {
  const script = "echo x >/dev/stdout; echo code $?";
  const terminal = openTerminal(t, executable, ["--keep-stdio-owner", "1000:1000", "sh", "-c", script]);
  await terminal.waitFor("ermission denied");
  t.equal(await terminal.ended(), 0);
});

onBoth(t, "who started tsgosu --init has the terminal back when it ends", async (t, executable) => {
  const script = "tsgosu --init 1000 true; echo rea''dy; read line && echo got $line";
  const terminal = openTerminal(t, executable, ["-c", script], { entrypoint: "sh" });
  await terminal.waitFor("ready");
  terminal.type("hello\r");
  await terminal.waitFor("got hello");
  t.equal(await terminal.ended(), 0);
});

onBoth(t, "a command in the background leaves the terminal to the shell that started it", async (t, executable) => {
  const script =
    "tsgosu --init 1000 sleep 600 & until pgrep -xf 'sleep 600' >/dev/null; do :; done; echo rea''dy; read line && echo got $line; kill $!; wait $!; exit $?";
  const terminal = openTerminal(t, executable, ["-mc", script], { entrypoint: "bash" });
  await terminal.waitFor("ready");
  terminal.type("hello\r");
  await terminal.waitFor("got hello");
  t.equal(await terminal.ended(), 143);
});

// A container on a real terminal: script(1) makes one, and what is sent is what a person types.

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import { callEngine, engine, PATIENCE_MS, type RunOptions, remove, runWords, until } from "./containers.ts";
import type { Executable } from "./executables.ts";

export const CTRL_C = "\x03";
export const CTRL_Z = "\x1a";
export const CTRL_BACKSLASH = "\x1c";

export interface Terminal {
  readonly name: string;
  /** Types. */
  type(text: string): void;
  /** What the screen has shown so far. */
  screen(): string;
  /** Waits until the screen has shown `text` after the last wait; throws after a minute. */
  waitFor(text: string): Promise<void>;
  /** Waits for the end: the exit code; throws after a minute, with what the screen shows. */
  ended(): Promise<number>;
  /** The same, and types `text` again every second until then, for whoever may not have read it yet. */
  endedTyping(text: string): Promise<number>;
}

let opened = 0;

/** Starts a container with `-it` on a terminal of its own. */
export function openTerminal(
  t: Test,
  executable: Executable,
  args: readonly string[],
  options: RunOptions = {},
): Terminal {
  opened++;
  const name = `tsgosu-terminal-${process.pid}-${opened}`;
  const words = [engine.name, ...runWords(executable, args, options, ["--rm", "-it", "--name", name])];
  const child = spawn("script", ["-qfe", "-c", words.map(quoted).join(" "), "/dev/null"], {
    env: engine.environment,
    stdio: "pipe",
  });
  child.stdin.on("error", () => {});
  let shown = "";
  let seen = 0;
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    shown += text;
  });
  let code: number | undefined;
  child.on("close", (status) => {
    code = status ?? -1;
  });
  const ended = async (nudge: () => void): Promise<number> => {
    const end = performance.now() + PATIENCE_MS;
    for (let turns = 1; code === undefined; turns++) {
      if (performance.now() > end) throw new Error(`waited in vain for the end; the screen: ${JSON.stringify(shown)}`);
      await sleep(50);
      if (turns % 20 === 0) nudge();
    }
    return code;
  };
  t.teardown(() => close(child, name));
  return {
    name,
    type: (text) => void child.stdin.write(text),
    screen: () => shown,
    ended: () => ended(() => {}),
    endedTyping: (text) => {
      child.stdin.write(text);
      return ended(() => void child.stdin.write(text));
    },
    waitFor: async (text) => {
      await until(
        async () => shown.slice(seen),
        (fresh) => fresh.includes(text),
        `'${text}' on the screen`,
      );
      seen = shown.indexOf(text, seen) + text.length;
    },
  };
}

async function close(child: ChildProcess, name: string): Promise<void> {
  // Again, since the engine may not have made the container yet.
  for (const end = performance.now() + PATIENCE_MS; isRunning(child) && performance.now() < end; await sleep(50))
    await remove(name);
  child.kill("SIGKILL");
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** What ps(1) says of the state of the container's process of that name; empty if there is none yet. */
export async function commandState(terminal: Terminal, name: string): Promise<string> {
  return (await callEngine(["exec", terminal.name, "ps", "-o", "stat=", "-C", name])).stdout.trim();
}

/** Stops, continues and interrupts a job in the interactive shell of a container, whose prompt is `prompt>`, and leaves the shell. */
export async function useJobControl(t: Test, terminal: Terminal): Promise<void> {
  await terminal.waitFor("prompt>");
  terminal.type("sleep 600\r");
  await terminal.waitFor("sleep 600");
  await until(
    () => commandState(terminal, "sleep"),
    (state) => state.includes("+"),
    "sleep in the foreground",
  );
  terminal.type(CTRL_Z);
  await terminal.waitFor("Stopped");
  await terminal.waitFor("prompt>");
  terminal.type("fg\r");
  await until(
    () => commandState(terminal, "sleep"),
    (state) => /S.*\+/.test(state),
    "sleep in the foreground again",
  );
  terminal.type(CTRL_C);
  await terminal.waitFor("prompt>");
  terminal.type("exit 7\r");
  t.equal(await terminal.ended(), 7);
  t.notMatch(terminal.screen(), /no job control|cannot set terminal process group/);
}

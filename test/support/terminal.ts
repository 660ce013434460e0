// A container on a real terminal: script(1) makes one, and what is sent is what a person types.

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import { engine, type RunOptions, runWords, until } from "./containers.ts";
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
  /** Waits until the screen has shown `text` after the last wait; throws after ten seconds. */
  waitFor(text: string): Promise<void>;
  /** Waits for the end: the exit code; -1 where it does not come within half a minute. */
  ended(): Promise<number>;
  /** Whether it ends within so many milliseconds. */
  hasEnded(milliseconds: number): Promise<boolean>;
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
  const end = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  t.teardown(() => close(child, name));
  return {
    name,
    type: (text) => void child.stdin.write(text),
    screen: () => shown,
    ended: () => Promise.race([end, sleep(30_000, -1, { ref: false })]),
    hasEnded: (milliseconds) => Promise.race([end.then(() => true), sleep(milliseconds, false)]),
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
  if (child.exitCode !== null) return;
  const remover = spawn(engine.name, ["rm", "-f", name], { env: engine.environment, stdio: "ignore" });
  await new Promise((resolve) => remover.on("close", resolve));
  await sleep(100);
  child.kill("SIGKILL");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

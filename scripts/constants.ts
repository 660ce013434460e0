// Writes the C that holds the constants of src/kernel to the kernel's headers, for whatever architecture it is compiled. Those that
// differ from one architecture to another are no constants there, but read from the headers (src/kernel/static/abi.c).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FIRST_REAL_TIME, signalName } from "../src/kernel/signals.ts";
import { PROJECT } from "./host.ts";

/** Where the constants stand. */
const SOURCES = ["abi", "linux", "errno", "signals"].map((name) => `src/kernel/${name}.ts`);

const HEAD = `/* Written by scripts/calls.ts from ${SOURCES.join(", ")}. Change those files, and run \`npm run calls\`. */
#define _GNU_SOURCE
#include <asm/fcntl.h>
#include <asm/signal.h>
#include <dirent.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/wait.h>
#include <unistd.h>

/* The headers have these under other names. */
#define FIRST_REAL_TIME SIGRTMIN
#define LAST_SIGNAL (8 * (int)sizeof(sigset_t))
/* What SIG_IGN is cast to: a number can be compared here, and a pointer cannot. */
#define __sighandler_t long

#define HOLDS(name, value) _Static_assert((name) == (value), #name " has another value on this architecture")
`;

/** The text of src/kernel/static/constants.c, which does not compile where a constant differs from the headers. */
export function constantsFile(): string {
  const lines = [...SOURCES.flatMap(linesOf), ...signalLines()];
  return `${HEAD}\n${[...new Set(lines)].join("\n")}\n`;
}

/** A line for each constant that is a number. */
function linesOf(file: string): string[] {
  const text = readFileSync(join(PROJECT, file), "utf8");
  return [...text.matchAll(/^export const (\w+) = (-?\w+);$/gm)].map(([, name = "", value = ""]) => line(name, value));
}

/** signals.ts knows signals by their place in a list. */
function signalLines(): string[] {
  return Array.from({ length: FIRST_REAL_TIME - 1 }, (_, index) => line(signalName(index + 1), `${index + 1}`));
}

function line(name: string, value: string): string {
  return `HOLDS(${name}, ${value.replace(/^0o/, "0")});`;
}

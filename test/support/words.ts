// A command line out of words.

import { parseCommandLine } from "../../src/cli/names.ts";
import type { Request } from "../../src/cli/request.ts";

/** What the words ask for, the program's name included. A word that is not there must not be asked for. */
export function parseWords(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Request {
  return parseCommandLine({
    count: words.length,
    at(index) {
      const word = words[index];
      if (word === undefined) throw new Error(`word ${index} of ${words.length}`);
      return word;
    },
    variable: (name) => variables[name],
  });
}

/** Supplementary groups as a process shows them after a switch: its primary GID is among them, and the kernel sorts them. */
export function withPrimary(gid: number, others: string, separator = ","): string {
  const gids = others === "" ? [] : others.split(separator).map(Number);
  return [...new Set([gid, ...gids])].sort((a, b) => a - b).join(separator);
}

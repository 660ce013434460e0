// Which command line the program takes: its own, or that of the tool whose name it was called by.

import { OWN, type Tool } from "../init/voice.ts";
import { initNamed, parseAsInit } from "./inits.ts";
import { NOTHING_ASKED } from "./options.ts";
import { parseOptions, runRequest } from "./parse.ts";
import type { Request, Words } from "./request.ts";

/** The init by whose name the program was called, by a link, a copy or a mount. */
export function calledAs(words: Words): Tool {
  return initNamed(ownName(words));
}

/**
 * Reads the program's words, its own name included. Called by the name of another tool, by a link, a copy or a mount, it
 * takes the command line of that tool. Throws a Failure for an unknown option, for a value that an option does not take, and
 * for missing words.
 */
export function parseCommandLine(words: Words): Request {
  const name = ownName(words);
  if (name === "gosu" || name === "su-exec") return parseAsGosu(words, name);
  const tool = initNamed(name);
  return tool === OWN ? parseOptions(words) : parseAsInit(tool, words);
}

function ownName(words: Words): string {
  const path = words.count > 0 ? words.at(0) : "";
  return path.slice(path.lastIndexOf("/") + 1);
}

/** gosu and su-exec have only these options, always exec, and take an empty user-spec to mean the current user. */
function parseAsGosu(words: Words, name: string): Request {
  const usageLine = `${name} user-spec command [argument ...]`;
  const first = words.count > 1 ? words.at(1) : "";
  if (first === "--help" || first === "-h") return { action: "print", fd: 1, text: gosuHelp(name, usageLine) };
  if (first === "--version" || first === "-v") return { action: "version" };
  return runRequest(words, 1, { ...NOTHING_ASKED, mode: "exec" }, usageLine);
}

function gosuHelp(name: string, usageLine: string): string {
  return `usage: ${usageLine}
       ${name} --help | --version

This is tsgosu, called by the name ${name}: it becomes the user, and the command replaces it.
user-spec is user, user:group, or numbers such as 1000:1000. Called by its own name, tsgosu has options: tsgosu --help
`;
}

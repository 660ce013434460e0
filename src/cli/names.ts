// Which command line the program takes: its own, or that of the tool whose name it was called by.

import { NOTHING_ASKED } from "./options.ts";
import { parseOptions, runRequest } from "./parse.ts";
import type { Request, Words } from "./request.ts";

/**
 * Reads the program's words, its own name included. Called as gosu or su-exec (by a link, a copy or a mount), it takes their
 * command line. Throws a Failure for an unknown option, for a value that an option does not take, and for missing words.
 */
export function parseCommandLine(words: Words): Request {
  switch (words.count > 0 ? baseName(words.at(0)) : "") {
    case "gosu":
    case "su-exec":
      return parseAsGosu(words);
    default:
      return parseOptions(words);
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** gosu and su-exec have only these options, always exec, and take an empty user-spec to mean the current user. */
function parseAsGosu(words: Words): Request {
  const first = words.count > 1 ? words.at(1) : "";
  if (first === "--help" || first === "-h") return { action: "help" };
  if (first === "--version" || first === "-v") return { action: "version" };
  return runRequest(words, 1, { ...NOTHING_ASKED, mode: "exec" });
}

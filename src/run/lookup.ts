// From the command's name to the file to execute.

import { EXIT_CANNOT_RUN, EXIT_NOT_FOUND, Failure } from "../failure.ts";
import {
  E2BIG,
  EACCES,
  EISDIR,
  ELIBBAD,
  ENAMETOOLONG,
  ENOENT,
  ENOEXEC,
  ENOTDIR,
  ETXTBSY,
  errorText,
} from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { S_IFDIR, S_IFMT } from "../kernel/linux.ts";

/** Where a command is looked for if PATH is not set (the default of container runtimes). */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The files that a command without a slash may be, in order: one in each directory of PATH (execvp(3)). */
export function candidates(command: string, path: string | undefined): string[] {
  if (command === "") return [];
  return (path ?? DEFAULT_PATH).split(":").map((directory) => (directory === "" ? command : `${directory}/${command}`));
}

/**
 * The first candidate that is a file this process may execute. It is looked for as the user, after the switch.
 * Throws a Failure: 127 where nothing is found, 126 where something is, but no candidate may be run.
 */
export function findCommand(kernel: Kernel, command: string): string {
  let refusal = 0;
  const isFile = command.includes("/");
  for (const file of isFile ? [command] : candidates(command, kernel.environment("PATH"))) {
    const answer = executable(kernel, file);
    if (answer === 0) return file;
    if (answer !== -ENOENT && answer !== -ENOTDIR && refusal === 0) refusal = -answer;
  }
  if (refusal !== 0) throw cannotRun(command, refusal);
  const missing = isFile ? errorText(ENOENT) : "not found in PATH";
  throw new Failure(`${command}: ${missing}`, hintForMissing(command), EXIT_NOT_FOUND);
}

/** 0 if `file` may be executed and is no directory, else −errno. */
function executable(kernel: Kernel, file: string): number {
  const access = kernel.mayExecute(file);
  const stat = access === 0 || access === -EACCES ? kernel.stat(file) : access;
  if (typeof stat === "number") return access === 0 ? stat : access;
  return (stat.mode & S_IFMT) === S_IFDIR ? -EISDIR : access;
}

function hintForMissing(command: string): string {
  if (command.includes(" "))
    return 'the command and its arguments are words of their own: in a Dockerfile, ["node", "server.js"]';
  if (command.startsWith("-")) return "options of tsgosu stand before the user-spec";
  return "is it installed in this image, and is PATH as it should be?";
}

/** Why execve(2) refused `command`, with exit code 126. */
export function cannotRun(command: string, errno: number): Failure {
  return new Failure(`${command}: cannot run: ${errorText(errno)}`, hintForRefusal(errno), EXIT_CANNOT_RUN);
}

function hintForRefusal(errno: number): string {
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return "the file is there, but its interpreter is not: the program after #!, or a binary's dynamic loader (glibc or musl)";
    case EACCES:
      return "the user needs execute permission on the file (chmod +x) and on every directory above it; the mount may be noexec";
    case EISDIR:
      return "name the program in that directory";
    case ENOEXEC:
      return "built for another architecture, or a script whose first line is not like #!/bin/sh";
    case ELIBBAD:
      return "the file after #! or the dynamic loader is damaged, or of another architecture";
    case ETXTBSY:
      return "some process still has the file open for writing";
    case E2BIG:
      return "arguments and environment together are too large for the kernel";
    case ENAMETOOLONG:
      return "shorten the path";
    default:
      return "";
  }
}

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
 * Throws a Failure: 127 if nothing is found, 126 if something is, but no candidate may be run.
 */
export function findCommand(kernel: Kernel, command: string): string {
  let refusal = 0;
  let unreached = "";
  const isFile = command.includes("/");
  for (const file of isFile ? [command] : candidates(command, kernel.environment("PATH"))) {
    const answer = executable(kernel, file);
    if (answer === 0) return file;
    if (answer === UNREACHED) unreached = unreached === "" ? file : unreached;
    else if (answer !== -ENOENT && answer !== -ENOTDIR && refusal === 0) refusal = -answer;
  }
  if (refusal !== 0) throw cannotRun(command, refusal);
  const missing = hintForMissing(command, isFile);
  const hint = unreached === "" ? missing : hintForUnreached(kernel, unreached, isFile ? "" : `${missing}; `);
  if (isFile && unreached !== "")
    throw new Failure(`${command}: cannot run: ${errorText(EACCES)}`, hint, EXIT_CANNOT_RUN);
  if (command === "") throw new Failure("the command is empty: not found", missing, EXIT_NOT_FOUND);
  throw new Failure(`${command}: ${isFile ? errorText(ENOENT) : "not found in PATH"}`, hint, EXIT_NOT_FOUND);
}

/** What `executable` returns if nobody can tell whether there is such a file: a directory above it may not be searched. */
const UNREACHED = 1;

/** 0 if `file` may be executed and is not a directory, else UNREACHED or −errno. */
function executable(kernel: Kernel, file: string): number {
  const access = kernel.mayExecute(file);
  const stat = access === 0 || access === -EACCES ? kernel.stat(file) : access;
  if (stat === -EACCES) return UNREACHED;
  if (typeof stat === "number") return access === 0 ? stat : access;
  return (stat.mode & S_IFMT) === S_IFDIR ? -EISDIR : access;
}

function hintForMissing(command: string, isFile: boolean): string {
  if (command === "") return "is the variable that should hold it set?";
  if (command.includes(" "))
    return 'the command and its arguments must be separate words: in a Dockerfile, ["node", "server.js"]';
  if (command.startsWith("-"))
    return "what follows the user-spec is the command: tsgosu's own options go before the user-spec";
  return isFile
    ? "the file itself is missing from the image or volume; a relative path starts at the working directory (WORKDIR)"
    : "check that it is installed in this image and that PATH is right";
}

/** Names the first directory above `file` that may not be searched; if there is none, a link leads into it. */
function hintForUnreached(kernel: Kernel, file: string, before: string): string {
  let directory = `the directories that ${file} leads to`;
  for (let slash = file.indexOf("/", 1); slash > 0; slash = file.indexOf("/", slash + 1)) {
    if (kernel.mayExecute(file.slice(0, slash)) !== -EACCES) continue;
    directory = file.slice(0, slash);
    break;
  }
  const ids = kernel.getresuid();
  const who = typeof ids === "number" ? "the user" : `UID ${ids.effective}`;
  return `${before}${who} may not search ${directory} (chmod +x the directory)`;
}

/** Why execve(2) refused `command`, with exit code 126. */
export function cannotRun(command: string, errno: number): Failure {
  return new Failure(`${command}: cannot run: ${errorText(errno)}`, hintForRefusal(errno), EXIT_CANNOT_RUN);
}

function hintForRefusal(errno: number): string {
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return "the file exists, but its interpreter does not: the program after #!, or a binary's dynamic loader (glibc or musl)";
    case EACCES:
      return "the user needs execute permission (chmod +x) on the file and on its interpreter, and no mount may be noexec";
    case EISDIR:
      return "name a program in that directory";
    case ENOEXEC:
      return "it is built for another architecture, or is a script without a first line such as #!/bin/sh";
    case ELIBBAD:
      return "its interpreter (after #!) or dynamic loader is damaged, or built for another architecture";
    case ETXTBSY:
      return "a process still has the file open for writing";
    case E2BIG:
      return "the arguments and the environment together are too large for the kernel";
    case ENAMETOOLONG:
      return "shorten the path";
    default:
      return "";
  }
}

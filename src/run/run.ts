// Running the command: in place of tsgosu, or as its child.

import { readChildren } from "../init/children.ts";
import type { InitOptions } from "../init/options.ts";
import { supervise, type Terminal } from "../init/supervise.ts";
import { type Kernel, LISTEN_PID, ROOM_FOR_PID } from "../kernel/kernel.ts";
import { bytesOf } from "../text.ts";
import { cannotRun, findCommand } from "./lookup.ts";

/** Replaces tsgosu by the command. Returns only by throwing a Failure. */
export function execCommand(kernel: Kernel, firstWord: number): void {
  const command = kernel.argument(firstWord);
  const file = findCommand(kernel, command);
  throw cannotRun(command, -kernel.execve(file, firstWord));
}

/** Runs the command as a child and stays as its init, with nothing held: no descriptor above 2, no directory. */
export function superviseCommand(kernel: Kernel, firstWord: number, options: InitOptions): void {
  const word = kernel.argument(firstWord);
  const file = findCommand(kernel, word);
  // A change of IDs takes this away, and with it the user's way to /proc/1/fd/1, where cron jobs and the like write.
  kernel.prctl(PR_SET_DUMPABLE, 1, 0);
  const first = kernel.getpid() === 1;
  const adopts = first || becomeSubreaper(kernel, options);
  const spared = options.reapsOrphans || (adopts && !first) ? readChildren(kernel) : [];
  const terminal = controllingTerminal(kernel);
  const isForeground = terminal.fd >= 0 && kernel.tcgetpgrp(terminal.fd) === terminal.group;
  const listens = kernel.environment(LISTEN_PID) === `${kernel.getpid()}`;
  if (listens) kernel.setenv(LISTEN_PID, ROOM_FOR_PID);
  const command = kernel.spawn(file, firstWord, listens, isForeground ? terminal.fd : -1);
  if (command < 0) throw cannotRun(word, -command);
  kernel.releaseResources();
  kernel.chdir("/");
  supervise(kernel, { command, first, adopts, jobControl: terminal.fd >= 0 && !first, options }, terminal, spared);
}

const PR_SET_DUMPABLE = 4;
const PR_SET_CHILD_SUBREAPER = 36;

/** Becomes a subreaper (prctl(2)), which stopping orphans needs; false where nobody wants that, with a warning. */
function becomeSubreaper(kernel: Kernel, options: InitOptions): boolean {
  if ((options.subreaper || options.stopsOrphans) && kernel.prctl(PR_SET_CHILD_SUBREAPER, 1, 0) === 0) return true;
  kernel.write(2, bytesOf("tsgosu: orphans cannot be reaped: init is neither PID 1 nor a subreaper (--subreaper)\n"));
  return false;
}

/** The standard stream that is tsgosu's controlling terminal, whoever is in its foreground. */
function controllingTerminal(kernel: Kernel): Terminal {
  const group = kernel.getpgrp();
  for (let fd = 0; fd <= 2; fd++) if (kernel.tcgetpgrp(fd) >= 0) return { fd, group };
  return { fd: -1, group };
}

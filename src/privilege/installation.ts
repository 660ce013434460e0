// tsgosu must not be a way to become root: it refuses to run where its own file gives privilege to whoever calls it.

import { Failure } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { S_ISGID, S_ISUID } from "../kernel/linux.ts";
import type { Credentials } from "./credentials.ts";

/** The file of this very process, which nobody can swap. */
const OWN_FILE = "/proc/self/exe";

/**
 * Throws a Failure if tsgosu's file is setuid, setgid or has file capabilities, or if the process already shows such a
 * start (its real and effective IDs differ), which also holds without /proc.
 */
export function refusePrivilegedFile(kernel: Kernel, credentials: Credentials): void {
  const { uids, gids } = credentials;
  const file = ownFile(kernel, uids.real === 0 && uids.effective === 0);
  const stat = kernel.stat(file);
  const mode = typeof stat === "number" ? 0 : stat.mode;
  if ((mode & S_ISUID) !== 0 || uids.real !== uids.effective) throw refusal("setuid", "chmod u-s");
  if ((mode & S_ISGID) !== 0 || gids.real !== gids.effective) throw refusal("setgid", "chmod g-s");
  if (kernel.getxattrLength(file, "security.capability") > 0) throw refusal("file capabilities", "setcap -r");
}

/**
 * Where tsgosu's file is. Root has nothing to gain by a wrong answer, so for root the path that tsgosu was executed by is
 * good enough, and to look at it takes a tenth of the time that /proc/self/exe takes. Anybody else could put another file
 * at that path.
 */
function ownFile(kernel: Kernel, isRoot: boolean): string {
  const path = isRoot ? kernel.executedPath() : "";
  return path.startsWith("/") ? path : OWN_FILE;
}

function refusal(what: string, mend: string): Failure {
  return new Failure(
    `refusing to run with ${what}: whoever may start tsgosu could become any user`,
    `take it off the file (${mend}); tsgosu is started by root, as the container's entrypoint`,
  );
}

// tsgosu must not be a way to become root: it refuses to run if its own file gives privilege to whoever runs it.

import { Failure } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { S_ISGID, S_ISUID } from "../kernel/linux.ts";
import type { Credentials } from "./credentials.ts";

/** The file of this very process, which nobody can swap. */
const OWN_FILE = "/proc/self/exe";

/**
 * Throws a Failure if tsgosu's file is setuid, setgid or has file capabilities, or if the process shows that it was started
 * that way (its real and effective IDs differ), which also works without /proc.
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
 * Where tsgosu's file is. Root has nothing to gain from a wrong answer, so for root the path that tsgosu was executed by is
 * good enough, and stat takes a tenth of the time there that it takes on /proc/self/exe. Anybody else could put another file
 * at that path.
 */
function ownFile(kernel: Kernel, isRoot: boolean): string {
  const path = isRoot ? kernel.executedPath() : "";
  return path.startsWith("/") ? path : OWN_FILE;
}

function refusal(what: string, mend: string): Failure {
  return new Failure(
    `refusing to run with ${what}: anybody who can start tsgosu could become any user`,
    `remove it from the file (${mend}); root starts tsgosu, as the container's entrypoint`,
  );
}

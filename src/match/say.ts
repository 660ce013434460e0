// What people are told about a walk over files.

import { Failure } from "../failure.ts";
import { EINVAL, EROFS } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { notice, say } from "../report.ts";
import { describeRefusal } from "./refusal.ts";
import type { Outcome, Stop } from "./reown.ts";

/** Says what a walk over PATH left unchanged or took away, and with --verbose how much it did. */
export function sayOutcome(kernel: Kernel, verbose: boolean, path: string, outcome: Outcome): void {
  const { changed, leftLinks, firstLeftLink, foreignBits, lostBits, lostCapabilities } = outcome;
  if (leftLinks > 0)
    notice(
      kernel,
      `${path}: ${leftLinks} files with several links left unchanged, since fs.protected_hardlinks is 0: ${firstLeftLink}`,
    );
  if (foreignBits > 0)
    notice(kernel, `${path}: ${foreignBits} files lost a setuid or setgid bit that another user had set`);
  if (lostBits > 0)
    notice(kernel, `${path}: ${lostBits} files lost their setuid or setgid bits, which could not be restored`);
  if (lostCapabilities > 0)
    notice(kernel, `${path}: ${lostCapabilities} files lost their capabilities, which could not be restored`);
  say(kernel, verbose, `${path}: ${changed} files chowned`);
}

/** The Failure of `option` for a walk that was stopped but had to be completed. */
export function describeStop(option: string, stop: Stop): Failure {
  switch (stop.kind) {
    case "moved-away":
      return new Failure(
        `${option}: ${stop.path}: was moved while tsgosu was working on it`,
        "another program moves directories: start again",
      );
    case "refused": {
      const { path, errno } = stop.refusal;
      const why = describeRefusal(stop.refusal);
      return new Failure(`${option}: ${path}: cannot be given to the user: ${why}`, hintFor(option, errno));
    }
  }
}

function hintFor(option: string, errno: number): string {
  const capabilities = "root needs the capabilities CHOWN, DAC_OVERRIDE, FOWNER and FSETID here";
  const elsewhere = "NFS with root_squash and some other file systems always refuse";
  switch (errno) {
    case EROFS:
      return "mount the volume writable, or leave out the option";
    case EINVAL:
      return "this user namespace does not map the ID (/proc/self/uid_map), so it can own no file: choose another";
    default:
      return option === "--match"
        ? `${capabilities} (--no-chown leaves the home alone); ${elsewhere}`
        : `${capabilities}; ${elsewhere}`;
  }
}

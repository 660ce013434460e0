// How the walk over somebody's files is told to people.

import { Failure } from "../failure.ts";
import { EINVAL, EROFS } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { notice, say } from "../report.ts";
import { describeRefusal } from "./refusal.ts";
import type { Outcome, Stop } from "./reown.ts";

/** Says what a walk over PATH has left alone or taken away, and with --verbose how much it has done. */
export function sayOutcome(kernel: Kernel, verbose: boolean, path: string, outcome: Outcome): void {
  const { changed, stripped, leftLinks, firstLeftLink } = outcome;
  if (leftLinks > 0)
    notice(
      kernel,
      `${path}: ${leftLinks} links left alone, as their files are also linked elsewhere, or being changed: ${firstLeftLink}`,
    );
  if (stripped > 0)
    notice(kernel, `${path}: ${stripped} files have lost their setuid or setgid bits or their capabilities`);
  say(kernel, verbose, `${path}: ${changed} files re-owned`);
}

/** What a walk that was stopped means for `option`, where it had to be finished. */
export function describeStop(option: string, stop: Stop): Failure {
  switch (stop.kind) {
    case "moved-away":
      return new Failure(
        `${option}: ${stop.path}: was moved away while it was worked on`,
        "some other program moves directories: start again",
      );
    case "refused": {
      const { path, errno } = stop.refusal;
      const why = describeRefusal(stop.refusal);
      return new Failure(`${option}: ${path}: cannot be given to the user: ${why}`, hintFor(option, errno));
    }
  }
}

function hintFor(option: string, errno: number): string {
  const capabilities = "root needs the capabilities CHOWN and DAC_OVERRIDE here";
  const elsewhere = "NFS with root_squash and some file systems refuse in any case";
  switch (errno) {
    case EROFS:
      return "mount the volume writable, or leave the option out where it is read-only";
    case EINVAL:
      return "an ID that this user namespace does not map (/proc/self/uid_map) can own nothing: choose another";
    default:
      return option === "--match"
        ? `${capabilities} (--no-chown leaves the home alone); ${elsewhere}`
        : `${capabilities}; ${elsewhere}`;
  }
}

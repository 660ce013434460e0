// The commit that a release is made of.

import { attempt, PROJECT, SetupError } from "../host.ts";

export interface Commit {
  /** Its hash, in full. */
  readonly hash: string;
  /** When it was made: the time that every file of the release gets, whenever that is made (reproducible-builds.org, SOURCE_DATE_EPOCH). */
  readonly time: Date;
}

/** The commit that is checked out. Throws a SetupError if there is none, or if the files are not those of the commit. */
export function checkedOut(): Commit {
  const git = (...words: string[]) => attempt(["git", "-C", PROJECT, ...words]);
  const log = git("log", "-1", "--format=%H %ct");
  if (log.code !== 0)
    throw new SetupError(`a release is made of a commit, and git finds none here: ${log.stderr.trim().split("\n")[0]}`);
  const [hash = "", seconds = ""] = log.stdout.trim().split(" ");
  const changed = git("status", "--porcelain").stdout.trim();
  if (changed !== "")
    throw new SetupError(
      `a release is made of a commit, and these files are not as the commit has them; commit or remove them first:\n${changed}`,
    );
  return { hash, time: new Date(Number(seconds) * 1000) };
}

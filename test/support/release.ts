// Releases for tests: of the project as it stands here, committed or not, made in folders of their own.

import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { attempt, hasProgram, installPackages, must, PROJECT } from "../../scripts/host.ts";

/** The commit is the same in every copy: it has the same files, author and time. */
const COMMIT = {
  GIT_AUTHOR_NAME: "test",
  GIT_AUTHOR_EMAIL: "",
  GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
  GIT_COMMITTER_NAME: "test",
  GIT_COMMITTER_EMAIL: "",
  GIT_COMMITTER_DATE: "2026-01-02T03:04:05Z",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** What is built already and need not be built again, where a copy shall be made quickly: by content, as recipe.ts sees it. */
export const BUILT = ["build/made", "build/x86_64", "dist/tsgosu-static", "dist/tsgosu-static.c"];

/** Copies the project into a new folder, with what `alsoBuilt` names, and commits it there. */
export function copyProject(folder: string, alsoBuilt: readonly string[] = []): void {
  const git = (...words: string[]) =>
    must(["git", "-C", folder, ...words], { environment: { ...process.env, ...COMMIT } });
  const listed = must(["git", "-C", PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).split(
    "\0",
  );
  for (const file of [...listed, ...alsoBuilt].filter((name) => name !== "" && existsSync(join(PROJECT, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(PROJECT, file), join(folder, file), { recursive: true });
  }
  chmodSync(folder, 0o755);
  git("init", "-q");
  cpSync(join(PROJECT, ".gitignore"), join(folder, ".git/info/exclude"));
  git("add", "--all");
  git("commit", "-q", "-m", "the project as it is");
  // What stands in for a folder is none to .gitignore.
  must(["sh", "-c", 'echo node_modules >> "$1"', "sh", join(folder, ".git/info/exclude")]);
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
}

/** Words and variables with which a release is made. */
export interface Surroundings {
  readonly before?: readonly string[];
  readonly variables?: NodeJS.ProcessEnv;
  readonly umask?: string;
}

/** Runs `npm run release` in a copy with these words. Throws a SetupError with its last words if it fails. */
export function makeRelease(folder: string, words: readonly string[], around: Surroundings = {}): void {
  const { before = [], variables = {}, umask = "022" } = around;
  const script = 'umask "$1"; cd "$2"; shift 2; exec "$@"';
  const run = ["npm", "run", "--silent", "release", "--", ...words];
  const environment = { ...withoutRunner(), ...variables };
  must(["sh", "-c", script, "sh", umask, folder, ...before, ...run], { environment });
}

/** The environment without what the test runner and npm have put into it. */
export function withoutRunner(): NodeJS.ProcessEnv {
  const mine = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|TAP)/.test(name));
  return Object.fromEntries(mine);
}

/** The files of a folder by their names. */
export function filesOf(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** Installs the Debian packages whose programs are missing. */
export function ensurePrograms(programs: Readonly<Record<string, string>>): void {
  const missing = Object.entries(programs).flatMap(([program, name]) => (hasProgram(program) ? [] : [name]));
  if (missing.length > 0) installPackages(missing, "the tests of a release need them");
}

/** A pair of keys of minisign(1), without a password: the files NAME.pub and NAME.key in a folder. */
export function makeKey(folder: string, name: string): { readonly secret: string; readonly open: string } {
  const key = { secret: join(folder, `${name}.key`), open: join(folder, `${name}.pub`) };
  must(["minisign", "-G", "-W", "-p", key.open, "-s", key.secret]);
  return key;
}

/** Runs scripts/verify in a folder with a release, with nothing on PATH but these programs. */
export function verify(folder: string, programs: string, words: readonly string[]) {
  return attempt(["env", "-i", "-C", folder, `PATH=${programs}`, "/bin/sh", "./verify", ...words]);
}

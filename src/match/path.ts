// From a PATH of the command line to the file it means, and whether anybody but root could have chosen that file.

import { Failure } from "../failure.ts";
import { ELOOP, ENOENT, ENOTDIR, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isSameFile, type Stat } from "../kernel/layout.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_ISVTX } from "../kernel/linux.ts";
import { readProc } from "../privilege/idmap.ts";
import { numberOf } from "../text.ts";
import { describeRefusal, type Refusal } from "./refusal.ts";

/** As many links as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;
const PATH_MAX = 4096;
/** No descriptor. */
const NONE = -1;
/** Others than its owner may change a directory. With an ACL, these bits of the group are the most that it allows (acl(5)). */
const OTHERS_WRITE = 0o022;

/** Directories of the system: no option may name them, nor what is in them, the root directory apart. */
const SYSTEM_DIRECTORIES = ["/", "/proc", "/sys", "/dev", "/etc"];

/** A directory on the way from the root directory to a file, or the file itself. No symbolic link is one. */
export interface Step {
  /** Empty for the root directory. */
  readonly path: string;
  readonly stat: Stat;
  /** The ID of its mount; −1 where that cannot be told. */
  readonly mount: number;
}

/** A file that stays the same one, whatever happens to the names that led to it. */
export interface Found {
  readonly kind: "found";
  /** Opened with O_PATH; to be closed. */
  readonly fd: number;
  readonly stat: Stat;
  /** From the root directory to the file. */
  readonly steps: readonly Step[];
}

/** What a PATH leads to, or why it leads nowhere. */
export type Lookup =
  | Found
  /** There is no such file, or a link on the way leads nowhere. */
  | { readonly kind: "missing"; readonly errno: number; readonly throughLink: boolean }
  /** A symbolic link, or "..", on the way is where others than root can put it, as they can change this directory. */
  | { readonly kind: "chosen"; readonly place: Step }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/**
 * Finds the file that PATH names, component by component, each opened in the directory that was looked at before: what is
 * judged is what is used. A symbolic link is followed where nobody but root can have put it there: otherwise a user could
 * point a path at what is another's.
 */
export function findPath(kernel: Kernel, path: string): Lookup {
  return new Search(kernel, path).run();
}

class Search {
  private readonly kernel: Kernel;
  private readonly path: string;
  /** What the components so far have led to, and the way there. */
  private fd = NONE;
  private steps: Step[] = [];

  constructor(kernel: Kernel, path: string) {
    this.kernel = kernel;
    this.path = path;
  }

  run(): Lookup {
    const kernel = this.kernel;
    let rest = this.path;
    if (!rest.startsWith("/")) {
      const directory = this.readlink(kernel.openPath("/proc/self/cwd"));
      if (typeof directory === "number") return this.refused("readlink of /proc/self/cwd", -directory);
      rest = `${directory}/${rest}`;
    }
    let failed = this.start();
    let links = 0;
    while (failed === undefined && rest !== "") {
      const slash = rest.indexOf("/");
      const name = slash < 0 ? rest : rest.slice(0, slash);
      rest = slash < 0 ? "" : rest.slice(slash + 1);
      if (name === "" || name === ".") continue;
      const fd = openEntry(kernel, this.fd, name);
      if (fd === -ENOENT || fd === -ENOTDIR) {
        failed = { kind: "missing", errno: -fd, throughLink: links > 0 };
        break;
      }
      const stat = fd < 0 ? fd : kernel.fstat(fd);
      if (typeof stat === "number") {
        if (fd >= 0) kernel.close(fd);
        failed = this.refused(fd < 0 ? "open" : "statx", -stat);
        break;
      }
      const isLink = (stat.mode & S_IFMT) === S_IFLNK;
      const place = isLink || name === ".." ? weakPlace(this.steps, isLink) : undefined;
      if (place !== undefined) {
        kernel.close(fd);
        failed = { kind: "chosen", place };
      } else if (!isLink) this.go(fd, name, stat);
      else {
        const target = this.readlink(fd);
        links++;
        if (typeof target === "number") failed = this.refused("readlinkat", -target);
        else if (links > MOST_LINKS || target === "") failed = this.refused("open", ELOOP);
        else {
          rest = rest === "" ? target : `${target}/${rest}`;
          if (target.startsWith("/")) failed = this.start();
        }
      }
    }
    const last = this.steps[this.steps.length - 1];
    if (failed === undefined && last !== undefined)
      return { kind: "found", fd: this.fd, stat: last.stat, steps: this.steps };
    if (this.fd !== NONE) kernel.close(this.fd);
    return failed ?? this.refused("open", ENOENT);
  }

  /** Goes to the root directory. */
  private start(): Lookup | undefined {
    if (this.fd !== NONE) this.kernel.close(this.fd);
    this.steps = [];
    this.fd = this.kernel.openPath("/");
    const stat = this.fd < 0 ? this.fd : this.kernel.fstat(this.fd);
    if (typeof stat === "number") return this.refused("open", -stat);
    this.steps.push({ path: "", stat, mount: mountOf(this.kernel, this.fd, stat) });
    return undefined;
  }

  private go(fd: number, name: string, stat: Stat): void {
    this.kernel.close(this.fd);
    this.fd = fd;
    const above = this.steps[this.steps.length - 1];
    if (name !== "..")
      this.steps.push({ path: `${above?.path ?? ""}/${name}`, stat, mount: mountOf(this.kernel, fd, stat) });
    else if (this.steps.length > 1) this.steps.pop();
  }

  /** The text of an open link, which is closed. */
  private readlink(fd: number): string | number {
    if (fd < 0) return fd;
    const target = this.kernel.readlink(fd, PATH_MAX);
    this.kernel.close(fd);
    return target;
  }

  private refused(call: string, errno: number): Lookup {
    return { kind: "refused", refusal: { call, path: this.path, errno } };
  }
}

/**
 * Opens what has that name in a directory, as `Kernel.openPathAt` does. Where nothing has, it looks again, so that a file
 * which is being renamed to and fro is not taken for one that is gone.
 */
function openEntry(kernel: Kernel, directory: number, name: string): number {
  const fd = kernel.openPathAt(directory, name);
  return fd === -ENOENT ? kernel.openPathAt(directory, name) : fd;
}

/** The ID of the mount that an open file was reached by; −1 where neither statx nor /proc tells (before Linux 5.8). */
export function mountOf(kernel: Kernel, fd: number, stat: Stat): number {
  if (stat.mount >= 0) return stat.mount;
  for (const line of readProc(kernel, `/proc/self/fdinfo/${fd}`).split("\n")) {
    const id = line.startsWith("mnt_id:") ? numberOf(line.slice(7).trim()) : -1;
    if (id >= 0) return id;
  }
  return -1;
}

/**
 * The first directory on the way in which others than root can put something else in the place of what comes next, which
 * may be a link; undefined where there is none.
 */
export function weakPlace(steps: readonly Step[], isLinkNext: boolean): Step | undefined {
  for (let i = 0; i < steps.length; i++) {
    const above = steps[i];
    const next = steps[i + 1];
    if (above === undefined || isRootsAlone(above.stat)) continue;
    if (next === undefined ? isLinkNext : !isFixed(above, next)) return above;
  }
  return undefined;
}

/** Whether nobody but root can rename anything in a directory, or make a link there. */
export function isRootsAlone(stat: Stat): boolean {
  return stat.uid === 0 && (stat.mode & OTHERS_WRITE) === 0;
}

/**
 * Whether what comes next stays where it is, although others can write in the directory above. A mount point does, which
 * nobody can move (rename(2), EBUSY). So does a directory of root's own in one such as /tmp, where users move but what is
 * theirs; they cannot have moved it there from elsewhere, as they may not change its "..".
 */
function isFixed(above: Step, next: Step): boolean {
  if (above.mount >= 0 && next.mount >= 0 && above.mount !== next.mount) return true;
  const isSticky = above.stat.uid === 0 && (above.stat.mode & S_ISVTX) !== 0;
  return isSticky && (next.stat.mode & S_IFMT) === S_IFDIR && isRootsAlone(next.stat);
}

/** Finds the file that PATH names. Throws a Failure that names the option where it leads to none. */
export function findOrFail(kernel: Kernel, option: string, path: string): Found {
  const lookup = findPath(kernel, path);
  if (lookup.kind === "found") return lookup;
  const missing = "is the volume mounted there? Without a volume, create the directory in the image";
  const hint = lookup.kind === "missing" ? missing : lookup.kind === "chosen" ? CHOSEN : "";
  throw new Failure(`${option} ${path}: ${whyNot(lookup)}`, hint);
}

const CHOSEN =
  "PATH should be the mount point of a volume, or stand where root owns every directory and nobody else can write";

/** Why a PATH leads to no file, for people. */
export function whyNot(lookup: Exclude<Lookup, Found>): string {
  switch (lookup.kind) {
    case "missing":
      return lookup.throughLink ? "a symbolic link leads nowhere" : errorText(lookup.errno);
    case "chosen":
      return describeWeakness(lookup.place);
    case "refused":
      return describeRefusal(lookup.refusal);
  }
}

/** Who can put something else in the place of what stands in a directory, for people. */
export function describeWeakness(place: Step): string {
  const { uid } = place.stat;
  const who = uid === 0 ? "others than root" : `its owner, UID ${uid},`;
  return `${who} can change what stands in ${place.path === "" ? "/" : place.path}`;
}

/** Throws a Failure that names the option where a file is the system's, or where others than root can have chosen it. */
export function refuseChosen(kernel: Kernel, option: string, path: string, found: Found): void {
  if (isSystems(kernel, found))
    throw new Failure(`${option} ${path}: that is the system's`, "name the directory of the volume");
  const place = weakPlace(found.steps, false);
  if (place !== undefined) throw new Failure(`${option} ${path}: ${describeWeakness(place)}`, CHOSEN);
}

/** Whether it is a directory of the system, under whatever name, or in one. Throws a Failure where that cannot be told. */
export function isSystems(kernel: Kernel, found: Found): boolean {
  for (const path of SYSTEM_DIRECTORIES) {
    const stat = kernel.stat(path);
    if (typeof stat === "number") {
      if (stat !== -ENOENT) throw new Failure(`${path}: cannot be looked at: ${errorText(-stat)}`);
      continue;
    }
    // All files are in the root directory, which is meant alone.
    for (let i = path === "/" ? found.steps.length - 1 : 0; i < found.steps.length; i++) {
      const step = found.steps[i];
      if (step !== undefined && isSameFile(stat, step.stat)) return true;
    }
  }
  return false;
}

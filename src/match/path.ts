// From a PATH on the command line to the file it means, and whether anybody but root could have chosen that file.

import { Failure } from "../failure.ts";
import { ELOOP, ENOENT, ENOTDIR, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Stat } from "../kernel/layout.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_ISVTX } from "../kernel/linux.ts";
import { readProc } from "../privilege/idmap.ts";
import { itemOf, numberOf } from "../text.ts";

/** The number of links that the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;
const PATH_MAX = 4096;
/** No descriptor. */
const NONE = -1;
/** What stands before the ID of a mount in /proc/self/fdinfo (proc_pid_fdinfo(5)). */
const MOUNT_ID = "mnt_id:\t";
/** Others than its owner may change a directory. With an ACL, these bits of the group are the most that it allows (acl(5)). */
const OTHERS_WRITE = 0o022;

/** Directories of the system: no option may name them, nor what is in them, the root directory apart. */
const SYSTEM_DIRECTORIES = ["/", "/proc", "/sys", "/dev", "/etc"];

/** An open file: it stays the same one, whatever happens to the names that led to it. */
export interface Found {
  /** Opened with O_PATH; to be closed. */
  readonly fd: number;
  readonly stat: Stat;
  /** The ID of its mount; −1 where that cannot be told. */
  readonly mount: number;
  /** Each directory from the root directory on, and the file itself, by `keyOf`. */
  readonly way: readonly string[];
  /** Who else than root may have chosen what is found there, for people; empty: nobody. */
  readonly chooser: string;
}

/**
 * Finds the file that a path names, component by component, each opened in the directory that was looked at before: what is
 * judged is what is used. A symbolic link is followed where nobody but root can have put it there: otherwise a user could
 * point a path at what is another's.
 */
export class Search {
  private readonly kernel: Kernel;
  private readonly what: string;
  private readonly hint: string;
  /** The components that are still to come, and how many links were followed. */
  private rest = "";
  private links = 0;
  /** What the components so far have led to; `isRoots` and `isSticky` say who may change what stands in it. */
  private fd = NONE;
  private uid = 0;
  private isRoots = true;
  private isSticky = false;
  private mount = -1;
  private path = "";
  private way: string[] = [];
  private chooser = "";
  /** Why there is no such file, where there is none: it is missing, or a link on the way leads nowhere. */
  missing = "";

  /** A Failure begins with `what`; it ends with `hint` where others than root can have put a link on the way. */
  constructor(kernel: Kernel, what: string, hint: string) {
    this.kernel = kernel;
    this.what = what;
    this.hint = hint;
  }

  /** Once: the file; undefined where it is missing. Throws a Failure where it cannot be told which file is meant. */
  find(path: string): Found | undefined {
    this.rest = path;
    if (path.startsWith("/")) this.start();
    else {
      this.follow(this.kernel.openPath("/proc/self/cwd"));
      this.links = 0;
    }
    while (this.missing === "" && this.rest !== "") this.step();
    const { fd, mount, way, chooser } = this;
    if (this.missing === "") return { fd, stat: this.fstat(fd), mount, way, chooser };
    this.kernel.close(fd);
    return undefined;
  }

  /** Goes to the root directory. */
  private start(): void {
    this.path = "";
    this.way = [];
    this.isRoots = true;
    this.go(this.kernel.openPath("/"), "");
  }

  /** Goes one component further. */
  private step(): void {
    const slash = this.rest.indexOf("/");
    const name = slash < 0 ? this.rest : this.rest.slice(0, slash);
    this.rest = slash < 0 ? "" : this.rest.slice(slash + 1);
    if (name === "" || name === ".") return;
    let fd = this.kernel.openPathAt(this.fd, name);
    // Looked for again, so that a file which is being renamed to and fro is not taken for one that is gone.
    if (fd === -ENOENT) fd = this.kernel.openPathAt(this.fd, name);
    this.go(fd, name);
  }

  /** Goes to what was opened by this name, or where it points. */
  private go(fd: number, name: string): void {
    if (name !== "" && (fd === -ENOENT || fd === -ENOTDIR)) {
      this.missing = this.links > 0 ? "a symbolic link leads nowhere" : errorText(-fd);
      return;
    }
    if (fd < 0) throw this.failure(errorText(-fd));
    const stat = this.fstat(fd);
    const type = stat.mode & S_IFMT;
    if (type === S_IFLNK) {
      this.follow(fd);
      return;
    }
    const mount = mountOf(this.kernel, fd, stat);
    const isRoots = isRootsAlone(stat);
    if (name === "..") {
      this.path = this.path.slice(0, Math.max(0, this.path.lastIndexOf("/")));
      if (this.way.length > 1) this.way.pop();
    } else {
      // Nobody can move a mount point in this mount namespace (EBUSY in rename(2)), nor a directory of root's own that is in
      // one such as /tmp: it cannot have been moved there from elsewhere either, as ".." in it may not be changed.
      const isMountPoint = this.mount >= 0 && mount >= 0 && this.mount !== mount;
      if (!isMountPoint && !(this.isSticky && isRoots && type === S_IFDIR)) this.choose();
      this.path += name === "" ? "" : `/${name}`;
      this.way.push(keyOf(stat));
    }
    if (this.fd !== NONE) this.kernel.close(this.fd);
    this.fd = fd;
    this.mount = mount;
    this.uid = stat.uid;
    this.isRoots = isRoots;
    this.isSticky = stat.uid === 0 && (stat.mode & S_ISVTX) !== 0;
    // Somebody may have moved the directory to where it leads elsewhere.
    if (name === "..") this.refuseChosen();
  }

  /** Notes who can have chosen what stands in the directory that is reached, where that is not root alone. */
  private choose(): void {
    if (this.isRoots || this.chooser !== "") return;
    const who = this.uid === 0 ? "others than root" : `its owner, UID ${this.uid},`;
    this.chooser = `${who} can change what is in ${this.path === "" ? "/" : this.path}`;
  }

  /** Goes where an open link points, and closes the link. */
  private follow(fd: number): void {
    this.choose();
    this.refuseChosen();
    const target = fd < 0 ? fd : this.kernel.readlink(fd, PATH_MAX);
    if (typeof target === "number") throw this.failure(`readlinkat: ${errorText(-target)}`);
    this.kernel.close(fd);
    this.links++;
    if (this.links > MOST_LINKS || target === "") throw this.failure(errorText(ELOOP));
    this.rest = `${target}/${this.rest}`;
    if (target.startsWith("/")) this.start();
  }

  private refuseChosen(): void {
    if (this.chooser !== "") throw new Failure(`${this.what}: ${this.chooser}`, this.hint);
  }

  private fstat(fd: number): Stat {
    const stat = this.kernel.fstat(fd);
    if (typeof stat === "number") throw this.failure(`statx: ${errorText(-stat)}`);
    return stat;
  }

  private failure(why: string): Failure {
    return new Failure(`${this.what}: ${why}`);
  }
}

/** The ID of the mount that an open file was reached by; −1 where neither statx nor /proc tells (before Linux 5.8). */
export function mountOf(kernel: Kernel, fd: number, stat: Stat): number {
  if (stat.mount >= 0) return stat.mount;
  const info = readProc(kernel, `/proc/self/fdinfo/${fd}`);
  const at = info.indexOf(MOUNT_ID);
  const id = at < 0 ? -1 : numberOf(itemOf(info.slice(at + MOUNT_ID.length).split("\n"), 0));
  return id >= 0 ? id : -1;
}

/** Whether nobody but root can rename anything in a directory, or make a link there. */
export function isRootsAlone(stat: Stat): boolean {
  return stat.uid === 0 && (stat.mode & OTHERS_WRITE) === 0;
}

/** What tells a file from all others, whatever its path is. */
export function keyOf(stat: Stat): string {
  return `${stat.device}:${stat.inodeHigh}:${stat.inodeLow}`;
}

export const CHOSEN =
  "PATH should be the mount point of a volume, or be in directories of root that nobody else can write in";

/** Finds the file that PATH names. Throws a Failure that names the option if there is none. */
export function findOrFail(kernel: Kernel, option: string, path: string): Found {
  const search = new Search(kernel, `${option} ${path}`, CHOSEN);
  const found = search.find(path);
  if (found !== undefined) return found;
  throw new Failure(
    `${option} ${path}: ${search.missing}`,
    "is it mounted there? If nothing is to be mounted, create it in the image",
  );
}

/** Throws a Failure that begins with `what` where a file is the system's, or where others than root can have chosen it. */
export function refuseChosen(kernel: Kernel, what: string, found: Found): void {
  refuseSystems(kernel, what, found);
  if (found.chooser !== "") throw new Failure(`${what}: ${found.chooser}`, CHOSEN);
}

/** Throws a Failure that begins with `what` where a file is the system's. */
export function refuseSystems(kernel: Kernel, what: string, found: Found): void {
  if (isSystems(kernel, found)) throw new Failure(`${what}: is a system directory`, "name the volume's directory");
}

/** Whether it is a directory of the system, under whatever name, or in one. Throws a Failure where that cannot be told. */
export function isSystems(kernel: Kernel, found: Found): boolean {
  for (const path of SYSTEM_DIRECTORIES) {
    const stat = kernel.stat(path);
    if (typeof stat !== "number") {
      const key = keyOf(stat);
      // All files are in the root directory, which is meant alone, wherever else it is mounted.
      const isOne = path === "/" ? itemOf(found.way, found.way.length - 1) === key : found.way.includes(key);
      if (isOne) return true;
    } else if (stat !== -ENOENT) throw new Failure(`${path}: cannot be looked at: ${errorText(-stat)}`);
  }
  return false;
}

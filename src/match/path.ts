// From a PATH on the command line to the file it means, without being led astray by another user's symbolic link.

import { Failure } from "../failure.ts";
import { ELOOP, ENOENT, ENOTDIR, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isSameFile, type Stat } from "../kernel/layout.ts";
import { S_IFLNK, S_IFMT } from "../kernel/linux.ts";
import { describeRefusal, type Refusal } from "./refusal.ts";

/** The number of links that the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;
const PATH_MAX = 4096;

/** System directories, which no option may name. */
const SYSTEM_DIRECTORIES = ["/", "/proc", "/sys", "/dev", "/etc"];

/** An open file: it stays the same one, whatever happens to the names that led to it. */
export interface Found {
  readonly kind: "found";
  /** Opened with O_PATH; the caller closes it. */
  readonly fd: number;
  readonly stat: Stat;
}

/** What a PATH leads to, or why it leads to nothing. */
export type Lookup =
  | Found
  /** There is no such file, or a link in the path leads nowhere. */
  | { readonly kind: "missing"; readonly errno: number; readonly throughLink: boolean }
  /** A symbolic link in the path belongs neither to root nor to the owner of the file. */
  | { readonly kind: "foreign-link"; readonly owner: number }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/**
 * Finds the file that PATH names, component by component. A symbolic link is followed only if it belongs to root or to the
 * owner of the file that is found: otherwise a user could point a path in their own directory at somebody else's file.
 */
export function findPath(kernel: Kernel, path: string): Lookup {
  // What the components so far have led to; undefined at the start of the path and of an absolute link.
  let found: Found | undefined;
  let rest = path;
  let links = 0;
  let linkOwner = 0;
  while (rest !== "") {
    const slash = rest.indexOf("/");
    const name = slash === 0 ? "/" : slash < 0 ? rest : rest.slice(0, slash);
    rest = slash < 0 ? "" : rest.slice(slash + 1);
    // A slash is the root directory only at the start; later it is a doubled one.
    if (name === "/" && found !== undefined) continue;
    const fd = found === undefined ? openStart(kernel, name) : openEntry(kernel, found.fd, name);
    if (fd < 0) return ended(kernel, found, unopened(path, -fd, links > 0));
    const stat = kernel.fstat(fd);
    if (typeof stat === "number") {
      kernel.close(fd);
      return ended(kernel, found, refused("statx", path, -stat));
    }
    if ((stat.mode & S_IFMT) !== S_IFLNK) {
      if (found !== undefined) kernel.close(found.fd);
      found = { kind: "found", fd, stat };
      continue;
    }
    const target = kernel.readlink(fd, PATH_MAX);
    kernel.close(fd);
    if (typeof target === "number") return ended(kernel, found, refused("readlinkat", path, -target));
    if (stat.uid !== 0) {
      if (linkOwner !== 0 && linkOwner !== stat.uid)
        return ended(kernel, found, { kind: "foreign-link", owner: stat.uid });
      linkOwner = stat.uid;
    }
    links++;
    if (links > MOST_LINKS || target === "") return ended(kernel, found, refused("open", path, ELOOP));
    if (target.startsWith("/") && found !== undefined) {
      kernel.close(found.fd);
      found = undefined;
    }
    rest = rest === "" ? target : `${target}/${rest}`;
  }
  if (found === undefined) return { kind: "missing", errno: ENOENT, throughLink: false };
  if (linkOwner !== 0 && linkOwner !== found.stat.uid)
    return ended(kernel, found, { kind: "foreign-link", owner: linkOwner });
  return found;
}

/**
 * Opens the file with that name in a directory, as `Kernel.openPathAt` does. If there is none, it looks a second time, so
 * that a file that is being renamed back and forth is not taken to be gone.
 */
export function openEntry(kernel: Kernel, directory: number, name: string): number {
  const fd = kernel.openPathAt(directory, name);
  return fd === -ENOENT ? kernel.openPathAt(directory, name) : fd;
}

/** Opens the first component of a path in the same way: the root directory, or a name in the working directory. */
function openStart(kernel: Kernel, name: string): number {
  const fd = kernel.openPath(name);
  return fd === -ENOENT ? kernel.openPath(name) : fd;
}

/** Ends a search without the file: closes what it had found so far. */
function ended(kernel: Kernel, found: Found | undefined, lookup: Lookup): Lookup {
  if (found !== undefined) kernel.close(found.fd);
  return lookup;
}

function unopened(path: string, errno: number, throughLink: boolean): Lookup {
  if (errno === ENOENT || errno === ENOTDIR) return { kind: "missing", errno, throughLink };
  return refused("open", path, errno);
}

function refused(call: string, path: string, errno: number): Lookup {
  return { kind: "refused", refusal: { call, path, errno } };
}

/** Finds the file that PATH names. Throws a Failure that names the option if there is none. */
export function findOrFail(kernel: Kernel, option: string, path: string): Found {
  const lookup = findPath(kernel, path);
  if (lookup.kind === "found") return lookup;
  const missing = "is the volume mounted there? Without a volume, create the directory in the image";
  const hint = lookup.kind === "missing" ? missing : lookup.kind === "foreign-link" ? FOREIGN_LINK : "";
  throw new Failure(`${option} ${path}: ${whyNot(lookup)}`, hint);
}

const FOREIGN_LINK = "name the directory itself, or give the link to root (chown -h)";

/** Why a PATH leads to no file, for people. */
export function whyNot(lookup: Exclude<Lookup, Found>): string {
  switch (lookup.kind) {
    case "missing":
      return lookup.throughLink ? "a symbolic link leads nowhere" : errorText(lookup.errno);
    case "foreign-link":
      return `a symbolic link in the path belongs to UID ${lookup.owner}, but what it leads to does not`;
    case "refused":
      return describeRefusal(lookup.refusal);
  }
}

/** Whether it is a system directory, under whatever name. Throws a Failure if that cannot be determined. */
export function isSystems(kernel: Kernel, found: Found): boolean {
  for (const path of SYSTEM_DIRECTORIES) {
    const stat = kernel.stat(path);
    if (typeof stat !== "number") {
      if (isSameFile(stat, found.stat)) return true;
    } else if (stat !== -ENOENT) throw new Failure(`${path}: cannot be examined: ${errorText(-stat)}`);
  }
  return false;
}

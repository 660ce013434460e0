// From a PATH of the command line to the file it means, without being led elsewhere by somebody's symbolic link.

import { Failure } from "../failure.ts";
import { ELOOP, ENOENT, ENOTDIR, errorText } from "../kernel/errno.ts";
import { type Kernel, S_IFDIR, S_IFLNK, S_IFMT } from "../kernel/kernel.ts";
import { STATX_LENGTH, STATX_MODE, STATX_UID, u16, u32 } from "../kernel/layout.ts";
import { cString, textOf } from "../text.ts";

const AT_FDCWD = -100;
/** As many as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;
const PATH_MAX = 4096;

/** A file that stays the same one, whatever happens to the names that led to it. */
export interface Found {
  /** Opened with O_PATH. */
  readonly fd: number;
  /** struct statx */
  readonly stat: Uint8Array;
}

/** Whether struct statx says that the file is a directory. */
export function isDirectory(stat: Uint8Array): boolean {
  return (u16(stat, STATX_MODE) & S_IFMT) === S_IFDIR;
}

/**
 * Finds the file that PATH names, component by component. A symbolic link is followed if it is root's, or belongs to the
 * owner of the file that is found: otherwise a user could point a path in its own directory at what is another's.
 * Throws a Failure that names `option`.
 */
export function findPath(kernel: Kernel, option: string, path: string): Found {
  if (path === "") throw new Failure(`${option}: PATH is empty`, "is the variable that should hold it set?");
  let rest = path;
  let links = 0;
  let linkOwner = 0;
  let fd = AT_FDCWD;
  const stat = new Uint8Array(STATX_LENGTH);
  while (rest !== "") {
    const slash = rest.indexOf("/");
    const name = slash < 0 ? rest : slash === 0 ? "/" : rest.slice(0, slash);
    rest = slash < 0 ? "" : rest.slice(slash + 1);
    if (slash === 0) {
      // What follows is absolute only at the start of a path; later it is a doubled slash.
      if (fd !== AT_FDCWD) continue;
    }
    const next = kernel.openPath(fd, cString(name));
    if (next < 0) throw cannotFind(option, path, links > 0, -next);
    const result = kernel.statInto(next, stat);
    if (result < 0) throw cannotFind(option, path, false, -result);
    if ((u16(stat, STATX_MODE) & S_IFMT) !== S_IFLNK) {
      if (fd >= 0) kernel.close(fd);
      fd = next;
      continue;
    }
    const owner = u32(stat, STATX_UID);
    if (owner !== 0) {
      if (linkOwner !== 0 && linkOwner !== owner) throw foreignLink(option, path, owner);
      linkOwner = owner;
    }
    const target = linkText(kernel, next);
    kernel.close(next);
    links++;
    if (links > MOST_LINKS || target === "") throw cannotFind(option, path, false, ELOOP);
    if (target.startsWith("/")) {
      if (fd >= 0) kernel.close(fd);
      fd = AT_FDCWD;
    }
    rest = rest === "" ? target : `${target}/${rest}`;
  }
  if (linkOwner !== 0 && linkOwner !== u32(stat, STATX_UID)) throw foreignLink(option, path, linkOwner);
  return { fd, stat };
}

function linkText(kernel: Kernel, fd: number): string {
  const text = Buffer.alloc(PATH_MAX);
  const length = kernel.readlink(fd, text);
  return length > 0 ? textOf(text, 0, length) : "";
}

function cannotFind(option: string, path: string, throughLink: boolean, errno: number): Failure {
  const missing = errno === ENOENT || errno === ENOTDIR;
  const why = missing && throughLink ? "a symbolic link leads nowhere" : errorText(errno);
  return new Failure(
    `${option} ${path}: ${why}`,
    missing ? "is the volume mounted there? without one, create the directory in the image" : "",
  );
}

function foreignLink(option: string, path: string, owner: number): Failure {
  return new Failure(
    `${option} ${path}: a symbolic link on the way belongs to UID ${owner}, and leads to what is not that user's`,
    "name the directory itself, or let root own the link (chown -h)",
  );
}

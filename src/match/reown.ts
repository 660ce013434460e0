// Giving the files of a tree to somebody, while others may be changing the tree.
//
// Every file is opened with O_PATH, looked at and changed through that descriptor: what was looked at is what is changed.
// Only where nobody but root may change the directory is an ordinary file looked at and changed by its name.
// A directory is changed after everything in it, so that its owner says whether the work in it is done.

import { Failure } from "../failure.ts";
import { EINVAL, ENOENT, EROFS, EXDEV, errorText } from "../kernel/errno.ts";
import { type Kernel, O_RDONLY, S_IFMT, S_IFREG, S_ISGID, S_ISUID } from "../kernel/kernel.ts";
import {
  STATX_DEVICE,
  STATX_GID,
  STATX_LENGTH,
  STATX_LINKS,
  STATX_MODE,
  STATX_MOUNT,
  STATX_UID,
  sameFile,
  u16,
  u32,
} from "../kernel/layout.ts";
import { readProc } from "../privilege/idmap.ts";
import { cString, textOf } from "../text.ts";
import { Labour } from "./labour.ts";
import { type Found, isDirectory } from "./path.ts";

/** Whose files become whose. */
export interface Handover {
  /** Only what these IDs own, each for itself; below 0: whoever owns it. */
  readonly fromUid: number;
  readonly fromGid: number;
  readonly uid: number;
  readonly gid: number;
}

/** A directory on the way down. */
interface Level {
  /** Below 0 while closed. */
  fd: number;
  readonly name: string;
  readonly stat: Uint8Array;
  /** The directories in it, and how many of them are done. */
  readonly children: readonly string[];
  done: number;
}

/** So many directories are held open; those above are found again through "..", and must be the same ones. */
const MOST_OPEN = 24;
const DIRENT_TYPE = 18;
const DIRENT_NAME = 19;
const DT_DIR = 4;
const DT_REG = 8;
/** The permission bits of a file whose attributes chown(2) has nothing to take from. */
const READ_WRITE = 0o666;
/** Others than its owner may change a directory. */
const OTHERS_WRITE = 0o022;
const DOT = 46;
const EXECUTABLE = 0o111;
/** Without it, setgid is another thing (mandatory locking), which chown(2) leaves alone. */
const S_IXGRP = 0o010;
const SELF = cString(".");
const PARENT = cString("..");
const CAPABILITY = cString("security.capability");
/** Larger than any struct vfs_ns_cap_data. */
const CAPABILITY_LENGTH = 64;

/**
 * Hands over `top` and everything under it on the same mount. Symbolic links are changed, not followed. File capabilities,
 * and setuid and setgid bits on files of root and the user, which chown(2) takes away, are put back. A file with several
 * links that is not the user's is left alone where anybody may link any file (fs.protected_hardlinks is 0). Files that
 * vanish meanwhile are no error. The first error ends the walk. Closes `top`.
 */
export function handOver(kernel: Kernel, top: Found, path: string, handover: Handover): Walk {
  const walk = new Walk(kernel, top, path, handover);
  walk.run();
  return walk;
}

/** A walk, and how it went. */
export class Walk {
  private readonly kernel: Kernel;
  private readonly top: Found;
  private readonly path: string;
  private readonly handover: Handover;
  private readonly labour: Labour;
  private readonly levels: Level[] = [];
  private readonly entries = new Uint8Array(65536);
  private readonly stat = new Uint8Array(STATX_LENGTH);
  private readonly view = new DataView(this.stat.buffer);
  private readonly capability = new Uint8Array(CAPABILITY_LENGTH);
  /** Files that changed hands. */
  changed = 0;
  private readonly topMount: number;
  private readonly topMajor: number;
  private readonly topMinor: number;
  /** Files with several links that were left alone, and one of them. */
  linked = 0;
  linkedPath = "";
  /** Files that had a setuid or setgid bit of somebody else, and lost it. */
  bared = 0;
  /** −1 until it is known. */
  private linksProtected = -1;
  /** The first file that could not be changed, and why; errno 0: there is none. */
  errno = 0;
  errorPath = "";
  /** Something went wrong after which to go on makes no sense. */
  private halted = false;

  constructor(kernel: Kernel, top: Found, path: string, handover: Handover) {
    this.kernel = kernel;
    this.top = top;
    this.path = path;
    this.handover = handover;
    this.topMount = u32(top.stat, STATX_MOUNT);
    this.topMajor = u32(top.stat, STATX_DEVICE);
    this.topMinor = u32(top.stat, STATX_DEVICE + 4);
    this.labour = new Labour(kernel, `re-owning ${path}`);
  }

  run(): void {
    this.stat.set(this.top.stat, 0);
    this.visitOpen(this.top.fd, SELF);
    while (!this.halted) {
      const level = this.levels[this.levels.length - 1];
      if (level === undefined) break;
      const child = level.children[level.done];
      if (child === undefined) this.leave(level);
      else {
        level.done++;
        this.visit(level.fd, cString(child), true);
      }
    }
    for (const level of this.levels) if (level.fd >= 0) this.kernel.close(level.fd);
    this.labour.finish();
  }

  /**
   * Changes what has that name in the directory. One that is a directory itself is gone into if `enters`; if not, nothing
   * is done: true.
   */
  private visit(directory: number, name: Uint8Array, enters: boolean): boolean {
    this.labour.step();
    const fd = this.kernel.openPath(directory, name);
    if (fd < 0) {
      this.fail(-fd, name);
      return false;
    }
    const result = this.kernel.statInto(fd, this.stat);
    if (result < 0) this.fail(-result, name);
    const isHere = result >= 0 && this.isOnMount();
    const isLater = isHere && !enters && isDirectory(this.stat);
    if (isHere && !isLater) this.visitOpen(fd, name);
    else this.kernel.close(fd);
    return isLater;
  }

  /** Whether the file in `stat` is on the mount of the top, or on its device where the kernel names no mounts (before 5.8). */
  private isOnMount(): boolean {
    const view = this.view;
    return (
      view.getUint32(STATX_MOUNT, true) === this.topMount &&
      view.getUint32(STATX_DEVICE, true) === this.topMajor &&
      view.getUint32(STATX_DEVICE + 4, true) === this.topMinor
    );
  }

  /** What `fd` was opened for is in `stat`; closes `fd`. */
  private visitOpen(fd: number, name: Uint8Array): void {
    if (isDirectory(this.stat)) this.enter(fd, name);
    else {
      this.give(fd, name);
      this.kernel.close(fd);
    }
  }

  private enter(found: number, name: Uint8Array): void {
    // "." of the descriptor: the same directory, whatever stands under its name by now.
    const fd = this.kernel.openAt(found, SELF, O_RDONLY, 0);
    this.kernel.close(found);
    if (fd < 0) {
      this.fail(-fd, name);
      return;
    }
    const stat = new Uint8Array(STATX_LENGTH);
    stat.set(this.stat, 0);
    const children: string[] = [];
    this.levels.push({ fd, name: nameOf(name), stat, children, done: 0 });
    const far = this.levels[this.levels.length - 1 - MOST_OPEN];
    if (far !== undefined && far.fd >= 0) {
      this.kernel.close(far.fd);
      far.fd = -1;
    }
    this.read(fd, children, isRootsAlone(stat));
  }

  /** Changes what is in the directory, and notes the directories in it. */
  private read(fd: number, children: string[], isQuiet: boolean): void {
    const entries = this.entries;
    for (;;) {
      const length = this.kernel.getdents(fd, entries);
      if (length < 0) this.fail(-length, SELF);
      if (length <= 0) return;
      for (let at = 0; at < length; ) {
        if (this.halted) return;
        const next = at + u16(entries, at + 16);
        const type = entries[at + DIRENT_TYPE];
        const name = entries.subarray(at + DIRENT_NAME, next);
        at = next;
        if (type === DT_REG && isQuiet && this.giveEntry(fd, name)) continue;
        if (!isDots(name) && (type === DT_DIR || this.visit(fd, name, false))) children.push(nameOf(name));
      }
    }
  }

  /**
   * Changes an ordinary file by its name, which nobody can give to another file meanwhile; that takes half the calls. False
   * where it is not as ordinary as that, and nothing was done.
   */
  private giveEntry(directory: number, name: Uint8Array): boolean {
    if (this.kernel.statAt(directory, name, this.stat) < 0) return false;
    const view = this.view;
    const mode = view.getUint16(STATX_MODE, true);
    if ((mode & ~READ_WRITE) !== S_IFREG || view.getUint32(STATX_LINKS, true) !== 1) return false;
    if (!this.isOnMount()) return false;
    const { fromUid, fromGid, uid: newUid, gid: newGid } = this.handover;
    const uid = view.getUint32(STATX_UID, true);
    const gid = view.getUint32(STATX_GID, true);
    const toUid = fromUid < 0 || uid === fromUid ? newUid : uid;
    const toGid = fromUid < 0 || gid === fromGid ? newGid : gid;
    if (toUid !== uid || toGid !== gid) {
      if (this.kernel.chownAt(directory, name, toUid, toGid) < 0) return false;
      this.changed++;
    }
    this.labour.step();
    return true;
  }

  /** A directory whose contents are done: changes itself, and goes back up. */
  private leave(level: Level): void {
    this.stat.set(level.stat, 0);
    this.give(level.fd, SELF);
    if (this.halted) return;
    const above = this.levels[this.levels.length - 2];
    if (above !== undefined && above.fd < 0) {
      const fd = this.kernel.openAt(level.fd, PARENT, O_RDONLY, 0);
      const isSame = fd >= 0 && this.kernel.statInto(fd, this.stat) >= 0 && sameFile(this.stat, above.stat);
      if (!isSame) {
        if (fd >= 0) this.kernel.close(fd);
        // Somebody moved it away meanwhile: where it came from can no longer be told.
        this.fail(EXDEV, PARENT);
        this.halted = true;
        return;
      }
      above.fd = fd;
    }
    this.kernel.close(level.fd);
    this.levels.pop();
  }

  /** Changes the open file that is in `stat`. */
  private give(fd: number, name: Uint8Array): void {
    const view = this.view;
    const { fromUid, fromGid, uid: newUid, gid: newGid } = this.handover;
    const uid = view.getUint32(STATX_UID, true);
    const gid = view.getUint32(STATX_GID, true);
    const toUid = fromUid < 0 || uid === fromUid ? newUid : uid;
    const toGid = fromUid < 0 || gid === fromGid ? newGid : gid;
    if (toUid === uid && toGid === gid) return;
    const mode = view.getUint16(STATX_MODE, true);
    const isRegular = (mode & S_IFMT) === S_IFREG;
    if (
      view.getUint32(STATX_LINKS, true) > 1 &&
      !isDirectory(this.stat) &&
      uid !== newUid &&
      uid !== fromUid &&
      !this.areLinksSafe()
    ) {
      if (this.linked === 0) this.linkedPath = this.pathOf(name);
      this.linked++;
      return;
    }
    let capabilityLength = 0;
    if (isRegular && (mode & EXECUTABLE) !== 0)
      capabilityLength = this.kernel.getxattr(procPath(fd), CAPABILITY, this.capability);
    const result = this.kernel.chownPath(fd, toUid, toGid);
    if (result < 0) {
      this.fail(-result, name);
      return;
    }
    this.changed++;
    if (isRegular && (mode & (S_ISUID | S_ISGID)) !== 0) {
      // Set by somebody else, they would let that one become the user: this is why chown(2) takes them away.
      if (uid === 0 || uid === newUid || uid === fromUid) this.kernel.chmod(procPath(fd), mode & 0o7777);
      else if ((mode & S_ISUID) !== 0 || (mode & S_IXGRP) !== 0) this.bared++;
    }
    if (capabilityLength > 0)
      this.kernel.setxattr(procPath(fd), CAPABILITY, this.capability.subarray(0, capabilityLength));
  }

  private areLinksSafe(): boolean {
    if (this.linksProtected < 0)
      this.linksProtected = readProc(this.kernel, "/proc/sys/fs/protected_hardlinks").startsWith("1") ? 1 : 0;
    return this.linksProtected === 1;
  }

  private fail(errno: number, name: Uint8Array): void {
    if (errno === ENOENT) return;
    if (this.errno === 0) {
      this.errno = errno;
      this.errorPath = this.pathOf(name);
    }
    // What is above stays as it is: the owner of a directory says that the work in it is done.
    this.halted = true;
  }

  /** Where a file is, for people. */
  private pathOf(name: Uint8Array): string {
    let path = this.path;
    for (let i = 1; i < this.levels.length; i++) path += `/${this.levels[i]?.name ?? ""}`;
    return isDots(name) ? path : `${path}/${nameOf(name)}`;
  }
}

/** Whether nobody but root can rename anything in a directory, or make a link there. */
function isRootsAlone(stat: Uint8Array): boolean {
  return u32(stat, STATX_UID) === 0 && (u16(stat, STATX_MODE) & OTHERS_WRITE) === 0;
}

/** The file that a descriptor stands for, for the calls that take no O_PATH descriptor (proc_pid_fd(5)). */
function procPath(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** "." and "..", with the NUL that ends them. */
function isDots(name: Uint8Array): boolean {
  return name[0] === DOT && (name[1] === 0 || (name[1] === DOT && name[2] === 0));
}

/** The name up to the NUL that ends it. */
function nameOf(name: Uint8Array): string {
  let length = 0;
  while (length < name.length && name[length] !== 0) length++;
  return textOf(Buffer.from(name), 0, length);
}

/** What a file that could not be changed means for `option`, where the walk had to be finished. */
export function cannotGive(option: string, path: string, errno: number): Failure {
  return new Failure(`${option}: ${path}: cannot be given to the user: ${errorText(errno)}`, hintFor(errno));
}

function hintFor(errno: number): string {
  switch (errno) {
    case EROFS:
      return "mount the volume writable, or leave the option out where it is read-only";
    case EINVAL:
      return "an ID that this user namespace does not map (/proc/self/uid_map) can own nothing: choose another";
    case EXDEV:
      return "something moved directories meanwhile: start again";
    default:
      return "root needs the capabilities CHOWN, DAC_OVERRIDE, FOWNER and FSETID here (--no-chown leaves the home alone); NFS with root_squash and some file systems refuse in any case";
  }
}

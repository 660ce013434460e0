// Changing the owner of all files in a tree, while others may be changing the tree.
//
// Every file is opened with O_PATH, and examined and changed through that descriptor: what was examined is what is changed.
// An ordinary file is examined and changed by its name only if nobody but root may change its directory.
// A directory is changed after everything in it, so that its owner shows whether the work in it is done.

import { ENODATA, ENOENT, EOPNOTSUPP } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isSameFile, type Stat } from "../kernel/layout.ts";
import { S_IFDIR, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_IXGRP } from "../kernel/linux.ts";
import { readProc } from "../privilege/idmap.ts";
import { itemOf } from "../text.ts";
import type { Owner } from "./owner.ts";
import { type Found, openEntry } from "./path.ts";
import { Progress, STRIDE } from "./progress.ts";
import type { Refusal } from "./refusal.ts";

/** Whose files are given to whom. */
export interface Handover {
  /** Files with this UID change their UID, files with this GID their GID; undefined: all files change both. */
  readonly from: Owner | undefined;
  readonly to: Owner;
}

/** Why a walk stopped early. */
export type Stop =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Somebody moved a directory while the walk was in it, so that the way back is lost. */
  | { readonly kind: "moved-away"; readonly path: string };

/** How a walk went. */
export interface Outcome {
  /** How many files changed hands. */
  readonly changed: number;
  /** How many files with several links were left alone, and the path of the first. */
  readonly leftLinks: number;
  readonly firstLeftLink: string;
  /** How many files lost setuid or setgid bits that neither root nor the user had set. */
  readonly foreignBits: number;
  /** How many files lost such bits, or their capabilities, because they could not be restored. */
  readonly lostBits: number;
  readonly lostCapabilities: number;
  /** Undefined if the walk was completed. */
  readonly stop: Stop | undefined;
}

/** How many directories are kept open. Those above are found again through "..", and must be the same ones. */
const MOST_OPEN = 24;
/** The only permission bits of a file from which chown(2) takes nothing away. */
const READ_WRITE = 0o666;
const EXECUTABLE = 0o111;
/** Users other than its owner may change a directory. */
const OTHERS_WRITE = 0o022;
const PERMISSIONS = 0o7777;
const CAPABILITY = "security.capability";
const CLOSED = -1;
/** Not the ID of any file. */
const NOBODY = -1;

/**
 * Hands over `top` and everything under it on the same mount. Symbolic links are changed, not followed. File capabilities,
 * and setuid and setgid bits on files of root and the user, are restored after chown(2) removes them. A file with several
 * links that is not the user's is left unchanged if anybody may link any file (fs.protected_hardlinks is 0). Files that
 * vanish meanwhile are not an error. The first error ends the walk. Closes `top`.
 */
export function reown(kernel: Kernel, top: Found, path: string, handover: Handover): Outcome {
  return new Walk(kernel, top, path, handover).run();
}

/** A directory between the top and where the walk is. */
class Level {
  /** CLOSED, or a descriptor. */
  fd: number;
  readonly name: string;
  /** The directory's state when it was entered. */
  readonly stat: Stat;
  /** The directories in it, and how many of them are done. */
  readonly children: string[] = [];
  done = 0;

  constructor(fd: number, name: string, stat: Stat) {
    this.fd = fd;
    this.name = name;
    this.stat = stat;
  }
}

class Walk {
  private readonly kernel: Kernel;
  private readonly top: Found;
  private readonly path: string;
  /** Whether every file is handed over, or only those of these IDs. */
  private readonly isFromAnybody: boolean;
  private readonly fromUid: number;
  private readonly fromGid: number;
  private readonly toUid: number;
  private readonly toGid: number;
  /** The mount of the top (−1 if the kernel does not tell) and its device. */
  private readonly mount: number;
  private readonly device: number;
  private readonly progress: Progress;
  private readonly levels: Level[] = [];
  /** fs.protected_hardlinks, read when it is needed. */
  private linkProtection: "unknown" | "on" | "off" = "unknown";
  private changed = 0;
  private leftLinks = 0;
  private firstLeftLink = "";
  private foreignBits = 0;
  private lostBits = 0;
  private lostCapabilities = 0;
  private stop: Stop | undefined = undefined;

  constructor(kernel: Kernel, top: Found, path: string, handover: Handover) {
    this.kernel = kernel;
    this.top = top;
    this.path = path;
    this.isFromAnybody = handover.from === undefined;
    this.fromUid = handover.from?.uid ?? NOBODY;
    this.fromGid = handover.from?.gid ?? NOBODY;
    this.toUid = handover.to.uid;
    this.toGid = handover.to.gid;
    this.mount = top.stat.mount;
    this.device = top.stat.device;
    this.progress = new Progress(kernel, `chown ${path}`);
  }

  run(): Outcome {
    this.visit(this.top.fd, "", this.top.stat);
    while (this.stop === undefined) {
      const level = this.levels[this.levels.length - 1];
      if (level === undefined) break;
      if (level.done === level.children.length) this.leave(level);
      else {
        this.find(level.fd, itemOf(level.children, level.done), true);
        level.done++;
      }
    }
    for (const level of this.levels) if (level.fd !== CLOSED) this.kernel.close(level.fd);
    this.progress.finish();
    const { changed, leftLinks, firstLeftLink, foreignBits, lostBits, lostCapabilities, stop } = this;
    return { changed, leftLinks, firstLeftLink, foreignBits, lostBits, lostCapabilities, stop };
  }

  /**
   * Changes the file with that name in the directory. A directory is entered if `enters`; otherwise it is left for later, and
   * the result is true.
   */
  private find(directory: number, name: string, enters: boolean): boolean {
    const fd = openEntry(this.kernel, directory, name);
    if (fd === -ENOENT) return false;
    if (fd < 0) return this.refuse("openat", name, -fd);
    const stat = this.kernel.fstat(fd);
    if (typeof stat === "number") {
      this.kernel.close(fd);
      return this.refuse("statx", name, -stat);
    }
    const isHere = this.isOnMount(stat);
    const isLater = isHere && !enters && isDirectory(stat);
    if (isHere && !isLater) this.visit(fd, name, stat);
    else this.kernel.close(fd);
    return isLater;
  }

  /** Whether a file is on the mount of the top, or on its device if the kernel does not tell mounts (before Linux 5.8). */
  private isOnMount(stat: Stat): boolean {
    // The device is a weaker test: one overlay mount may show several devices, and one device may be mounted twice.
    return this.mount < 0 ? stat.device === this.device : stat.mount === this.mount;
  }

  /** Enters a directory; changes anything else. Closes `fd`. */
  private visit(fd: number, name: string, stat: Stat): void {
    if (isDirectory(stat)) this.enter(fd, name, stat);
    else {
      this.give(fd, name, stat);
      this.kernel.close(fd);
    }
  }

  private enter(found: number, name: string, stat: Stat): void {
    // This opens the same directory, whatever has its name by now.
    const fd = this.kernel.openDirectory(found);
    const isGone = fd === -ENOENT && this.isDeleted(found);
    this.kernel.close(found);
    if (fd < 0) {
      if (!isGone) this.refuse("openat", name, -fd);
      return;
    }
    const level = new Level(fd, name, stat);
    this.levels.push(level);
    const far = this.levels[this.levels.length - 1 - MOST_OPEN];
    if (far !== undefined && far.fd !== CLOSED) {
      this.kernel.close(far.fd);
      far.fd = CLOSED;
    }
    this.read(level);
  }

  /** Whether an open directory has been removed. */
  private isDeleted(fd: number): boolean {
    const stat = this.kernel.fstat(fd);
    return typeof stat !== "number" && stat.links === 0;
  }

  /** Changes the files in the directory, and notes its subdirectories. */
  private read(level: Level): void {
    const isQuiet = isRootsAlone(level.stat);
    for (;;) {
      const entries = this.kernel.readdir(level.fd);
      if (typeof entries === "number") {
        if (entries !== -ENOENT || !this.isDeleted(level.fd)) this.refuse("getdents64", "", -entries);
        return;
      }
      if (entries.length === 0) return;
      let met = 0;
      for (const { name, type } of entries) {
        met++;
        if (met === STRIDE) {
          this.progress.add(met);
          met = 0;
        }
        if (type === "regular" && isQuiet && this.giveByName(level.fd, name)) continue;
        if (type === "directory" || this.find(level.fd, name, false)) level.children.push(name);
        if (this.stop !== undefined) return;
      }
      this.progress.add(met);
    }
  }

  /**
   * Changes an ordinary file by its name, which nobody can give to another file meanwhile; that takes half the calls. Returns
   * false if the file is not so ordinary, or a call is refused: then the file still has to be changed.
   */
  private giveByName(directory: number, name: string): boolean {
    const stat = this.kernel.statAt(directory, name);
    return typeof stat !== "number" && this.isOrdinary(stat) && this.giveOrdinary(directory, name, stat);
  }

  /** Whether a file has one name, is on the mount of the top, and has nothing that chown(2) would take away. */
  private isOrdinary(stat: Stat): boolean {
    return (stat.mode & ~READ_WRITE) === S_IFREG && stat.links === 1 && this.isOnMount(stat);
  }

  private giveOrdinary(directory: number, name: string, stat: Stat): boolean {
    const uid = this.newUid(stat);
    const gid = this.newGid(stat);
    if (uid !== stat.uid || gid !== stat.gid) {
      if (this.kernel.chownAt(directory, name, uid, gid) < 0) return false;
      this.changed++;
    }
    return true;
  }

  private newUid(stat: Stat): number {
    return this.isFromAnybody || stat.uid === this.fromUid ? this.toUid : stat.uid;
  }

  private newGid(stat: Stat): number {
    return this.isFromAnybody || stat.gid === this.fromGid ? this.toGid : stat.gid;
  }

  /** Changes a directory whose contents are done, and goes back up. */
  private leave(level: Level): void {
    this.give(level.fd, "", level.stat);
    if (this.stop !== undefined) return;
    const above = this.levels[this.levels.length - 2];
    if (above !== undefined && above.fd === CLOSED) {
      const fd = this.kernel.openParent(level.fd);
      if (fd < 0) {
        this.refuse("openat", "..", -fd);
        return;
      }
      const stat = this.kernel.fstat(fd);
      if (typeof stat === "number" || !isSameFile(stat, above.stat)) {
        this.kernel.close(fd);
        if (typeof stat === "number") this.refuse("statx", "..", -stat);
        else this.stop = { kind: "moved-away", path: this.pathOf("") };
        return;
      }
      above.fd = fd;
    }
    this.kernel.close(level.fd);
    this.levels.pop();
  }

  /** Changes an open file. */
  private give(fd: number, name: string, stat: Stat): void {
    const uid = this.newUid(stat);
    const gid = this.newGid(stat);
    if (uid === stat.uid && gid === stat.gid) return;
    if (stat.links > 1 && !isDirectory(stat) && !this.isUsers(stat.uid) && !this.areLinksProtected()) {
      if (this.leftLinks === 0) this.firstLeftLink = this.pathOf(name);
      this.leftLinks++;
      return;
    }
    const capabilities = this.capabilitiesOf(fd, stat);
    if (typeof capabilities === "number" && !hasNone(capabilities)) {
      this.refuse("getxattr", name, -capabilities);
      return;
    }
    const result = this.kernel.chownPath(fd, uid, gid);
    if (result < 0) {
      this.refuse("fchownat", name, -result);
      return;
    }
    this.changed++;
    this.putBitsBack(fd, stat);
    if (typeof capabilities !== "number" && this.kernel.setxattr(procPath(fd), CAPABILITY, capabilities) < 0)
      this.lostCapabilities++;
  }

  /** Whether a UID is the user's: the present one, or the one it will have. */
  private isUsers(uid: number): boolean {
    return uid === this.toUid || uid === this.fromUid;
  }

  /** The value of the attribute that holds a file's capabilities; −ENODATA if there is none. */
  private capabilitiesOf(fd: number, stat: Stat): Uint8Array | number {
    if (!isRegular(stat) || (stat.mode & EXECUTABLE) === 0) return -ENODATA;
    return this.kernel.getxattr(procPath(fd), CAPABILITY);
  }

  /**
   * Restores the setuid and setgid bits that chown(2) took away, except those that neither root nor the user had set: whoever
   * set them could use them to become this user.
   */
  private putBitsBack(fd: number, stat: Stat): void {
    if (!isRegular(stat) || (stat.mode & (S_ISUID | S_ISGID)) === 0) return;
    const isTrusted = stat.uid === 0 || this.isUsers(stat.uid);
    if (isTrusted && this.kernel.chmod(procPath(fd), stat.mode & PERMISSIONS) >= 0) return;
    // Without execute permission for the group, setgid means mandatory locking, and chown(2) keeps it.
    if ((stat.mode & S_ISUID) === 0 && (stat.mode & S_IXGRP) === 0) return;
    if (isTrusted) this.lostBits++;
    else this.foreignBits++;
  }

  private areLinksProtected(): boolean {
    if (this.linkProtection === "unknown") {
      const isOn = readProc(this.kernel, "/proc/sys/fs/protected_hardlinks").startsWith("1");
      this.linkProtection = isOn ? "on" : "off";
    }
    return this.linkProtection === "on";
  }

  /** Ends the walk. The directories above keep their owners, since a directory's owner shows that the work in it is done. */
  private refuse(call: string, name: string, errno: number): false {
    const refusal = { call, path: this.pathOf(name), errno };
    if (this.stop === undefined) this.stop = { kind: "refused", refusal };
    return false;
  }

  /** The path of a file in the current directory, for people; of the directory itself if `name` is empty. */
  private pathOf(name: string): string {
    let path = this.path;
    for (let i = 1; i < this.levels.length; i++) path += `/${this.levels[i]?.name ?? ""}`;
    return name === "" ? path : `${path}/${name}`;
  }
}

function isDirectory(stat: Stat): boolean {
  return (stat.mode & S_IFMT) === S_IFDIR;
}

function isRegular(stat: Stat): boolean {
  return (stat.mode & S_IFMT) === S_IFREG;
}

/** Whether only root can rename or link anything in a directory. */
function isRootsAlone(stat: Stat): boolean {
  return stat.uid === 0 && (stat.mode & OTHERS_WRITE) === 0;
}

/** Whether a refused getxattr means that the file has no such attribute, or its file system has none. */
function hasNone(result: number): boolean {
  return result === -ENODATA || result === -EOPNOTSUPP;
}

/** The file that a descriptor stands for, for the calls that take no O_PATH descriptor (proc_pid_fd(5)). */
function procPath(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

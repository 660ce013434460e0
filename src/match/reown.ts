// Changing the owner of all files in a tree, while others may be changing the tree.
//
// Every file is opened with O_PATH, looked at and changed through that descriptor: what was looked at is what is changed.
// Only where nobody but root may change the directory is an ordinary file looked at and changed by its name.
// The top is changed last, so that its owner says whether the work is done.
//
// A file with several links is given only if all of them are in the tree, since another link is somebody's way to a file
// elsewhere. A file that has one link by now may have had that other one as well: who removes a link changes the inode, so
// that goes for every file that has changed since the walk began. Where there are such files, the tree is walked three times:
// all else is given first, then the links are counted, then the files are given whose links were all met. Meanwhile somebody
// may rename a link, so that it is met twice. But then the inode has changed after the counting began, and such a file is left
// alone; and in a directory that was moved to be met twice, links are counted once.

import { Failure } from "../failure.ts";
import { EINVAL, ENOENT, ENOSYS, EPERM, EROFS, EXDEV } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isSameFile, type Stat } from "../kernel/layout.ts";
import { S_IFDIR, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_IXGRP } from "../kernel/linux.ts";
import { notice, say } from "../report.ts";
import { counted, itemOf } from "../text.ts";
import type { Owner } from "./owner.ts";
import { type Found, isRootsAlone, keyOf, mountOf } from "./path.ts";
import { endIfTold, Progress, STRIDE } from "./progress.ts";
import { describeRefusal } from "./refusal.ts";

/** Whose files are given to whom. */
export interface Handover {
  /** The option that it is for, and the path of the tree, for people. */
  readonly option: string;
  readonly path: string;
  /** What these IDs own, each for itself; undefined: whatever anybody owns. */
  readonly from: Owner | undefined;
  readonly to: Owner;
  /** Whether no other start gives files of this tree away meanwhile, nor directories that root alone may change. */
  readonly isAlone: boolean;
  /** Whether it is said how many files were changed. */
  readonly verbose: boolean;
}

/** How many directories are kept open. Those above are found again through "..", and must be the same ones. */
const MOST_OPEN = 24;
/** So many files with several links are counted at most: each takes about 100 bytes. */
const MOST_COUNTED = 1_000_000;
/** Longer than a tick of the clock that the kernel reads for the time of a change. */
const TICK_MS = 20;
/** Some file systems keep whole seconds, and FAT two. So many ticks are waited for a later time. */
const MOST_TICKS = 125;
/** Earlier than any change. */
const NEVER = -1;
/** The permission bits of a file whose attributes chown(2) has nothing to take from. */
const READ_WRITE = 0o666;
const EXECUTABLE = 0o111;
const CLOSED = -1;
/** Not the ID of any file. */
const NOBODY = -1;

/**
 * Hands over `top` and everything under it on the same mount; nothing is done to what is mounted there, and no server of
 * such a mount is asked. Symbolic links are changed, not followed. Setuid and setgid bits and file capabilities go, as
 * chown(2) has it, and a line counts such files; another one counts links that were left alone. Files that vanish meanwhile
 * are no error. The first error ends the walk with a Failure; the top stays as it is, since its owner says that the work is
 * done.
 */
export function reown(kernel: Kernel, top: Found, handover: Handover): void {
  new Walk(kernel, top, handover).run();
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
  /** Whether it was noted as a directory with links that count, and whether that was so before. */
  isNoted = false;
  isMetAgain = false;

  constructor(fd: number, name: string, stat: Stat) {
    this.fd = fd;
    this.name = name;
    this.stat = stat;
  }
}

class Walk {
  private readonly kernel: Kernel;
  private readonly top: Found;
  private readonly handover: Handover;
  /** Whether every file is given, or only what these IDs own. */
  private readonly isFromAnybody: boolean;
  private readonly fromUid: number;
  private readonly fromGid: number;
  private readonly toUid: number;
  private readonly toGid: number;
  /** The mount of the top, −1 where it cannot be told. */
  private readonly mount: number;
  private readonly progress: Progress;
  private readonly levels: Level[] = [];
  /** Whether there are files with several links, and whether these are counted, or given, by now. */
  private hasLinked = false;
  private isCounting = false;
  private isGiving = false;
  /** How many links of a file were met, and which directories with such links, by `keyOf`. */
  private readonly met = new Map<string, number>();
  /** When the walk and the counting began, on the file system's own clock (`time`). */
  private begun = 0;
  private calm = 0;
  private changed = 0;
  private stripped = 0;
  private leftLinks = 0;
  private firstLeftLink = "";

  constructor(kernel: Kernel, top: Found, handover: Handover) {
    this.kernel = kernel;
    this.top = top;
    this.handover = handover;
    this.isFromAnybody = handover.from === undefined;
    this.fromUid = handover.from?.uid ?? NOBODY;
    this.fromGid = handover.from?.gid ?? NOBODY;
    this.toUid = handover.to.uid;
    this.toGid = handover.to.gid;
    this.mount = top.mount;
    this.progress = new Progress(kernel, `chown ${handover.path}`);
  }

  run(): void {
    this.begun = this.time();
    this.walk();
    if (this.hasLinked) {
      this.calm = this.time();
      if (this.calm < 0) throw this.refused("fchownat", "", this.calm);
      if (!this.waitForLater(this.calm)) this.calm = NEVER;
      this.isCounting = true;
      this.walk();
      this.isGiving = true;
      this.walk();
    }
    if (isDirectory(this.top.stat)) this.give(this.top.fd, "", this.top.stat);
    this.finish();
  }

  /**
   * The time of this moment, by which changes are told to be later: that at which the top is given the owner that it has. A
   * server may have another clock than this machine. −errno if that is refused, as every other change is then.
   */
  private time(): number {
    const stat = this.kernel.fstat(this.top.fd);
    if (typeof stat === "number") return stat;
    const result = this.kernel.chownPath(this.top.fd, stat.uid, stat.gid);
    if (result < 0) return result;
    const changed = this.kernel.fstat(this.top.fd);
    return typeof changed === "number" ? changed : changed.changed;
  }

  /** Waits until what changes is seen to be later than `moment`; false if that takes too long: then it cannot be told. */
  private waitForLater(moment: number): boolean {
    for (let ticks = 0; ticks < MOST_TICKS; ticks++) {
      endIfTold(this.kernel, TICK_MS);
      const now = this.time();
      if (now < 0) throw this.refused("fchownat", "", now);
      if (now > moment) return true;
    }
    return false;
  }

  /** Says what became of the work, as far as it has come. */
  private finish(): void {
    const { path, verbose } = this.handover;
    this.progress.finish();
    if (this.leftLinks > 0)
      notice(
        this.kernel,
        `${path}: ${counted(this.leftLinks, "link")} left unchanged, to files that also have links elsewhere, or are being changed: ${this.firstLeftLink}`,
      );
    if (this.stripped > 0)
      notice(
        this.kernel,
        `${path}: setuid or setgid bits or capabilities removed from ${counted(this.stripped, "file")}`,
      );
    say(this.kernel, verbose, `${path}: ${counted(this.changed, "file")} chowned`);
  }

  /** Visits the whole tree; a directory is changed after everything in it, the top not yet. */
  private walk(): void {
    this.visit(this.top.fd, "", this.top.stat);
    for (;;) {
      const level = this.levels[this.levels.length - 1];
      if (level === undefined) return;
      if (level.done < level.children.length) {
        level.done++;
        this.find(level.fd, itemOf(level.children, level.done - 1), true);
      } else this.leave(level);
    }
  }

  /**
   * Changes the file with that name in the directory. A directory is entered if `enters`; otherwise it is left for later, and
   * the result is true.
   */
  private find(directory: number, name: string, enters: boolean): boolean {
    let fd = this.open(directory, name);
    // Looked for again, so that a file which is being renamed to and fro is not taken for one that is gone.
    if (fd === -ENOENT) fd = this.open(directory, name);
    // Another mount is not touched.
    if (fd === -ENOENT || fd === -EXDEV) return false;
    if (fd < 0) throw this.refused("openat", name, fd);
    const stat = this.kernel.fstat(fd);
    if (typeof stat === "number") throw this.refused("statx", name, stat);
    const isLater = !enters && isDirectory(stat);
    if (!isLater) this.visit(fd, name, stat);
    this.kernel.close(fd);
    return isLater;
  }

  /** Opens what has that name on the mount of the top: −EXDEV for what is on another. */
  private open(directory: number, name: string): number {
    const fd = this.kernel.openPathOnMount(directory, name);
    // Before Linux 5.6 there is no such call, and older seccomp profiles refuse what they do not know with EPERM. Then the
    // mount is asked for, which the kernel tells without asking a server.
    if ((fd !== -ENOSYS && fd !== -EPERM) || this.mount < 0) return fd;
    const other = this.kernel.openPathAt(directory, name);
    if (other < 0) return other;
    const stat = this.kernel.fstatKnown(other);
    const mount = typeof stat === "number" ? stat : mountOf(this.kernel, other, stat);
    if (mount === this.mount) return other;
    this.kernel.close(other);
    if (typeof stat === "number") return stat;
    return mount < 0 ? -ENOSYS : -EXDEV;
  }

  /** Goes into a directory, and changes anything else. */
  private visit(fd: number, name: string, stat: Stat): void {
    if (isDirectory(stat)) this.enter(fd, name, stat);
    else this.give(fd, name, stat);
  }

  private enter(found: number, name: string, stat: Stat): void {
    // This opens the same directory, whatever has its name by now.
    const fd = this.kernel.openDirectory(found);
    if (fd < 0) {
      if (fd === -ENOENT && this.isDeleted(found)) return;
      throw this.refused("openat", name, fd);
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
    let stat: Stat | number = level.stat;
    for (;;) {
      const entries = this.kernel.readdir(level.fd);
      if (typeof entries === "number") {
        if (entries === -ENOENT && this.isDeleted(level.fd)) return;
        throw this.refused("getdents64", "", entries);
      }
      if (entries.length === 0) return;
      const isQuiet = this.handover.isAlone && typeof stat !== "number" && isRootsAlone(stat);
      let met = 0;
      for (const { name, type } of entries) {
        met++;
        if (met === STRIDE) {
          this.progress.add(met);
          met = 0;
        }
        if (type === "regular" && isQuiet && this.giveByName(level.fd, name)) continue;
        if (type === "directory" || this.find(level.fd, name, false)) level.children.push(name);
      }
      this.progress.add(met);
      // Root may have given the directory away meanwhile.
      stat = this.kernel.fstat(level.fd);
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
    return (stat.mode & ~READ_WRITE) === S_IFREG && stat.links === 1 && stat.mount >= 0 && stat.mount === this.mount;
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
    const above = this.levels[this.levels.length - 2];
    if (above !== undefined) {
      this.give(level.fd, "", level.stat);
      if (above.fd === CLOSED) above.fd = this.openAbove(level.fd, above.stat);
    }
    this.kernel.close(level.fd);
    this.levels.pop();
  }

  /** Opens the directory above again, which has to be the same one. */
  private openAbove(directory: number, above: Stat): number {
    const fd = this.kernel.openParent(directory);
    if (fd < 0) throw this.refused("openat", "..", fd);
    const stat = this.kernel.fstat(fd);
    if (typeof stat === "number") throw this.refused("statx", "..", stat);
    if (isSameFile(stat, above)) return fd;
    this.finish();
    // Where it came from can no longer be told.
    throw new Failure(
      `${this.handover.option}: ${this.pathOf("")}: was moved while tsgosu was working on it`,
      "another program moves directories: start again",
    );
  }

  /** Changes an open file. */
  private give(fd: number, name: string, stat: Stat): void {
    const uid = this.newUid(stat);
    const gid = this.newGid(stat);
    if (uid === stat.uid && gid === stat.gid) return;
    if (this.begun < 0) throw this.refused("fchownat", name, this.begun);
    // The top, which has no name here, has been changed by this walk, and nobody but root can have removed its name.
    const mayHaveLinks = stat.links > 1 || (name !== "" && stat.changed >= this.begun);
    if (mayHaveLinks && !isDirectory(stat) && !this.mayGiveLinked(name, stat)) return;
    const isPrivileged = this.isPrivileged(fd, stat);
    const result = this.kernel.chownPath(fd, uid, gid);
    if (result < 0) throw this.refused("fchownat", name, result);
    this.changed++;
    if (isPrivileged) this.stripped++;
  }

  /** Whether a file has a bit or an attribute that chown(2) takes away. */
  private isPrivileged(fd: number, stat: Stat): boolean {
    if ((stat.mode & S_IFMT) !== S_IFREG) return false;
    if ((stat.mode & S_ISUID) !== 0) return true;
    if ((stat.mode & EXECUTABLE) === 0) return false;
    // Without the group's right to execute, setgid means mandatory locking, and chown(2) leaves it alone.
    if ((stat.mode & S_ISGID) !== 0 && (stat.mode & S_IXGRP) !== 0) return true;
    return this.kernel.getxattrLength(`/proc/self/fd/${fd}`, "security.capability") >= 0;
  }

  /** Whether a file that has several links, or may have had, is given by now, as all of them were met. */
  private mayGiveLinked(name: string, stat: Stat): boolean {
    const key = keyOf(stat);
    const met = this.met.get(key) ?? 0;
    this.hasLinked = true;
    if (this.isGiving) {
      if (met === stat.links && stat.changed <= this.calm) return true;
      if (this.leftLinks === 0) this.firstLeftLink = this.pathOf(name);
      this.leftLinks++;
    } else if (this.isCounting && this.countsLinks() && this.met.size < MOST_COUNTED) this.met.set(key, met + 1);
    return false;
  }

  /** Whether links in the directory that the walk is in count: a directory may have been moved to where it is met again. */
  private countsLinks(): boolean {
    const level = this.levels[this.levels.length - 1];
    if (level === undefined) return false;
    if (!level.isNoted) {
      const key = keyOf(level.stat);
      level.isNoted = true;
      level.isMetAgain = this.met.has(key);
      this.met.set(key, 0);
    }
    return !level.isMetAgain;
  }

  /** Ends the work: the Failure of a call that returned −errno. */
  private refused(call: string, name: string, result: number): Failure {
    this.finish();
    const path = this.pathOf(name);
    const option = this.handover.option;
    const why = describeRefusal({ call, path, errno: -result });
    return new Failure(`${option}: ${path}: cannot be given to the user: ${why}`, hintFor(option, -result));
  }

  /** Where a file in the directory that the walk is in stands, for people; the directory itself for an empty name. */
  private pathOf(name: string): string {
    let path = this.handover.path;
    for (let i = 1; i < this.levels.length; i++) path += `/${this.levels[i]?.name ?? ""}`;
    return name === "" ? path : `${path}/${name}`;
  }
}

function isDirectory(stat: Stat): boolean {
  return (stat.mode & S_IFMT) === S_IFDIR;
}

function hintFor(option: string, errno: number): string {
  const capabilities = "root needs the capabilities CHOWN and DAC_OVERRIDE here";
  const elsewhere = "NFS with root_squash and some other file systems always refuse";
  switch (errno) {
    case EROFS:
      return "mount the volume writable, or leave out the option";
    case EINVAL:
      return "this user namespace does not map the ID (/proc/self/uid_map), so it can own no file: choose another";
    default:
      return option === "--chown"
        ? `${capabilities}; ${elsewhere}`
        : `${capabilities} (--no-chown leaves the home alone); ${elsewhere}`;
  }
}

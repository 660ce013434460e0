// A file system in memory, whose calls can be made to fail: for tests of what reads and changes files.

import type { Kernel } from "../../src/kernel/kernel.ts";
import type { DirectoryEntry, Stat } from "../../src/kernel/layout.ts";
import { bytesOf, textOf } from "../../src/text.ts";
import { Exited } from "./fake-kernel.ts";

const ENOENT = 2;
const EBADF = 9;
const EEXIST = 17;
const EXDEV = 18;
const ENOTDIR = 20;
const EFBIG = 27;
const ENOSYS = 38;
const ENODATA = 61;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const S_IFMT = 0o170000;
const DIRECTORY = 0o040000;
const REGULAR = 0o100000;
const LINK = 0o120000;

/** A file of any kind. */
export interface FakeNode {
  mode: number;
  uid: number;
  gid: number;
  links: number;
  readonly inode: number;
  device: number;
  /** When it last changed, on the clock of `FakeFiles.clock`. */
  changed: number;
  /** −1: the kernel tells no mounts. */
  mount: number;
  bytes: Buffer;
  readonly target: string;
  readonly entries: Map<string, FakeNode>;
  readonly attributes: Map<string, Buffer>;
}

/** Decides which call fails: the errno for call number `nth` (from 1 on), or 0. */
export type Fault = (call: string, path: string, nth: number) => number;

/** Thrown where the code under test does what no test foresees. */
export class Unforeseen extends Error {}

export class FakeFiles {
  readonly root: FakeNode;
  /** What was written to standard error. */
  said = "";
  /** Each call with its path, in order. */
  calls: string[] = [];
  fault: Fault = () => 0;
  /** How many bytes each pwrite writes at most. */
  mostPwritten = Number.POSITIVE_INFINITY;
  /** Milliseconds since 1970. */
  clock = 1000;
  /** So many of them the times of changes are rounded down to, as some file systems keep only seconds. */
  clockStep = 1;
  isReadOnly = false;
  fileSizeLimit = Number.POSITIVE_INFINITY;
  /** Whether the kernel has openat2(2). */
  hasOpenat2 = true;
  private inodes = 0;
  private readonly open = new Map<number, { readonly node: FakeNode; readonly path: string; isRead: boolean }>();

  constructor() {
    this.root = this.node(DIRECTORY | 0o755, 0, 0);
  }

  private node(mode: number, uid: number, gid: number, bytes = "", target = ""): FakeNode {
    this.inodes++;
    const links = (mode & S_IFMT) === DIRECTORY ? 2 : 1;
    const kind = { links, inode: this.inodes, device: 1, changed: this.clock, mount: 1, bytes: bytesOf(bytes), target };
    return { mode, uid, gid, ...kind, entries: new Map(), attributes: new Map() };
  }

  /** Makes a file with these bytes, and the directories above it where they are missing. */
  file(path: string, bytes: string, mode = 0o644, uid = 0, gid = uid): FakeNode {
    return this.add(path, this.node(REGULAR | mode, uid, gid, bytes));
  }

  directory(path: string, mode = 0o755, uid = 0, gid = uid): FakeNode {
    return this.add(path, this.node(DIRECTORY | mode, uid, gid));
  }

  /** Gives a file another name. */
  hardLink(path: string, from: string): FakeNode {
    const node = this.at(from) ?? this.node(REGULAR, 0, 0);
    node.links++;
    return this.add(path, node);
  }

  link(path: string, target: string, uid = 0): FakeNode {
    return this.add(path, this.node(LINK | 0o777, uid, uid, "", target));
  }

  private add(path: string, node: FakeNode): FakeNode {
    const { parent, name } = this.split(path);
    parent.entries.set(name, node);
    return node;
  }

  private split(path: string): { parent: FakeNode; name: string } {
    const names = path.split("/").filter((one) => one !== "");
    const name = names.pop() ?? "";
    let parent = this.root;
    for (const one of names) {
      const next = parent.entries.get(one) ?? this.node(DIRECTORY | 0o755, 0, 0);
      parent.entries.set(one, next);
      parent = next;
    }
    return { parent, name };
  }

  /** The file at a path; links are not followed, but /proc/self/fd is. */
  at(path: string): FakeNode | undefined {
    if (path.startsWith("/proc/self/")) {
      const [, folder, fd] = /^\/proc\/self\/(fd|fdinfo)\/(\d+)$/.exec(path) ?? [];
      const opened = this.open.get(Number(fd))?.node;
      if (folder === "fd") return opened;
      if (folder === "fdinfo" && opened !== undefined)
        return this.node(REGULAR, 0, 0, `pos:\t0\nflags:\t012000000\nmnt_id:\t${Math.abs(opened.mount)}\nino:\t1\n`);
    }
    let node: FakeNode | undefined = this.root;
    for (const name of path.split("/")) if (name !== "") node = node?.entries.get(name);
    return node;
  }

  /** Everything that there is, but for the lock, as text: path, mode, owner, attributes and bytes. */
  state(): string {
    const lines: string[] = [];
    const visit = (node: FakeNode, path: string): void => {
      const attributes = [...node.attributes].map(([name, value]) => `${name}=${value.toString("hex")}`);
      const owner = `${node.uid}:${node.gid}`;
      lines.push([path, node.mode.toString(8), owner, ...attributes, JSON.stringify(node.bytes.toString())].join(" "));
      for (const [name, child] of node.entries) if (name !== ".pwd.lock") visit(child, `${path}/${name}`);
    };
    visit(this.root, "");
    return lines.sort().join("\n");
  }

  /** How many descriptors are open. */
  openCount(): number {
    return this.open.size;
  }

  private descriptor(node: FakeNode, path: string): number {
    let fd = 3;
    while (this.open.has(fd)) fd++;
    this.open.set(fd, { node, path, isRead: false });
    return fd;
  }

  private stat(node: FakeNode): Stat {
    const { mode, uid, gid, links, inode, device, changed, bytes } = node;
    // Below 0: so much for a kernel that tells mounts in /proc alone.
    const mount = Math.max(node.mount, -1);
    return { mode, uid, gid, links, size: bytes.length, inodeHigh: 0, inodeLow: inode, device, changed, mount };
  }

  /** The time that a change has on this file system. */
  now(): number {
    return Math.floor(this.clock / this.clockStep) * this.clockStep;
  }

  private own(node: FakeNode, uid: number, gid: number): number {
    this.clock++;
    node.changed = this.now();
    node.uid = uid;
    node.gid = gid;
    if ((node.mode & S_IFMT) === REGULAR) {
      // What chown(2) takes away.
      if ((node.mode & 0o111) !== 0) node.mode &= ~0o6000;
      else node.mode &= ~0o4000;
      node.attributes.delete("security.capability");
    }
    return 0;
  }

  /** The calls on files that match/ and accounts/ make. */
  kernel(overrides: Partial<Kernel> = {}): Kernel {
    const failing = (call: string, path: string): number => {
      this.calls.push(`${call} ${path}`);
      return -this.fault(call, path, this.calls.length);
    };
    /** Does a call on a path, unless it is to fail. */
    const on = <T>(call: string, path: string, work: (node: FakeNode) => T | number): T | number => {
      const failed = failing(call, path);
      if (failed < 0) return failed;
      const node = this.at(path);
      return node === undefined ? -ENOENT : work(node);
    };
    const followed = (path: string): string => {
      const target = this.at(path)?.target ?? "";
      return target === "" ? path : followed(target);
    };
    const onOpen = <T>(call: string, fd: number, work: (node: FakeNode) => T | number): T | number => {
      const opened = this.open.get(fd);
      const failed = failing(call, opened?.path ?? `${fd}`);
      if (failed < 0) return failed;
      return opened === undefined ? -EBADF : work(opened.node);
    };
    const pathIn = (directory: number, name: string): string => {
      const path = this.open.get(directory)?.path ?? "?";
      return name === ".." ? path.slice(0, Math.max(0, path.lastIndexOf("/"))) : `${path}/${name}`;
    };
    const parts: Partial<Kernel> = {
      environment: () => undefined,
      getpid: () => 7,
      isatty: () => false,
      monotonic: () => 0,
      isReadOnly: (path) => on("isReadOnly", path, () => (this.isReadOnly ? 1 : 0)),
      takeSignal: (_signals, milliseconds) => {
        this.clock += milliseconds;
        return 0;
      },
      holdSignals: () => failing("holdSignals", ""),
      restoreSignals: () => failing("restoreSignals", ""),
      open: (path, flags, mode) => {
        const failed = failing("open", path);
        if (failed < 0) return failed;
        const real = followed(path);
        const present = this.at(real);
        if (present !== undefined) return (flags & O_EXCL) !== 0 ? -EEXIST : this.descriptor(present, real);
        if ((flags & O_CREAT) === 0) return -ENOENT;
        return this.descriptor(this.file(real, "", mode), real);
      },
      openPath: (path) => on("openPath", path, (node) => this.descriptor(node, path === "/" ? "" : path)),
      openPathAt: (directory, name) => {
        const path = pathIn(directory, name);
        return on("openPathAt", path, (node) => this.descriptor(node, path));
      },
      openPathOnMount: (directory, name) => {
        if (!this.hasOpenat2) return -ENOSYS;
        const path = pathIn(directory, name);
        const mount = this.open.get(directory)?.node.mount;
        return on("openPathOnMount", path, (node) => (node.mount === mount ? this.descriptor(node, path) : -EXDEV));
      },
      openDirectory: (fd) =>
        onOpen("openDirectory", fd, (node) =>
          (node.mode & S_IFMT) === DIRECTORY ? this.descriptor(node, this.open.get(fd)?.path ?? "") : -ENOTDIR,
        ),
      flock: (fd) => onOpen("flock", fd, () => 0),
      openParent: (fd) => {
        const path = this.open.get(fd)?.path ?? "";
        const above = path.slice(0, path.lastIndexOf("/"));
        return on("openParent", above, (node) => this.descriptor(node, above));
      },
      stat: (path) => on("stat", followed(path), (node) => this.stat(node)),
      fstat: (fd) => onOpen("fstat", fd, (node) => this.stat(node)),
      fstatKnown: (fd) => onOpen("fstatKnown", fd, (node) => this.stat(node)),
      statAt: (directory, name) => on("statAt", pathIn(directory, name), (node) => this.stat(node)),
      chownAt: (directory, name, uid, gid) =>
        on("chownAt", pathIn(directory, name), (node) => this.own(node, uid, gid)),
      chownPath: (fd, uid, gid) => onOpen("chownPath", fd, (node) => this.own(node, uid, gid)),
      fchown: (fd, uid, gid) => onOpen("fchown", fd, (node) => this.own(node, uid, gid)),
      chmod: (path, mode) =>
        on("chmod", path, (node) => {
          node.mode = (node.mode & S_IFMT) | mode;
          return 0;
        }),
      readdir: (fd) =>
        onOpen<DirectoryEntry[]>("readdir", fd, (node) => {
          const opened = this.open.get(fd);
          if (opened === undefined) return -EBADF;
          const entries = opened.isRead ? [] : [...node.entries];
          opened.isRead = true;
          return entries.map(([name, one]) => {
            const kind = one.mode & S_IFMT;
            return { name, type: kind === DIRECTORY ? "directory" : kind === REGULAR ? "regular" : "other" };
          });
        }),
      readlink: (fd, most) => onOpen("readlink", fd, (node) => node.target.slice(0, most)),
      getxattr: (path, name) => on<Uint8Array>("getxattr", path, (node) => node.attributes.get(name) ?? -ENODATA),
      getxattrLength: (path, name) =>
        on("getxattrLength", path, (node) => node.attributes.get(name)?.length ?? -ENODATA),
      setxattr: (path, name, value) =>
        on("setxattr", path, (node) => {
          node.attributes.set(name, Buffer.from(value));
          return 0;
        }),
      listxattr: (path) => on<string[]>("listxattr", path, (node) => [...node.attributes.keys()]),
      readFile: (path, most) => on<Buffer>("readFile", path, (node) => (node.bytes.length > most ? -27 : node.bytes)),
      readToEnd: (fd) => onOpen<Buffer>("readToEnd", fd, (node) => Buffer.from(node.bytes)),
      write: (fd, bytes) => {
        if (fd === 2) {
          this.said += textOf(Buffer.from(bytes), 0, bytes.length);
          return 0;
        }
        return onOpen("write", fd, (node) => {
          if (node.bytes.length + bytes.length > this.fileSizeLimit) return -EFBIG;
          node.bytes = Buffer.concat([node.bytes, bytes]);
          return 0;
        });
      },
      pwrite: (fd, bytes, offset) =>
        onOpen("pwrite", fd, (node) => {
          if (offset >= this.fileSizeLimit) return -EFBIG;
          const piece = bytes.subarray(0, Math.min(this.mostPwritten, this.fileSizeLimit - offset));
          const end = node.bytes.subarray(Math.min(offset + piece.length, node.bytes.length));
          node.bytes = Buffer.concat([node.bytes.subarray(0, offset), piece, end]);
          return piece.length;
        }),
      ftruncate: (fd, length) =>
        onOpen("ftruncate", fd, (node) => {
          node.bytes = node.bytes.subarray(0, length);
          return 0;
        }),
      fsync: (fd) => onOpen("fsync", fd, () => 0),
      lock: (fd) => onOpen("lock", fd, () => 0),
      rename: (from, to) =>
        on("rename", from, (node) => {
          const old = this.split(from);
          old.parent.entries.delete(old.name);
          this.add(to, node);
          return 0;
        }),
      unlink: (path) =>
        on("unlink", path, () => {
          const { parent, name } = this.split(path);
          parent.entries.delete(name);
          return 0;
        }),
      close: (fd) => {
        const result = onOpen("close", fd, () => 0);
        // As Linux has it, the descriptor is gone even where close(2) tells of an error.
        this.open.delete(fd);
        return result;
      },
      exit: (code): never => {
        throw new Exited(code);
      },
    };
    return new Proxy({ ...parts, ...overrides } as Kernel, {
      get(target, name): unknown {
        const found: unknown = Reflect.get(target, name);
        if (found === undefined) throw new Unforeseen(`the fake files have no ${String(name)}`);
        return found;
      },
    });
  }
}

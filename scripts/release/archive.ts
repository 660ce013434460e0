// Archives that are the same bytes wherever and whenever they are made: entries in order, owned by root, all of one time.

import { gzipSync } from "node:zlib";
import { Header } from "tar";

/** A file in an archive or a package. */
export interface Entry {
  /** Without a slash at its start. */
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  readonly content: Buffer;
}

/** The unit of a tar archive, in bytes, and the number of empty ones at its end (pax(1), ustar). */
const BLOCK = 512;
const END = 2;

/** A tar archive of the files, and of the directories that they are in. Throws an Error if a path is too long for ustar. */
export function tar(entries: readonly Entry[], time: Date): Buffer {
  const files = new Map(entries.map((entry) => [entry.path, entry]));
  const paths = new Set([...files.keys()].flatMap((path) => [...parentsOf(path), path]));
  // By code units, not as some language would sort them.
  const blocks = [...paths].sort().flatMap((path) => {
    const file = files.get(path);
    if (file === undefined) return [header(`${path}/`, 0o755, 0, "Directory", time)];
    const { mode, content } = file;
    return [header(path, mode, content.length, "File", time), content, Buffer.alloc(-content.length & (BLOCK - 1))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(END * BLOCK)]);
}

/** A compressed tar archive. */
export function tarGz(entries: readonly Entry[], time: Date): Buffer {
  return gzip(tar(entries, time));
}

/** The bytes compressed, without a name and a time in the header. */
export function gzip(bytes: Buffer): Buffer {
  return gzipSync(bytes, { level: 9 });
}

function header(path: string, mode: number, size: number, type: "File" | "Directory", mtime: Date): Buffer {
  const block = Buffer.alloc(BLOCK);
  const fields = { path, mode, size, type, mtime, uid: 0, gid: 0, uname: "root", gname: "root" };
  if (new Header(fields).encode(block)) throw new Error(`${path}: the path is too long for a tar archive`);
  return block;
}

/** The directories above a path, from the top. */
function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

// A kernel for unit tests: nothing happens, and what was called is written down.

import type { Ended, Kernel } from "../../src/kernel/kernel.ts";
import type { Ids, Stat } from "../../src/kernel/layout.ts";

const ROOT: Ids = { real: 0, effective: 0, saved: 0 };

/** A file that the fake kernel has, by path. */
export interface FakeFile {
  readonly mode: number;
  readonly bytes?: Uint8Array;
  readonly access?: number;
}

/** What statx tells of a file, where the test says nothing else. */
export const SOME_STAT: Stat = {
  mode: 0o100644,
  uid: 0,
  gid: 0,
  links: 1,
  size: 0,
  inodeHigh: 0,
  inodeLow: 1,
  device: 1,
  changed: 0,
  mount: 1,
};

/** Thrown by `exit`, with the code. */
export class Exited extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exited with ${code}`);
    this.code = code;
  }
}

/** A kernel whose process is root, PID 7, with these files; `overrides` replaces single calls. */
export function fakeKernel(files: Readonly<Record<string, FakeFile>>, overrides: Partial<Kernel> = {}): Kernel {
  const open = new Map<number, FakeFile>();
  const statOf = (file: FakeFile | undefined): Stat | number =>
    file === undefined ? -2 : { ...SOME_STAT, mode: file.mode, size: file.bytes?.length ?? 0 };
  const kernel: Partial<Kernel> = {
    argumentCount: () => 0,
    argument: () => "",
    executedPath: () => "/tsgosu",
    environment: () => undefined,
    setArgument: () => {},
    isSubreaper: () => false,
    getpid: () => 7,
    getresuid: () => ROOT,
    getresgid: () => ROOT,
    getgroups: () => [],
    setresuid: () => 0,
    setresgid: () => 0,
    setgroups: () => 0,
    open(path) {
      const file = files[path];
      if (file === undefined) return -2;
      const fd = 3 + open.size;
      open.set(fd, file);
      return fd;
    },
    close: () => 0,
    readToEnd: (fd) => Buffer.from(open.get(fd)?.bytes ?? []),
    readFile: (path) => (files[path] === undefined ? -2 : Buffer.from(files[path].bytes ?? [])),
    write: () => 0,
    fstat: (fd) => statOf(open.get(fd)),
    stat: (path) => statOf(files[path]),
    fchown: () => 0,
    mayExecute: (path) => (files[path] === undefined ? -2 : (files[path].access ?? 0)),
    getxattrLength: () => -61,
    chdir: () => 0,
    releaseResources: () => 0,
    isatty: () => false,
    getpgrp: () => 7,
    tcgetpgrp: () => -25,
    tcsetpgrp: () => -25,
    holdSignals: () => 0,
    onSignals: () => 0,
    kill: () => 0,
    reap: (): Ended => ({ pid: 0, status: 0 }),
    setenv: () => 0,
    execve: () => -2,
    spawn: () => -2,
    exit(code): never {
      throw new Exited(code);
    },
  };
  return new Proxy({ ...kernel, ...overrides } as Kernel, {
    get(target, name): unknown {
      const found: unknown = Reflect.get(target, name);
      if (found === undefined) throw new Error(`the fake kernel has no ${String(name)}`);
      return found;
    },
  });
}

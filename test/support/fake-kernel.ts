// A kernel for unit tests: nothing happens, and what was called is written down.

import type { Ended, Ids, Kernel, Stat } from "../../src/kernel/kernel.ts";

const ROOT: Ids = { real: 0, effective: 0, saved: 0 };

/** A file that the fake kernel has, by path. */
export interface FakeFile {
  readonly mode: number;
  readonly bytes?: Uint8Array;
  readonly access?: number;
}

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
  const open = new Map<number, { file: FakeFile; at: number }>();
  const statOf = (file: FakeFile | undefined): Stat | number =>
    file === undefined ? -2 : { mode: file.mode, uid: 0, size: file.bytes?.length ?? 0 };
  const kernel: Partial<Kernel> = {
    argumentCount: () => 0,
    argument: () => "",
    executedPath: () => "/tsgosu",
    environment: () => undefined,
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
      open.set(fd, { file, at: 0 });
      return fd;
    },
    close: () => 0,
    read(fd, into) {
      const opened = open.get(fd);
      if (opened === undefined) return -9;
      const rest = (opened.file.bytes ?? new Uint8Array(0)).subarray(opened.at, opened.at + into.length);
      into.set(rest);
      opened.at += rest.length;
      return rest.length;
    },
    write: () => 0,
    fstat: (fd) => statOf(open.get(fd)?.file),
    stat: (path) => statOf(files[path]),
    fchown: () => 0,
    mayExecute: (path) => (files[path] === undefined ? -2 : (files[path].access ?? 0)),
    getxattrLength: () => -61,
    chdir: () => 0,
    releaseResources: () => undefined,
    isatty: () => false,
    getpgrp: () => 7,
    tcgetpgrp: () => -25,
    tcsetpgrp: () => -25,
    holdSignals: () => 0,
    onSignals: () => undefined,
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

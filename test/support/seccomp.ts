// Containers in which system calls fail: a seccomp profile that refuses them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";

/** A system call that is answered with an errno, 0 as if it were done; with `option`, only that first word of it. */
export interface RefusedCall {
  readonly name: string;
  readonly errno: number;
  readonly option?: number;
}

/** The flag of a container in which these calls are refused, and all others allowed. */
export function refusing(t: Test, ...calls: readonly RefusedCall[]): string {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-seccomp-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const syscalls = calls.map(({ name, errno, option }) => ({
    names: [name],
    action: "SCMP_ACT_ERRNO",
    errnoRet: errno,
    args: option === undefined ? [] : [{ index: 0, value: option, op: "SCMP_CMP_EQ" }],
  }));
  const file = join(directory, "profile.json");
  writeFileSync(file, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
  return `--security-opt=seccomp=${file}`;
}

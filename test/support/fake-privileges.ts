// A kernel that knows UIDs and capabilities only (a GID is what the UID is), by the rules of capabilities(7), for tests without a system.

import { EINVAL, ENOENT, EPERM } from "../../src/kernel/errno.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";

const SETUID = 7;
const SETPCAP = 8;

/** What the fake process is; tests set it up and look at it afterwards. Sets are BigInt masks. */
export interface FakeProcess {
  uid: number;
  permitted: bigint;
  effective: bigint;
  inheritable: bigint;
  bounding: bigint;
  ambient: bigint;
  noNewPrivs: boolean;
  keepCaps: boolean;
  /** SECBIT_NO_SETUID_FIXUP: a change of the UID changes no capability. */
  readonly noFixup: boolean;
  /** The kernel's last capability. */
  readonly last: number;
  readonly hasAmbient: boolean;
  /** prctl(2) options that a seccomp profile answers with EPERM, and those it answers with 0 without doing them. */
  readonly refused: readonly number[];
  readonly ignored: readonly number[];
}

export function fakeProcess(changes: Partial<FakeProcess> = {}): FakeProcess {
  return {
    uid: 0,
    permitted: 0xa80425fbn,
    effective: 0xa80425fbn,
    inheritable: 0n,
    bounding: 0xa80425fbn,
    ambient: 0n,
    noNewPrivs: false,
    keepCaps: false,
    noFixup: false,
    last: 40,
    hasAmbient: true,
    refused: [],
    ignored: [],
    ...changes,
  };
}

const bit = (capability: number): bigint => 1n << BigInt(capability);
const has = (set: bigint, capability: number): boolean => (set & bit(capability)) !== 0n;
const within = (some: bigint, others: bigint): boolean => (some & ~others) === 0n;

export function fakeKernel(process: FakeProcess): Kernel {
  const kernel: Partial<Kernel> = {
    capget: () => ({
      permitted: Number(process.permitted),
      effective: Number(process.effective),
      inheritable: Number(process.inheritable),
    }),
    capset(sets) {
      const [permitted, effective, inheritable] = [
        BigInt(sets.permitted),
        BigInt(sets.effective),
        BigInt(sets.inheritable),
      ];
      const capped = !has(process.effective, SETPCAP);
      if (capped && !within(inheritable, process.inheritable | process.permitted)) return -EPERM;
      if (!within(inheritable, process.inheritable | process.bounding)) return -EPERM;
      if (!within(permitted, process.permitted) || !within(effective, permitted)) return -EPERM;
      Object.assign(process, { permitted, effective, inheritable });
      process.ambient &= permitted & inheritable;
      return 0;
    },
    prctl(option, second, third) {
      if (process.refused.includes(option)) return -EPERM;
      if (process.ignored.includes(option)) return 0;
      switch (option) {
        case 8:
          process.keepCaps = second === 1;
          return 0;
        case 23:
          return second > process.last ? -EINVAL : Number(has(process.bounding, second));
        case 24:
          if (!has(process.effective, SETPCAP)) return -EPERM;
          if (second > process.last) return -EINVAL;
          process.bounding &= ~bit(second);
          return 0;
        case 38:
          process.noNewPrivs = true;
          return 0;
        case 39:
          return Number(process.noNewPrivs);
        case 47:
          return ambient(process, second, third);
        default:
          return -EINVAL;
      }
    },
    getresuid: () => ({ real: process.uid, effective: process.uid, saved: process.uid }),
    getresgid: () => ({ real: process.uid, effective: process.uid, saved: process.uid }),
    getgroups: () => [process.uid],
    setgroups: () => (has(process.effective, SETUID) ? 0 : -EPERM),
    setresgid: () => (has(process.effective, SETUID) ? 0 : -EPERM),
    setresuid: (uid) => (switchUid(process, uid) ? 0 : -EPERM),
    readFile: () => -ENOENT,
  };
  return kernel as Kernel;
}

function ambient(process: FakeProcess, operation: number, capability: number): number {
  if (!process.hasAmbient || capability > process.last) return -EINVAL;
  if (operation === 1) return Number(has(process.ambient, capability));
  if (operation === 4) process.ambient = 0n;
  if (operation === 2) {
    if (!has(process.permitted & process.inheritable, capability)) return -EPERM;
    process.ambient |= bit(capability);
  }
  return 0;
}

/** setresuid(2) of all three IDs (capabilities(7), "Effect of user ID changes on capabilities"); false where refused. */
function switchUid(process: FakeProcess, uid: number): boolean {
  if (uid === process.uid) return true;
  if (!has(process.effective, SETUID)) return false;
  if (process.uid === 0 && !process.noFixup) {
    if (!process.keepCaps) process.permitted = 0n;
    process.effective = 0n;
    process.ambient = 0n;
  }
  process.uid = uid;
  return true;
}

/** What a setuid-root program, the worst that a command may run, would have after execve(2). */
export function fakeGain(process: FakeProcess): bigint {
  const gained = process.bounding | process.inheritable;
  return process.noNewPrivs ? gained & process.permitted : gained;
}

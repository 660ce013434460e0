// Written by scripts/calls.ts from src/kernel/calls.ts. Change that file, and run `npm run calls`.

import { Calls } from "../calls.ts";
import { nodeArchitecture } from "./machine.ts";

/** A word of a system call: a number, or a buffer, which stands for its address. */
export type Word = number | Uint8Array;

/** The numbers of the architectures that Node's executable is made for. */
const NUMBERS_OF = {
  x64: {
    openat: 257,
    openat2: 437,
    close: 3,
    close_range: 436,
    read: 0,
    lseek: 8,
    write: 1,
    pwrite64: 18,
    fsync: 74,
    ftruncate: 77,
    flock: 73,
    fcntl: 72,
    ioctl: 16,
    statx: 332,
    statfs: 137,
    faccessat: 269,
    faccessat2: 439,
    fchown: 93,
    fchownat: 260,
    fchmodat: 268,
    getdents64: 217,
    readlinkat: 267,
    renameat2: 316,
    unlinkat: 263,
    getxattr: 191,
    setxattr: 188,
    listxattr: 194,
    chdir: 80,
    umask: 95,
    getresuid: 118,
    getresgid: 120,
    getgroups: 115,
    setresuid: 117,
    setresgid: 119,
    setgroups: 116,
    capget: 125,
    capset: 126,
    prctl: 157,
    prctl_into: 157,
    getpid: 39,
    getppid: 110,
    getpgid: 121,
    setpgid: 109,
    getsid: 124,
    setsid: 112,
    kill: 62,
    wait4: 61,
    rt_sigaction: 13,
    rt_sigprocmask: 14,
    rt_sigtimedwait: 128,
    clock_gettime: 228,
    execve: 59,
    exit_group: 231,
    madvise: 28,
    ppoll: 271,
    pipe2: 293,
    tee: 276,
  },
  arm64: {
    openat: 56,
    openat2: 437,
    close: 57,
    close_range: 436,
    read: 63,
    lseek: 62,
    write: 64,
    pwrite64: 68,
    fsync: 82,
    ftruncate: 46,
    flock: 32,
    fcntl: 25,
    ioctl: 29,
    statx: 291,
    statfs: 43,
    faccessat: 48,
    faccessat2: 439,
    fchown: 55,
    fchownat: 54,
    fchmodat: 53,
    getdents64: 61,
    readlinkat: 78,
    renameat2: 276,
    unlinkat: 35,
    getxattr: 8,
    setxattr: 5,
    listxattr: 11,
    chdir: 49,
    umask: 166,
    getresuid: 148,
    getresgid: 150,
    getgroups: 158,
    setresuid: 147,
    setresgid: 149,
    setgroups: 159,
    capget: 90,
    capset: 91,
    prctl: 167,
    prctl_into: 167,
    getpid: 172,
    getppid: 173,
    getpgid: 155,
    setpgid: 154,
    getsid: 156,
    setsid: 157,
    kill: 129,
    wait4: 260,
    rt_sigaction: 134,
    rt_sigprocmask: 135,
    rt_sigtimedwait: 137,
    clock_gettime: 113,
    execve: 221,
    exit_group: 94,
    madvise: 233,
    ppoll: 73,
    pipe2: 59,
    tee: 77,
  },
};

const NUMBERS = NUMBERS_OF[nodeArchitecture()];

/** The system calls, through one function. */
export abstract class NodeCalls extends Calls {
  /** Makes system call `number` on this thread: a value of 0 or more, or −errno. */
  protected abstract syscall(number: number, ...words: Word[]): number;

  override openat(directory: number, path: Uint8Array, flags: number, mode: number): number {
    return this.syscall(NUMBERS.openat, directory, path, flags, mode);
  }

  override openat2(directory: number, path: Uint8Array, how: Uint8Array, length: number): number {
    return this.syscall(NUMBERS.openat2, directory, path, how, length);
  }

  override close(fd: number): number {
    return this.syscall(NUMBERS.close, fd);
  }

  override close_range(first: number, last: number, flags: number): number {
    return this.syscall(NUMBERS.close_range, first, last, flags);
  }

  override read(fd: number, into: Uint8Array, length: number): number {
    return this.syscall(NUMBERS.read, fd, into, length);
  }

  override lseek(fd: number, offset: number, whence: number): number {
    return this.syscall(NUMBERS.lseek, fd, offset, whence);
  }

  override write(fd: number, from: Uint8Array, length: number): number {
    return this.syscall(NUMBERS.write, fd, from, length);
  }

  override pwrite64(fd: number, from: Uint8Array, length: number, offset: number): number {
    return this.syscall(NUMBERS.pwrite64, fd, from, length, offset);
  }

  override fsync(fd: number): number {
    return this.syscall(NUMBERS.fsync, fd);
  }

  override ftruncate(fd: number, length: number): number {
    return this.syscall(NUMBERS.ftruncate, fd, length);
  }

  override flock(fd: number, operation: number): number {
    return this.syscall(NUMBERS.flock, fd, operation);
  }

  override fcntl(fd: number, command: number, argument: Uint8Array): number {
    return this.syscall(NUMBERS.fcntl, fd, command, argument);
  }

  override ioctl(fd: number, request: number, argument: Uint8Array): number {
    return this.syscall(NUMBERS.ioctl, fd, request, argument);
  }

  override statx(directory: number, path: Uint8Array, flags: number, mask: number, into: Uint8Array): number {
    return this.syscall(NUMBERS.statx, directory, path, flags, mask, into);
  }

  override statfs(path: Uint8Array, into: Uint8Array): number {
    return this.syscall(NUMBERS.statfs, path, into);
  }

  override faccessat(directory: number, path: Uint8Array, mode: number): number {
    return this.syscall(NUMBERS.faccessat, directory, path, mode);
  }

  override faccessat2(directory: number, path: Uint8Array, mode: number, flags: number): number {
    return this.syscall(NUMBERS.faccessat2, directory, path, mode, flags);
  }

  override fchown(fd: number, uid: number, gid: number): number {
    return this.syscall(NUMBERS.fchown, fd, uid, gid);
  }

  override fchownat(directory: number, path: Uint8Array, uid: number, gid: number, flags: number): number {
    return this.syscall(NUMBERS.fchownat, directory, path, uid, gid, flags);
  }

  override fchmodat(directory: number, path: Uint8Array, mode: number): number {
    return this.syscall(NUMBERS.fchmodat, directory, path, mode);
  }

  override getdents64(fd: number, into: Uint8Array, length: number): number {
    return this.syscall(NUMBERS.getdents64, fd, into, length);
  }

  override readlinkat(directory: number, path: Uint8Array, into: Uint8Array, length: number): number {
    return this.syscall(NUMBERS.readlinkat, directory, path, into, length);
  }

  override renameat2(fromDir: number, from: Uint8Array, toDir: number, to: Uint8Array, flags: number): number {
    return this.syscall(NUMBERS.renameat2, fromDir, from, toDir, to, flags);
  }

  override unlinkat(directory: number, path: Uint8Array, flags: number): number {
    return this.syscall(NUMBERS.unlinkat, directory, path, flags);
  }

  override getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array, length: number): number {
    return this.syscall(NUMBERS.getxattr, path, name, into, length);
  }

  override setxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array, length: number, flags: number): number {
    return this.syscall(NUMBERS.setxattr, path, name, value, length, flags);
  }

  override listxattr(path: Uint8Array, into: Uint8Array, length: number): number {
    return this.syscall(NUMBERS.listxattr, path, into, length);
  }

  override chdir(path: Uint8Array): number {
    return this.syscall(NUMBERS.chdir, path);
  }

  override umask(mask: number): number {
    return this.syscall(NUMBERS.umask, mask);
  }

  override getresuid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    return this.syscall(NUMBERS.getresuid, real, effective, saved);
  }

  override getresgid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    return this.syscall(NUMBERS.getresgid, real, effective, saved);
  }

  override getgroups(most: number, into: Uint8Array): number {
    return this.syscall(NUMBERS.getgroups, most, into);
  }

  override setresuid(real: number, effective: number, saved: number): number {
    return this.syscall(NUMBERS.setresuid, real, effective, saved);
  }

  override setresgid(real: number, effective: number, saved: number): number {
    return this.syscall(NUMBERS.setresgid, real, effective, saved);
  }

  override setgroups(count: number, gids: Uint8Array): number {
    return this.syscall(NUMBERS.setgroups, count, gids);
  }

  override capget(header: Uint8Array, data: Uint8Array): number {
    return this.syscall(NUMBERS.capget, header, data);
  }

  override capset(header: Uint8Array, data: Uint8Array): number {
    return this.syscall(NUMBERS.capset, header, data);
  }

  override prctl(option: number, second: number, third: number, fourth: number, fifth: number): number {
    return this.syscall(NUMBERS.prctl, option, second, third, fourth, fifth);
  }

  override prctl_into(option: number, into: Uint8Array): number {
    return this.syscall(NUMBERS.prctl_into, option, into);
  }

  override getpid(): number {
    return this.syscall(NUMBERS.getpid);
  }

  override getppid(): number {
    return this.syscall(NUMBERS.getppid);
  }

  override getpgid(pid: number): number {
    return this.syscall(NUMBERS.getpgid, pid);
  }

  override setpgid(pid: number, group: number): number {
    return this.syscall(NUMBERS.setpgid, pid, group);
  }

  override getsid(pid: number): number {
    return this.syscall(NUMBERS.getsid, pid);
  }

  override setsid(): number {
    return this.syscall(NUMBERS.setsid);
  }

  override kill(pid: number, signal: number): number {
    return this.syscall(NUMBERS.kill, pid, signal);
  }

  override wait4(pid: number, status: Uint8Array, options: number, usage: Uint8Array): number {
    return this.syscall(NUMBERS.wait4, pid, status, options, usage);
  }

  override rt_sigaction(signal: number, action: Uint8Array, old: Uint8Array, setLength: number): number {
    return this.syscall(NUMBERS.rt_sigaction, signal, action, old, setLength);
  }

  override rt_sigprocmask(how: number, set: Uint8Array, old: Uint8Array, setLength: number): number {
    return this.syscall(NUMBERS.rt_sigprocmask, how, set, old, setLength);
  }

  override rt_sigtimedwait(set: Uint8Array, info: Uint8Array, timeout: Uint8Array, setLength: number): number {
    return this.syscall(NUMBERS.rt_sigtimedwait, set, info, timeout, setLength);
  }

  override clock_gettime(clock: number, into: Uint8Array): number {
    return this.syscall(NUMBERS.clock_gettime, clock, into);
  }

  override execve(path: Uint8Array, words: number, environment: number): number {
    return this.syscall(NUMBERS.execve, path, words, environment);
  }

  override exit_group(code: number): number {
    return this.syscall(NUMBERS.exit_group, code);
  }

  override madvise(address: number, length: number, advice: number): number {
    return this.syscall(NUMBERS.madvise, address, length, advice);
  }

  override ppoll(fds: Uint8Array, count: number, limit: Uint8Array, mask: Uint8Array, setLength: number): number {
    return this.syscall(NUMBERS.ppoll, fds, count, limit, mask, setLength);
  }

  override pipe2(fds: Uint8Array, flags: number): number {
    return this.syscall(NUMBERS.pipe2, fds, flags);
  }

  override tee(from: number, to: number, length: number, flags: number): number {
    return this.syscall(NUMBERS.tee, from, to, length, flags);
  }
}

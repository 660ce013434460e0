// Written by scripts/calls.ts from src/kernel/calls.ts. Change that file, and run `npm run calls`.

import { Calls } from "../calls.ts";

declare function kernel_openat(directory: number, path: Uint8Array, flags: number, mode: number): number;
declare function kernel_openat2(directory: number, path: Uint8Array, how: Uint8Array, length: number): number;
declare function kernel_close(fd: number): number;
declare function kernel_close_range(first: number, last: number, flags: number): number;
declare function kernel_read(fd: number, into: Uint8Array, length: number): number;
declare function kernel_lseek(fd: number, offset: number, whence: number): number;
declare function kernel_write(fd: number, from: Uint8Array, length: number): number;
declare function kernel_pwrite64(fd: number, from: Uint8Array, length: number, offset: number): number;
declare function kernel_fsync(fd: number): number;
declare function kernel_ftruncate(fd: number, length: number): number;
declare function kernel_flock(fd: number, operation: number): number;
declare function kernel_fcntl(fd: number, command: number, argument: Uint8Array): number;
declare function kernel_ioctl(fd: number, request: number, argument: Uint8Array): number;
declare function kernel_statx(
  directory: number,
  path: Uint8Array,
  flags: number,
  mask: number,
  into: Uint8Array,
): number;
declare function kernel_statfs(path: Uint8Array, into: Uint8Array): number;
declare function kernel_faccessat(directory: number, path: Uint8Array, mode: number): number;
declare function kernel_faccessat2(directory: number, path: Uint8Array, mode: number, flags: number): number;
declare function kernel_fchown(fd: number, uid: number, gid: number): number;
declare function kernel_fchownat(directory: number, path: Uint8Array, uid: number, gid: number, flags: number): number;
declare function kernel_fchmodat(directory: number, path: Uint8Array, mode: number): number;
declare function kernel_getdents64(fd: number, into: Uint8Array, length: number): number;
declare function kernel_readlinkat(directory: number, path: Uint8Array, into: Uint8Array, length: number): number;
declare function kernel_renameat2(
  fromDir: number,
  from: Uint8Array,
  toDir: number,
  to: Uint8Array,
  flags: number,
): number;
declare function kernel_unlinkat(directory: number, path: Uint8Array, flags: number): number;
declare function kernel_getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array, length: number): number;
declare function kernel_setxattr(
  path: Uint8Array,
  name: Uint8Array,
  value: Uint8Array,
  length: number,
  flags: number,
): number;
declare function kernel_listxattr(path: Uint8Array, into: Uint8Array, length: number): number;
declare function kernel_chdir(path: Uint8Array): number;
declare function kernel_umask(mask: number): number;
declare function kernel_getresuid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number;
declare function kernel_getresgid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number;
declare function kernel_getgroups(most: number, into: Uint8Array): number;
declare function kernel_setresuid(real: number, effective: number, saved: number): number;
declare function kernel_setresgid(real: number, effective: number, saved: number): number;
declare function kernel_setgroups(count: number, gids: Uint8Array): number;
declare function kernel_capget(header: Uint8Array, data: Uint8Array): number;
declare function kernel_capset(header: Uint8Array, data: Uint8Array): number;
declare function kernel_prctl(option: number, second: number, third: number, fourth: number, fifth: number): number;
declare function kernel_prctl_into(option: number, into: Uint8Array): number;
declare function kernel_getpid(): number;
declare function kernel_getppid(): number;
declare function kernel_getpgid(pid: number): number;
declare function kernel_setpgid(pid: number, group: number): number;
declare function kernel_getsid(pid: number): number;
declare function kernel_setsid(): number;
declare function kernel_kill(pid: number, signal: number): number;
declare function kernel_wait4(pid: number, status: Uint8Array, options: number, usage: Uint8Array): number;
declare function kernel_rt_sigaction(signal: number, action: Uint8Array, old: Uint8Array, setLength: number): number;
declare function kernel_rt_sigprocmask(how: number, set: Uint8Array, old: Uint8Array, setLength: number): number;
declare function kernel_rt_sigtimedwait(
  set: Uint8Array,
  info: Uint8Array,
  timeout: Uint8Array,
  setLength: number,
): number;
declare function kernel_clock_gettime(clock: number, into: Uint8Array): number;
declare function kernel_execve(path: Uint8Array, words: number, environment: number): number;
declare function kernel_exit_group(code: number): number;
declare function kernel_madvise(address: number, length: number, advice: number): number;
declare function kernel_ppoll(
  fds: Uint8Array,
  count: number,
  limit: Uint8Array,
  mask: Uint8Array,
  setLength: number,
): number;
declare function kernel_pipe2(fds: Uint8Array, flags: number): number;
declare function kernel_tee(from: number, to: number, length: number, flags: number): number;

/** The system calls, each by the function of calls.c that is bound to it. */
export class StaticCalls extends Calls {
  override openat(directory: number, path: Uint8Array, flags: number, mode: number): number {
    return kernel_openat(directory, path, flags, mode);
  }

  override openat2(directory: number, path: Uint8Array, how: Uint8Array, length: number): number {
    return kernel_openat2(directory, path, how, length);
  }

  override close(fd: number): number {
    return kernel_close(fd);
  }

  override close_range(first: number, last: number, flags: number): number {
    return kernel_close_range(first, last, flags);
  }

  override read(fd: number, into: Uint8Array, length: number): number {
    return kernel_read(fd, into, length);
  }

  override lseek(fd: number, offset: number, whence: number): number {
    return kernel_lseek(fd, offset, whence);
  }

  override write(fd: number, from: Uint8Array, length: number): number {
    return kernel_write(fd, from, length);
  }

  override pwrite64(fd: number, from: Uint8Array, length: number, offset: number): number {
    return kernel_pwrite64(fd, from, length, offset);
  }

  override fsync(fd: number): number {
    return kernel_fsync(fd);
  }

  override ftruncate(fd: number, length: number): number {
    return kernel_ftruncate(fd, length);
  }

  override flock(fd: number, operation: number): number {
    return kernel_flock(fd, operation);
  }

  override fcntl(fd: number, command: number, argument: Uint8Array): number {
    return kernel_fcntl(fd, command, argument);
  }

  override ioctl(fd: number, request: number, argument: Uint8Array): number {
    return kernel_ioctl(fd, request, argument);
  }

  override statx(directory: number, path: Uint8Array, flags: number, mask: number, into: Uint8Array): number {
    return kernel_statx(directory, path, flags, mask, into);
  }

  override statfs(path: Uint8Array, into: Uint8Array): number {
    return kernel_statfs(path, into);
  }

  override faccessat(directory: number, path: Uint8Array, mode: number): number {
    return kernel_faccessat(directory, path, mode);
  }

  override faccessat2(directory: number, path: Uint8Array, mode: number, flags: number): number {
    return kernel_faccessat2(directory, path, mode, flags);
  }

  override fchown(fd: number, uid: number, gid: number): number {
    return kernel_fchown(fd, uid, gid);
  }

  override fchownat(directory: number, path: Uint8Array, uid: number, gid: number, flags: number): number {
    return kernel_fchownat(directory, path, uid, gid, flags);
  }

  override fchmodat(directory: number, path: Uint8Array, mode: number): number {
    return kernel_fchmodat(directory, path, mode);
  }

  override getdents64(fd: number, into: Uint8Array, length: number): number {
    return kernel_getdents64(fd, into, length);
  }

  override readlinkat(directory: number, path: Uint8Array, into: Uint8Array, length: number): number {
    return kernel_readlinkat(directory, path, into, length);
  }

  override renameat2(fromDir: number, from: Uint8Array, toDir: number, to: Uint8Array, flags: number): number {
    return kernel_renameat2(fromDir, from, toDir, to, flags);
  }

  override unlinkat(directory: number, path: Uint8Array, flags: number): number {
    return kernel_unlinkat(directory, path, flags);
  }

  override getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array, length: number): number {
    return kernel_getxattr(path, name, into, length);
  }

  override setxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array, length: number, flags: number): number {
    return kernel_setxattr(path, name, value, length, flags);
  }

  override listxattr(path: Uint8Array, into: Uint8Array, length: number): number {
    return kernel_listxattr(path, into, length);
  }

  override chdir(path: Uint8Array): number {
    return kernel_chdir(path);
  }

  override umask(mask: number): number {
    return kernel_umask(mask);
  }

  override getresuid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    return kernel_getresuid(real, effective, saved);
  }

  override getresgid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    return kernel_getresgid(real, effective, saved);
  }

  override getgroups(most: number, into: Uint8Array): number {
    return kernel_getgroups(most, into);
  }

  override setresuid(real: number, effective: number, saved: number): number {
    return kernel_setresuid(real, effective, saved);
  }

  override setresgid(real: number, effective: number, saved: number): number {
    return kernel_setresgid(real, effective, saved);
  }

  override setgroups(count: number, gids: Uint8Array): number {
    return kernel_setgroups(count, gids);
  }

  override capget(header: Uint8Array, data: Uint8Array): number {
    return kernel_capget(header, data);
  }

  override capset(header: Uint8Array, data: Uint8Array): number {
    return kernel_capset(header, data);
  }

  override prctl(option: number, second: number, third: number, fourth: number, fifth: number): number {
    return kernel_prctl(option, second, third, fourth, fifth);
  }

  override prctl_into(option: number, into: Uint8Array): number {
    return kernel_prctl_into(option, into);
  }

  override getpid(): number {
    return kernel_getpid();
  }

  override getppid(): number {
    return kernel_getppid();
  }

  override getpgid(pid: number): number {
    return kernel_getpgid(pid);
  }

  override setpgid(pid: number, group: number): number {
    return kernel_setpgid(pid, group);
  }

  override getsid(pid: number): number {
    return kernel_getsid(pid);
  }

  override setsid(): number {
    return kernel_setsid();
  }

  override kill(pid: number, signal: number): number {
    return kernel_kill(pid, signal);
  }

  override wait4(pid: number, status: Uint8Array, options: number, usage: Uint8Array): number {
    return kernel_wait4(pid, status, options, usage);
  }

  override rt_sigaction(signal: number, action: Uint8Array, old: Uint8Array, setLength: number): number {
    return kernel_rt_sigaction(signal, action, old, setLength);
  }

  override rt_sigprocmask(how: number, set: Uint8Array, old: Uint8Array, setLength: number): number {
    return kernel_rt_sigprocmask(how, set, old, setLength);
  }

  override rt_sigtimedwait(set: Uint8Array, info: Uint8Array, timeout: Uint8Array, setLength: number): number {
    return kernel_rt_sigtimedwait(set, info, timeout, setLength);
  }

  override clock_gettime(clock: number, into: Uint8Array): number {
    return kernel_clock_gettime(clock, into);
  }

  override execve(path: Uint8Array, words: number, environment: number): number {
    return kernel_execve(path, words, environment);
  }

  override exit_group(code: number): number {
    return kernel_exit_group(code);
  }

  override madvise(address: number, length: number, advice: number): number {
    return kernel_madvise(address, length, advice);
  }

  override ppoll(fds: Uint8Array, count: number, limit: Uint8Array, mask: Uint8Array, setLength: number): number {
    return kernel_ppoll(fds, count, limit, mask, setLength);
  }

  override pipe2(fds: Uint8Array, flags: number): number {
    return kernel_pipe2(fds, flags);
  }

  override tee(from: number, to: number, length: number, flags: number): number {
    return kernel_tee(from, to, length, flags);
  }
}

// Written by scripts/calls.ts from src/kernel/calls.ts. Change that file, and run `npm run calls`.

import { Calls } from "../../src/kernel/calls.ts";

/** The system calls, all answered by one function. */
export abstract class DecidedCalls extends Calls {
  /** Answers a call: its name, its numbers, and how long its buffers are. */
  protected abstract decided(call: string): number;

  override openat(directory: number, path: Uint8Array, flags: number, mode: number): number {
    return this.decided(`openat ${directory} ${path.length} ${flags} ${mode}`);
  }

  override openat2(directory: number, path: Uint8Array, how: Uint8Array, length: number): number {
    return this.decided(`openat2 ${directory} ${path.length} ${how.length} ${length}`);
  }

  override close(fd: number): number {
    return this.decided(`close ${fd}`);
  }

  override close_range(first: number, last: number, flags: number): number {
    return this.decided(`close_range ${first} ${last} ${flags}`);
  }

  override read(fd: number, into: Uint8Array, length: number): number {
    return this.decided(`read ${fd} ${into.length} ${length}`);
  }

  override lseek(fd: number, offset: number, whence: number): number {
    return this.decided(`lseek ${fd} ${offset} ${whence}`);
  }

  override write(fd: number, from: Uint8Array, length: number): number {
    return this.decided(`write ${fd} ${from.length} ${length}`);
  }

  override pwrite64(fd: number, from: Uint8Array, length: number, offset: number): number {
    return this.decided(`pwrite64 ${fd} ${from.length} ${length} ${offset}`);
  }

  override fsync(fd: number): number {
    return this.decided(`fsync ${fd}`);
  }

  override ftruncate(fd: number, length: number): number {
    return this.decided(`ftruncate ${fd} ${length}`);
  }

  override flock(fd: number, operation: number): number {
    return this.decided(`flock ${fd} ${operation}`);
  }

  override fcntl(fd: number, command: number, argument: Uint8Array): number {
    return this.decided(`fcntl ${fd} ${command} ${argument.length}`);
  }

  override ioctl(fd: number, request: number, argument: Uint8Array): number {
    return this.decided(`ioctl ${fd} ${request} ${argument.length}`);
  }

  override statx(directory: number, path: Uint8Array, flags: number, mask: number, into: Uint8Array): number {
    return this.decided(`statx ${directory} ${path.length} ${flags} ${mask} ${into.length}`);
  }

  override statfs(path: Uint8Array, into: Uint8Array): number {
    return this.decided(`statfs ${path.length} ${into.length}`);
  }

  override faccessat(directory: number, path: Uint8Array, mode: number): number {
    return this.decided(`faccessat ${directory} ${path.length} ${mode}`);
  }

  override faccessat2(directory: number, path: Uint8Array, mode: number, flags: number): number {
    return this.decided(`faccessat2 ${directory} ${path.length} ${mode} ${flags}`);
  }

  override fchown(fd: number, uid: number, gid: number): number {
    return this.decided(`fchown ${fd} ${uid} ${gid}`);
  }

  override fchownat(directory: number, path: Uint8Array, uid: number, gid: number, flags: number): number {
    return this.decided(`fchownat ${directory} ${path.length} ${uid} ${gid} ${flags}`);
  }

  override fchmodat(directory: number, path: Uint8Array, mode: number): number {
    return this.decided(`fchmodat ${directory} ${path.length} ${mode}`);
  }

  override getdents64(fd: number, into: Uint8Array, length: number): number {
    return this.decided(`getdents64 ${fd} ${into.length} ${length}`);
  }

  override readlinkat(directory: number, path: Uint8Array, into: Uint8Array, length: number): number {
    return this.decided(`readlinkat ${directory} ${path.length} ${into.length} ${length}`);
  }

  override renameat2(fromDir: number, from: Uint8Array, toDir: number, to: Uint8Array, flags: number): number {
    return this.decided(`renameat2 ${fromDir} ${from.length} ${toDir} ${to.length} ${flags}`);
  }

  override unlinkat(directory: number, path: Uint8Array, flags: number): number {
    return this.decided(`unlinkat ${directory} ${path.length} ${flags}`);
  }

  override getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array, length: number): number {
    return this.decided(`getxattr ${path.length} ${name.length} ${into.length} ${length}`);
  }

  override setxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array, length: number, flags: number): number {
    return this.decided(`setxattr ${path.length} ${name.length} ${value.length} ${length} ${flags}`);
  }

  override listxattr(path: Uint8Array, into: Uint8Array, length: number): number {
    return this.decided(`listxattr ${path.length} ${into.length} ${length}`);
  }

  override chdir(path: Uint8Array): number {
    return this.decided(`chdir ${path.length}`);
  }

  override umask(mask: number): number {
    return this.decided(`umask ${mask}`);
  }

  override getresuid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    return this.decided(`getresuid ${real.length} ${effective.length} ${saved.length}`);
  }

  override getresgid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    return this.decided(`getresgid ${real.length} ${effective.length} ${saved.length}`);
  }

  override getgroups(most: number, into: Uint8Array): number {
    return this.decided(`getgroups ${most} ${into.length}`);
  }

  override setresuid(real: number, effective: number, saved: number): number {
    return this.decided(`setresuid ${real} ${effective} ${saved}`);
  }

  override setresgid(real: number, effective: number, saved: number): number {
    return this.decided(`setresgid ${real} ${effective} ${saved}`);
  }

  override setgroups(count: number, gids: Uint8Array): number {
    return this.decided(`setgroups ${count} ${gids.length}`);
  }

  override capget(header: Uint8Array, data: Uint8Array): number {
    return this.decided(`capget ${header.length} ${data.length}`);
  }

  override capset(header: Uint8Array, data: Uint8Array): number {
    return this.decided(`capset ${header.length} ${data.length}`);
  }

  override prctl(option: number, second: number, third: number, fourth: number, fifth: number): number {
    return this.decided(`prctl ${option} ${second} ${third} ${fourth} ${fifth}`);
  }

  override prctl_into(option: number, into: Uint8Array): number {
    return this.decided(`prctl_into ${option} ${into.length}`);
  }

  override getpid(): number {
    return this.decided(`getpid`);
  }

  override getppid(): number {
    return this.decided(`getppid`);
  }

  override getpgid(pid: number): number {
    return this.decided(`getpgid ${pid}`);
  }

  override setpgid(pid: number, group: number): number {
    return this.decided(`setpgid ${pid} ${group}`);
  }

  override getsid(pid: number): number {
    return this.decided(`getsid ${pid}`);
  }

  override setsid(): number {
    return this.decided(`setsid`);
  }

  override kill(pid: number, signal: number): number {
    return this.decided(`kill ${pid} ${signal}`);
  }

  override wait4(pid: number, status: Uint8Array, options: number, usage: Uint8Array): number {
    return this.decided(`wait4 ${pid} ${status.length} ${options} ${usage.length}`);
  }

  override rt_sigaction(signal: number, action: Uint8Array, old: Uint8Array, setLength: number): number {
    return this.decided(`rt_sigaction ${signal} ${action.length} ${old.length} ${setLength}`);
  }

  override rt_sigprocmask(how: number, set: Uint8Array, old: Uint8Array, setLength: number): number {
    return this.decided(`rt_sigprocmask ${how} ${set.length} ${old.length} ${setLength}`);
  }

  override rt_sigtimedwait(set: Uint8Array, info: Uint8Array, timeout: Uint8Array, setLength: number): number {
    return this.decided(`rt_sigtimedwait ${set.length} ${info.length} ${timeout.length} ${setLength}`);
  }

  override clock_gettime(clock: number, into: Uint8Array): number {
    return this.decided(`clock_gettime ${clock} ${into.length}`);
  }

  override execve(path: Uint8Array, words: number, environment: number): number {
    return this.decided(`execve ${path.length} ${words} ${environment}`);
  }

  override exit_group(code: number): number {
    return this.decided(`exit_group ${code}`);
  }

  override madvise(address: number, length: number, advice: number): number {
    return this.decided(`madvise ${address} ${length} ${advice}`);
  }

  override ppoll(fds: Uint8Array, count: number, limit: Uint8Array, mask: Uint8Array, setLength: number): number {
    return this.decided(`ppoll ${fds.length} ${count} ${limit.length} ${mask.length} ${setLength}`);
  }

  override pipe2(fds: Uint8Array, flags: number): number {
    return this.decided(`pipe2 ${fds.length} ${flags}`);
  }

  override tee(from: number, to: number, length: number, flags: number): number {
    return this.decided(`tee ${from} ${to} ${length} ${flags}`);
  }
}

// Every system call that tsgosu makes, once: its name, parameters and result. Both engines are made from this file:
// scripts/calls.ts reads it and writes node/calls.ts, static/calls.ts and static/calls.c.
//
// A call passes its words to the kernel just as they stand here. A number is a whole number; a buffer stands for its
// address, and an empty one for NULL. A path or a name in a buffer ends in NUL. The answer is the kernel's: a value of 0
// or more, or −errno. What the words mean is in section 2 of the manual. A call that takes a number or a buffer in the same
// place, as prctl does, stands here twice: with a buffer its name ends in `_into`.

/** The system calls, on numbers and buffers. */
export abstract class Calls {
  // Files.
  abstract openat(directory: number, path: Uint8Array, flags: number, mode: number): number;
  abstract openat2(directory: number, path: Uint8Array, how: Uint8Array, length: number): number;
  abstract close(fd: number): number;
  abstract close_range(first: number, last: number, flags: number): number;
  abstract read(fd: number, into: Uint8Array, length: number): number;
  abstract lseek(fd: number, offset: number, whence: number): number;
  abstract write(fd: number, from: Uint8Array, length: number): number;
  abstract pwrite64(fd: number, from: Uint8Array, length: number, offset: number): number;
  abstract fsync(fd: number): number;
  abstract ftruncate(fd: number, length: number): number;
  abstract flock(fd: number, operation: number): number;
  abstract fcntl(fd: number, command: number, argument: Uint8Array): number;
  abstract ioctl(fd: number, request: number, argument: Uint8Array): number;
  abstract statx(directory: number, path: Uint8Array, flags: number, mask: number, into: Uint8Array): number;
  abstract statfs(path: Uint8Array, into: Uint8Array): number;
  abstract faccessat(directory: number, path: Uint8Array, mode: number): number;
  abstract faccessat2(directory: number, path: Uint8Array, mode: number, flags: number): number;
  abstract fchown(fd: number, uid: number, gid: number): number;
  abstract fchownat(directory: number, path: Uint8Array, uid: number, gid: number, flags: number): number;
  abstract fchmodat(directory: number, path: Uint8Array, mode: number): number;
  abstract getdents64(fd: number, into: Uint8Array, length: number): number;
  abstract readlinkat(directory: number, path: Uint8Array, into: Uint8Array, length: number): number;
  abstract renameat2(fromDir: number, from: Uint8Array, toDir: number, to: Uint8Array, flags: number): number;
  abstract unlinkat(directory: number, path: Uint8Array, flags: number): number;
  abstract getxattr(path: Uint8Array, name: Uint8Array, into: Uint8Array, length: number): number;
  abstract setxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array, length: number, flags: number): number;
  abstract listxattr(path: Uint8Array, into: Uint8Array, length: number): number;
  abstract chdir(path: Uint8Array): number;
  abstract umask(mask: number): number;

  // Who the process is, and what it may do. These change the calling thread alone.
  abstract getresuid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number;
  abstract getresgid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number;
  abstract getgroups(most: number, into: Uint8Array): number;
  abstract setresuid(real: number, effective: number, saved: number): number;
  abstract setresgid(real: number, effective: number, saved: number): number;
  abstract setgroups(count: number, gids: Uint8Array): number;
  abstract capget(header: Uint8Array, data: Uint8Array): number;
  abstract capset(header: Uint8Array, data: Uint8Array): number;
  abstract prctl(option: number, second: number, third: number, fourth: number, fifth: number): number;
  abstract prctl_into(option: number, into: Uint8Array): number;

  // Processes, signals and time.
  abstract getpid(): number;
  abstract getppid(): number;
  abstract getpgid(pid: number): number;
  abstract setpgid(pid: number, group: number): number;
  abstract getsid(pid: number): number;
  abstract setsid(): number;
  abstract kill(pid: number, signal: number): number;
  abstract wait4(pid: number, status: Uint8Array, options: number, usage: Uint8Array): number;
  abstract rt_sigaction(signal: number, action: Uint8Array, old: Uint8Array, setLength: number): number;
  abstract rt_sigprocmask(how: number, set: Uint8Array, old: Uint8Array, setLength: number): number;
  abstract rt_sigtimedwait(set: Uint8Array, info: Uint8Array, timeout: Uint8Array, setLength: number): number;
  abstract clock_gettime(clock: number, into: Uint8Array): number;
  /** `words` and `environment` are addresses of vectors of C strings. */
  abstract execve(path: Uint8Array, words: number, environment: number): number;
  abstract exit_group(code: number): number;

  // What Node alone needs: to give memory back, and to see the signals that libuv has taken.
  abstract madvise(address: number, length: number, advice: number): number;
  abstract ppoll(fds: Uint8Array, count: number, limit: Uint8Array, mask: Uint8Array, setLength: number): number;
  abstract pipe2(fds: Uint8Array, flags: number): number;
  abstract tee(from: number, to: number, length: number, flags: number): number;
}

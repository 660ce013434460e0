// The errors with which each system call is failed: those that section 2 of the manual lists for it, as far as tsgosu's way
// of calling can meet them, and those that a seccomp profile answers with (EPERM, ENOSYS).

/** Errors by call. A call that tsgosu makes and that is not here cannot fail, which a test holds to src/kernel/calls.ts. */
export const ERRORS: Readonly<Record<string, readonly string[]>> = {
  openat: list("EACCES EDQUOT EINTR EIO ELOOP EMFILE ENFILE ENOENT ENOMEM ENOSPC ENOTDIR EPERM EROFS"),
  openat2: list("EACCES EAGAIN EINTR EIO ELOOP EMFILE ENOENT ENOMEM ENOSYS EPERM EXDEV"),
  close: list("EINTR EIO ENOSPC EDQUOT"),
  close_range: list("EINVAL EMFILE ENOMEM ENOSYS EPERM"),
  umask: list("EPERM ENOSYS"),
  read: list("EINTR EIO EISDIR EINVAL"),
  write: list("EDQUOT EFBIG EINTR EIO ENOSPC EPERM EPIPE"),
  writev: list("EINTR EIO ENOSPC EPIPE"),
  pwrite64: list("EDQUOT EFBIG EINTR EIO ENOSPC EPERM"),
  fsync: list("EDQUOT EINVAL EIO ENOSPC EROFS"),
  ftruncate: list("EFBIG EINTR EINVAL EIO EPERM"),
  flock: list("EINTR EINVAL ENOLCK ENOSYS EPERM"),
  fcntl: list("EACCES EAGAIN EINTR EMFILE ENOLCK EPERM"),
  ioctl: list("EINVAL EIO ENOTTY EPERM"),
  statx: list("EACCES EINVAL EIO ELOOP ENOENT ENOMEM ENOSYS ENOTDIR EPERM"),
  statfs: list("EACCES EINTR EIO ENOENT ENOMEM ENOSYS"),
  faccessat: list("EACCES EIO ELOOP ENOENT ENOMEM ENOTDIR EROFS"),
  faccessat2: list("EACCES EIO ELOOP ENOENT ENOMEM ENOSYS ENOTDIR EPERM"),
  fchown: list("EDQUOT EINVAL EIO ENOSPC EPERM EROFS"),
  fchownat: list("EACCES EDQUOT EINVAL EIO ENOENT ENOMEM ENOTDIR EPERM EROFS"),
  fchmodat: list("EACCES EIO ENOENT ENOMEM EPERM EROFS"),
  fchmod: list("EIO EPERM EROFS"),
  getdents64: list("EINVAL EIO ENOENT ENOTDIR"),
  readlinkat: list("EACCES EINVAL EIO ENOENT ENOMEM ENOTDIR"),
  renameat2: list("EACCES EBUSY EDQUOT EEXIST EINVAL EIO ENOENT ENOMEM ENOSPC ENOSYS EPERM EROFS EXDEV"),
  unlinkat: list("EACCES EBUSY EIO ENOENT ENOMEM EPERM EROFS"),
  getxattr: list("E2BIG EACCES EIO ENODATA ENOMEM ENOSYS EOPNOTSUPP EPERM ERANGE"),
  setxattr: list("EDQUOT EIO ENOMEM ENOSPC EOPNOTSUPP EPERM ERANGE EROFS"),
  listxattr: list("E2BIG EACCES EIO ENOMEM ENOSYS EOPNOTSUPP ERANGE"),
  removexattr: list("EACCES EIO ENODATA ENOMEM EOPNOTSUPP EPERM EROFS"),
  chdir: list("EACCES EIO ENOENT ENOMEM"),
  getresuid: list("EFAULT EPERM ENOSYS"),
  getresgid: list("EFAULT EPERM ENOSYS"),
  getgroups: list("EFAULT EINVAL EPERM ENOSYS"),
  setresuid: list("EAGAIN EINVAL EPERM ENOSYS"),
  setresgid: list("EINVAL EPERM ENOSYS"),
  setgroups: list("EINVAL ENOMEM EPERM ENOSYS"),
  capget: list("EFAULT EINVAL EPERM ENOSYS"),
  capset: list("EFAULT EINVAL EPERM ENOSYS"),
  prctl: list("EACCES EINVAL EPERM ENOSYS"),
  getpgid: list("EPERM ESRCH ENOSYS"),
  setpgid: list("EACCES EINVAL EPERM ESRCH"),
  setsid: list("EPERM ENOSYS"),
  kill: list("EINVAL EPERM ESRCH"),
  wait4: list("ECHILD EINTR EINVAL EPERM ENOSYS"),
  rt_sigaction: list("EFAULT EINVAL EPERM ENOSYS"),
  rt_sigprocmask: list("EFAULT EINVAL EPERM ENOSYS"),
  rt_sigtimedwait: list("EAGAIN EINTR EINVAL EPERM ENOSYS"),
  clock_gettime: list("EINVAL EPERM ENOSYS"),
  execve: list("E2BIG EACCES EIO ELOOP EMFILE ENFILE ENOENT ENOEXEC ENOMEM ENOTDIR EPERM ETXTBSY"),
  vfork: list("EAGAIN ENOMEM ENOSYS EPERM"),
  pipe2: list("EFAULT EMFILE ENFILE ENOSYS"),
  ppoll: list("EINTR EINVAL ENOMEM"),
  tee: list("EINVAL ENOMEM EAGAIN"),
  mmap: list("EAGAIN EINVAL ENOMEM EPERM"),
  munmap: list("EINVAL ENOMEM"),
  mprotect: list("EACCES EINVAL ENOMEM ENOSYS"),
  madvise: list("EAGAIN EINVAL ENOMEM EPERM"),
};

/**
 * Answers of a kernel that lies, by call. It has changed who the process is, it says, although it has not; a process has more
 * groups than there can be. And a file ends early, which is no lie where somebody shortens it.
 */
export const LIES: Readonly<Record<string, readonly string[]>> = {
  setresuid: ["retval=0"],
  setresgid: ["retval=0"],
  setgroups: ["retval=0"],
  capset: ["retval=0"],
  prctl: ["retval=0"],
  getgroups: ["retval=100000"],
  read: ["retval=0"],
  getdents64: ["retval=0"],
};

/** Calls that Node makes for its own purposes while tsgosu's code runs; it aborts where some of them fail. */
export const NODES_OWN: readonly string[] = ["mmap", "munmap", "mprotect", "madvise", "vfork", "writev"];

/** Errors of openat that need a file that is written or made. */
const OF_WRITING = ["error=EDQUOT", "error=ENOSPC", "error=EROFS"];

/** All that an occurrence of a call is answered with, in turn. */
export function answersTo(call: string, words: string): readonly string[] {
  const errors = (ERRORS[call] ?? []).map((error) => `error=${error}`);
  // To an option of prctl(2) that asks, 0 and EINVAL are answers: it is not so, and this kernel does not know it.
  if (call === "prctl" && /^PR_(GET|CAPBSET_READ)/.test(words)) return ["error=EPERM", "error=ENOSYS"];
  if (call === "fcntl" && /F_[GS]ETF[DL]/.test(words)) return ["error=EPERM", "error=ENOSYS"];
  const possible =
    call === "openat" && !/O_WRONLY|O_RDWR|O_CREAT/.test(words)
      ? errors.filter((one) => !OF_WRITING.includes(one))
      : errors;
  return [...possible, ...(LIES[call] ?? [])];
}

function list(words: string): readonly string[] {
  return words.split(" ");
}

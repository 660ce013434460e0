/*
 * What the static executable needs of the system, one function per system call: no decision, no loop. Every function
 * returns what the kernel returned: a value, or -errno. The rules are in TypeScript; static.ts binds these.
 *
 * System calls are made directly, not through musl: its wrappers for IDs and signals care for threads, of which there
 * are none here, and keep three real-time signals for themselves, which have to be forwarded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

typedef const uint8_t *bytes;

/* The size of the kernel's own signal set: 64 signals. */
#define SIGNAL_SET 8

#define CALL(...) result(syscall(__VA_ARGS__))

static int32_t result(long value) {
  return (int32_t)(value < 0 ? -errno : value);
}

/* Addresses fit a double exactly: user space ends below 2^53 on both architectures. */
static void *at(double address) {
  return (void *)(uintptr_t)address;
}

double kernel_environ(void) {
  return (double)(uintptr_t)environ;
}

/* getauxval(3) of AT_EXECFN. */
double kernel_execfn(void) {
  return (double)getauxval(AT_EXECFN);
}

double kernel_strlen(double address) {
  return (double)strlen(at(address));
}

void kernel_peek(double address, bytes into, size_t length) {
  memcpy((void *)into, at(address), length);
}

int32_t kernel_getpid(void) {
  return CALL(SYS_getpid);
}

int32_t kernel_getppid(void) {
  return CALL(SYS_getppid);
}

int32_t kernel_getresuid(bytes ids, size_t length) {
  (void)length;
  return CALL(SYS_getresuid, ids, ids + 4, ids + 8);
}

int32_t kernel_getresgid(bytes ids, size_t length) {
  (void)length;
  return CALL(SYS_getresgid, ids, ids + 4, ids + 8);
}

int32_t kernel_getgroups(bytes gids, size_t length) {
  return CALL(SYS_getgroups, length / 4, gids);
}

int32_t kernel_setresuid(uint32_t uid) {
  return CALL(SYS_setresuid, uid, uid, uid);
}

int32_t kernel_setresgid(uint32_t gid) {
  return CALL(SYS_setresgid, gid, gid, gid);
}

int32_t kernel_setgroups(bytes gids, size_t length) {
  return CALL(SYS_setgroups, length / 4, gids);
}

int32_t kernel_capget(bytes header, size_t header_length, bytes data, size_t length) {
  (void)header_length;
  (void)length;
  return CALL(SYS_capget, header, data);
}

int32_t kernel_capset(bytes header, size_t header_length, bytes data, size_t length) {
  (void)header_length;
  (void)length;
  return CALL(SYS_capset, header, data);
}

int32_t kernel_prctl(int32_t option, uint32_t second, uint32_t third) {
  return CALL(SYS_prctl, option, (unsigned long)second, (unsigned long)third, 0UL, 0UL);
}

int32_t kernel_statfs(bytes path, size_t path_length, bytes into, size_t length) {
  (void)path_length;
  (void)length;
  return CALL(SYS_statfs, path, into);
}

int32_t kernel_open(bytes path, size_t length, int32_t flags) {
  (void)length;
  return CALL(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0);
}

int32_t kernel_openat(int32_t directory, bytes path, size_t length, int32_t flags, int32_t mode) {
  (void)length;
  return CALL(SYS_openat, directory, path, flags | O_CLOEXEC, mode);
}

int32_t kernel_openat_path(int32_t directory, bytes path, size_t length) {
  (void)length;
  return CALL(SYS_openat, directory, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
}

int32_t kernel_close(int32_t fd) {
  return CALL(SYS_close, fd);
}

int32_t kernel_read(int32_t fd, bytes into, size_t length) {
  return CALL(SYS_read, fd, into, length);
}

int32_t kernel_write(int32_t fd, bytes from, size_t length) {
  return CALL(SYS_write, fd, from, length);
}

int32_t kernel_statx(int32_t fd, bytes path, size_t path_length, int32_t flags, bytes into, size_t length) {
  (void)path_length;
  (void)length;
  return CALL(SYS_statx, fd, path, flags, 0x17ff /* basic, and the mount */, into);
}

int32_t kernel_fchown(int32_t fd, uint32_t uid, uint32_t gid) {
  return CALL(SYS_fchown, fd, uid, gid);
}

int32_t kernel_fchownat(int32_t fd, bytes path, size_t length, uint32_t uid, uint32_t gid, int32_t flags) {
  (void)length;
  return CALL(SYS_fchownat, fd, path, uid, gid, flags);
}

int32_t kernel_fchmodat(bytes path, size_t length, uint32_t mode) {
  (void)length;
  return CALL(SYS_fchmodat, AT_FDCWD, path, mode);
}

int32_t kernel_getdents64(int32_t fd, bytes into, size_t length) {
  return CALL(SYS_getdents64, fd, into, length);
}

int32_t kernel_readlinkat(int32_t fd, bytes path, size_t path_length, bytes into, size_t length) {
  (void)path_length;
  return CALL(SYS_readlinkat, fd, path, into, length);
}

int32_t kernel_renameat(bytes from, size_t from_length, bytes to, size_t to_length) {
  (void)from_length;
  (void)to_length;
  return CALL(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int32_t kernel_unlinkat(bytes path, size_t length) {
  (void)length;
  return CALL(SYS_unlinkat, AT_FDCWD, path, 0);
}

int32_t kernel_fsync(int32_t fd) {
  return CALL(SYS_fsync, fd);
}

int32_t kernel_ftruncate(int32_t fd, double length) {
  return CALL(SYS_ftruncate, fd, (int64_t)length);
}

int32_t kernel_pwrite(int32_t fd, bytes from, size_t length, double offset) {
  return CALL(SYS_pwrite64, fd, from, length, (int64_t)offset);
}

int32_t kernel_fcntl(int32_t fd, int32_t command, bytes argument, size_t length) {
  (void)length;
  return CALL(SYS_fcntl, fd, command, argument);
}

int32_t kernel_access(bytes path, size_t length, int32_t mode) {
  (void)length;
  return CALL(SYS_faccessat, AT_FDCWD, path, mode);
}

int32_t kernel_getxattr(bytes path, size_t path_length, bytes name, size_t name_length, bytes into, size_t length) {
  (void)path_length;
  (void)name_length;
  return CALL(SYS_getxattr, path, name, into, length);
}

int32_t kernel_setxattr(bytes path, size_t path_length, bytes name, size_t name_length, bytes value, size_t length) {
  (void)path_length;
  (void)name_length;
  return CALL(SYS_setxattr, path, name, value, length, 0);
}

int32_t kernel_listxattr(bytes path, size_t path_length, bytes into, size_t length) {
  (void)path_length;
  return CALL(SYS_listxattr, path, into, length);
}

int32_t kernel_chdir(bytes path, size_t length) {
  (void)length;
  return CALL(SYS_chdir, path);
}

int32_t kernel_close_range(uint32_t first, uint32_t last) {
  return CALL(SYS_close_range, first, last, 0);
}

/*
 * Lets go of the program's own pages that are in memory: they come back from the file as they are needed. What only the way
 * to the command needed does not.
 */
int32_t kernel_forget_program(void) {
  extern char __executable_start[], etext[];
  uintptr_t page = 4096, start = (uintptr_t)__executable_start & -page, end = (uintptr_t)etext & -page;
  return CALL(SYS_madvise, start, end - start, MADV_DONTNEED);
}

int32_t kernel_ioctl(int32_t fd, uint32_t request, bytes argument, size_t length) {
  (void)length;
  return CALL(SYS_ioctl, fd, request, argument);
}

int32_t kernel_getpgrp(void) {
  return CALL(SYS_getpgid, 0);
}

int32_t kernel_rt_sigprocmask(int32_t how, bytes set, size_t length, bytes old, size_t old_length) {
  (void)length;
  (void)old_length;
  return CALL(SYS_rt_sigprocmask, how, set, old, SIGNAL_SET);
}

/* `action` and `old` are the kernel's struct sigaction: handler, flags, restorer, mask. */
int32_t kernel_rt_sigaction(int32_t signal, bytes action, size_t length, bytes old, size_t old_length) {
  (void)length;
  (void)old_length;
  return CALL(SYS_rt_sigaction, signal, action, old, SIGNAL_SET);
}

/* The signal, or -EAGAIN when `milliseconds` have passed; -1 waits for ever. */
int32_t kernel_rt_sigtimedwait(bytes set, size_t length, bytes info, size_t info_length, double milliseconds) {
  (void)length;
  (void)info_length;
  struct { int64_t seconds, nanoseconds; } limit;
  limit.seconds = (int64_t)(milliseconds / 1000);
  limit.nanoseconds = (int64_t)((milliseconds - (double)limit.seconds * 1000) * 1000000);
  return CALL(SYS_rt_sigtimedwait, set, info, milliseconds < 0 ? NULL : &limit, SIGNAL_SET);
}

int32_t kernel_clock_gettime(int32_t clock, bytes into, size_t length) {
  (void)length;
  return CALL(SYS_clock_gettime, clock, into);
}

int32_t kernel_kill(int32_t pid, int32_t signal) {
  return CALL(SYS_kill, pid, signal);
}

int32_t kernel_wait4(int32_t pid, bytes status, size_t length, int32_t options) {
  (void)length;
  return CALL(SYS_wait4, pid, status, options, NULL);
}

/* setenv(3), but in place of every variable of that name. */
int32_t kernel_setenv(bytes name, size_t length, bytes value, size_t value_length) {
  (void)length;
  (void)value_length;
  unsetenv((const char *)name);
  return setenv((const char *)name, (const char *)value, 1) < 0 ? -errno : 0;
}

int32_t kernel_execve(bytes path, size_t length, double words) {
  (void)length;
  return CALL(SYS_execve, path, at(words), environ);
}

/* `value` in decimal, in room for `digits` digits and a NUL. */
static void write_decimal(char *into, size_t digits, int32_t value) {
  size_t at = digits;
  into[digits] = 0;
  for (; value > 0; value /= 10) into[--at] = (char)('0' + value % 10);
  memmove(into, into + at, digits - at + 1);
}

/*
 * posix_spawn(3) with the one thing that musl's lacks: the child makes itself the terminal's foreground group, before
 * the command can run. It writes its PID to `listener`, a place in its environment, and takes back the disposition
 * of SIGCHLD that tsgosu was started with. The child's error comes through a pipe that execve closes, since not every
 * vfork shares memory (qemu's does not). All signals are blocked here, SIGTTOU among them, so tcsetpgrp is not refused to
 * a background group.
 */
int32_t kernel_spawn(bytes path, size_t length, double words, bytes mask, size_t mask_length, bytes sigchld,
                     size_t sigchld_length, double listener, int32_t terminal) {
  (void)length;
  (void)sigchld_length;
  (void)mask_length;
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -errno;
  int32_t pid = vfork();
  if (pid == 0) {
    int32_t self = CALL(SYS_getpid);
    CALL(SYS_setpgid, 0, 0);
    if (terminal >= 0) CALL(SYS_ioctl, terminal, 0x5410 /* TIOCSPGRP */, &self);
    if (listener > 0) write_decimal(at(listener), strlen(at(listener)), self);
    CALL(SYS_rt_sigaction, SIGCHLD, sigchld, NULL, SIGNAL_SET);
    CALL(SYS_rt_sigprocmask, SIG_SETMASK, mask, NULL, SIGNAL_SET);
    int32_t error = CALL(SYS_execve, path, at(words), environ);
    CALL(SYS_write, report[1], &error, sizeof error);
    CALL(SYS_exit_group, 127);
  }
  int32_t error = pid < 0 ? -errno : 0;
  close(report[1]);
  if (pid > 0 && read(report[0], &error, sizeof error) > 0) CALL(SYS_wait4, pid, NULL, 0, NULL);
  close(report[0]);
  return error < 0 ? error : pid;
}

void kernel_exit(int32_t code) {
  CALL(SYS_exit_group, code);
}

/* getenv(3) */
double kernel_getenv(bytes name, size_t length) {
  for (char **variable = environ; *variable; variable++)
    if (!strncmp(*variable, (const char *)name, length - 1) && (*variable)[length - 1] == '=')
      return (double)(uintptr_t)(*variable + length);
  return 0;
}

/*
 * What the static executable needs from the system besides system calls (calls.c): its own memory and environment, and
 * starting a child, where nothing may come between vfork and execve. engine.ts binds these functions.
 */
#include "call.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

extern char **environ;

/* The size of the kernel's own signal set: 64 signals. */
#define SIGNAL_SET 8

/* An address fits a double exactly: user space ends below 2^53. */
static void *at(double address) {
  return (void *)(uintptr_t)address;
}

/* One call writes the line, so that it stays whole if others write to the same file. */
void die(const char *why) {
  static char start[] = "tsgosu: internal error: ", end[] = "\n";
  size_t length = strlen(why);
  /* The runtime's texts end with a newline of their own. */
  while (length > 0 && why[length - 1] == '\n') length--;
  struct iovec line[] = {{start, sizeof start - 1}, {(void *)why, length}, {end, 1}};
  /* The first word of struct sigaction. If nobody reads standard error any more, the exit code must still tell. */
  static void *const ignored[4] = {SIG_IGN};
  syscall(SYS_rt_sigaction, SIGPIPE, ignored, NULL, SIGNAL_SET);
  /* If standard error refuses the line, there is nobody left to tell. */
  if (writev(2, line, 3) < 0) _exit(125);
  _exit(125);
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

/* Writes the address of a copy of `string` at `address`. The copy is never freed. */
void kernel_poke(double address, bytes string, size_t length) {
  char *copy = malloc(length);
  if (!copy) die("out of memory");
  memcpy(copy, string, length);
  *(char **)at(address) = copy;
}

/* getenv(3): the address of the value; 0 where there is no such variable. */
double kernel_getenv(bytes name, size_t length) {
  for (char **variable = environ; *variable; variable++)
    if (!strncmp(*variable, (const char *)name, length - 1) && (*variable)[length - 1] == '=')
      return (double)(uintptr_t)(*variable + length);
  return 0;
}

/* setenv(3), but replaces every variable of that name. (musl's own would bring getenv along, see start.c.) */
double kernel_setenv(bytes name, size_t name_size, bytes value, size_t value_size) {
  char *variable = malloc(name_size + value_size);
  if (!variable) return -ENOMEM;
  memcpy(variable, name, name_size);
  variable[name_size - 1] = '=';
  memcpy(variable + name_size, value, value_size);
  unsetenv((const char *)name);
  return putenv(variable) < 0 ? -errno : 0;
}

/*
 * Releases the pages of the program's own code and constants: they are read from the file again when they are needed. The
 * kernel reads 16 pages at a time, so that after some work most of the program is in memory. Between __executable_start and
 * etext there may be a hole between two segments. The kernel reports it as ENOMEM, and releases the pages around it.
 */
static void forget_program(void) {
  extern char __executable_start[], etext[];
  uintptr_t page = getauxval(AT_PAGESZ), start = (uintptr_t)__executable_start & -page, end = (uintptr_t)etext & -page;
  madvise((void *)start, end - start, MADV_DONTNEED);
}

/* rt_sigtimedwait(2) for so many milliseconds; without an end below 0. */
static double wait_for(bytes set, size_t set_size, bytes info, size_t info_size, double milliseconds) {
  time_t seconds = (time_t)(milliseconds / 1000);
  struct timespec time = {.tv_sec = seconds, .tv_nsec = (long)((milliseconds - 1000.0 * (double)seconds) * 1000000)};
  struct timespec *end = milliseconds < 0 ? NULL : &time;
  return CALL(SYS_rt_sigtimedwait, address(set, set_size), address(info, info_size), end, SIGNAL_SET);
}

/*
 * How many milliseconds nothing must happen before an init releases the program's pages. Events often come in bursts, and a
 * signal for which the pages have to be read again takes almost twice as long through init.
 */
#define QUIET 100

/*
 * rt_sigtimedwait(2), for an init that sleeps between events. Where nothing comes for a while, the program's pages are
 * released: here, at the last moment, because code that runs between that and the sleep stays in memory while tsgosu sleeps.
 * An init that waits until a certain time releases them at once, so that it does not wake up twice as often.
 */
double kernel_sleep(bytes set, size_t set_size, bytes info, size_t info_size, double milliseconds) {
  double waiting = wait_for(set, set_size, info, info_size, milliseconds < 0 ? QUIET : 0);
  if (waiting != -EAGAIN || milliseconds == 0) return waiting;
  forget_program();
  return wait_for(set, set_size, info, info_size, milliseconds);
}

/* Writes `value` in decimal; `into` has room for `digits` digits and a NUL. */
static void write_decimal(char *into, size_t digits, int32_t value) {
  size_t at = digits;
  into[digits] = 0;
  for (; value > 0; value /= 10) into[--at] = (char)('0' + value % 10);
  memmove(into, into + at, digits - at + 1);
}

/*
 * posix_spawn(3) for a child that leads its own process group or session, with the one thing that musl's lacks: the child makes
 * itself the terminal's foreground group before the command can run. If `pid_place` is not 0, the child writes its PID there,
 * over as many digits as are already there. It restores the signal mask and the disposition of SIGCHLD that tsgosu was started
 * with. The child's error comes through a pipe that execve closes, since vfork does not share memory everywhere (it does not
 * under qemu). All signals are blocked here, including SIGTTOU, so the kernel lets a background group take the terminal.
 */
double kernel_spawn(bytes path, size_t path_size, double words, bytes mask, size_t mask_size, bytes sigchld,
                    size_t sigchld_size, double pid_place, double terminal, double session) {
  (void)path_size;
  (void)mask_size;
  (void)sigchld_size;
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -errno;
  pid_t child = vfork();
  if (child == 0) {
    int32_t self = getpid();
    long failed = session > 0 ? syscall(SYS_setsid) < 0 : syscall(SYS_setpgid, 0, 0);
    /* A terminal that has hung up has no foreground: the command runs anyway, and reads end of file. */
    if (terminal >= 0) syscall(SYS_ioctl, whole(terminal), TIOCSPGRP, &self);
    if (pid_place > 0) write_decimal(at(pid_place), strlen(at(pid_place)), self);
    if (!failed) failed = syscall(SYS_rt_sigaction, SIGCHLD, sigchld, NULL, SIGNAL_SET);
    if (!failed) failed = syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, NULL, SIGNAL_SET);
    if (!failed) syscall(SYS_execve, path, at(words), environ);
    int error = errno;
    syscall(SYS_write, report[1], &error, sizeof error);
    syscall(SYS_exit_group, 127);
  }
  int error = child < 0 ? errno : 0;
  close(report[1]);
  ssize_t told = 0;
  if (child > 0)
    do told = read(report[0], &error, sizeof error);
    while (told < 0 && errno == EINTR);
  if (told > 0) syscall(SYS_wait4, child, NULL, 0, NULL);
  close(report[0]);
  return error > 0 ? -error : child;
}

/*
 * Commands for an init to look after, and what torments it: a static program, built by target.ts. Every function below is
 * a subcommand.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(99);
}

static void sleep_ms(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/*
 * count SIGNAL WANTED: counts how often it comes, until there is none for three seconds; for half a minute where it has not
 * come so often yet
 */
static int count(int number, long wanted) {
  uint64_t set = 1ull << (number - 1);
  struct timespec patience = {30, 0}, rest = {3, 0};
  long counted = 0;
  if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8) < 0) fail("rt_sigprocmask");
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    struct timespec *time = counted == 0 ? NULL : counted < wanted ? &patience : &rest;
    if (syscall(SYS_rt_sigtimedwait, &set, NULL, time, 8) <= 0) break;
    counted++;
  }
  printf("counted %ld\n", counted);
  return 0;
}

/* sink SIGNAL: takes it, for ever */
static int sink(int number) {
  uint64_t set = 1ull << (number - 1);
  if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8) < 0) fail("rt_sigprocmask");
  printf("ready\n");
  fflush(stdout);
  for (;;) syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}

/* burst PID SIGNAL COUNT: as fast as it can */
static int burst(pid_t pid, int number, long times) {
  for (long i = 0; i < times;) {
    if (kill(pid, number) == 0) i++;
    else if (errno == EAGAIN) sleep_ms(1);
    else fail("kill");
  }
  return 0;
}

/* daemons DEPTH ignore|obey: so many generations, each in a session of its own and started by the one before */
static int daemons(int depth, const char *manner) {
  if (!strcmp(manner, "ignore")) signal(SIGTERM, SIG_IGN);
  pid_t middle = depth > 0 ? fork() : -1;
  if (middle == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    setpgid(0, 0);
    return daemons(depth - 1, manner);
  }
  if (middle > 0) waitpid(middle, NULL, 0);
  for (;;) pause();
}

/* churn COUNT: so many children end without a parent, a thousand at a time */
static int churn(long times) {
  for (; times > 0; times -= 1000) {
    pid_t middle = fork();
    if (middle == 0) {
      for (int i = 0; i < 1000; i++) {
        pid_t child = vfork();
        if (child == 0) _exit(0);
        if (child < 0) sleep_ms(1), i--;
      }
      _exit(0);
    }
    if (middle < 0) fail("fork");
    waitpid(middle, NULL, 0);
  }
  return 0;
}

/* orphans COUNT: microseconds from the end of a parent of so many zombies until the last of them is reaped */
static int orphans(int number) {
  pid_t *children = mmap(NULL, (size_t)number * sizeof *children, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int done[2], start[2];
  char byte;
  if (children == MAP_FAILED || pipe(done) < 0 || pipe(start) < 0) fail("pipe");
  pid_t middle = fork();
  if (middle == 0) {
    for (int i = 0; i < number; i++) {
      pid_t child = fork();
      if (child < 0) fail("fork");
      if (child == 0) _exit(0);
      children[i] = child;
    }
    if (write(done[1], "", 1) < 0 || read(start[0], &byte, 1) < 0) fail("pipe");
    _exit(0);
  }
  close(done[1]);
  if (read(done[0], &byte, 1) != 1) fail("read");
  double begin = now_us();
  if (write(start[1], "", 1) < 0) fail("write");
  waitpid(middle, NULL, 0);
  for (int i = 0; i < number; i++) while (kill(children[i], 0) == 0) sleep_ms(0);
  printf("%.0f\n", now_us() - begin);
  return 0;
}

static volatile double received;

static void on_signal(int number) {
  (void)number;
  received = now_us();
}

/* Moves a process to this processor: waking another one takes a virtual machine longer than all that is measured here. */
static void move_here(pid_t pid) {
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(sched_getcpu(), &here);
  if (sched_setaffinity(pid, sizeof here, &here) < 0) fail("sched_setaffinity");
}

/* latency COUNT: microseconds from kill(PID 1) to the handler of this process, PID 1's command, a line each */
static int latency(pid_t init, long times) {
  move_here(getpid());
  move_here(init);
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGUSR1, &action, NULL);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  for (long i = 0; i < times; i++) {
    received = 0;
    double sent = now_us();
    kill(init, SIGUSR1);
    while (received == 0) sigsuspend(&before);
    printf("%.1f\n", received - sent);
    sleep_ms(1);
  }
  return 0;
}

int main(int words, char **word) {
  const char *name = words > 1 ? word[1] : "";
  if (!strcmp(name, "count")) return count(atoi(word[2]), atol(word[3]));
  if (!strcmp(name, "sink")) return sink(atoi(word[2]));
  if (!strcmp(name, "burst")) return burst(atoi(word[2]), atoi(word[3]), atol(word[4]));
  if (!strcmp(name, "daemons")) return daemons(atoi(word[2]), word[3]);
  if (!strcmp(name, "churn")) return churn(atol(word[2]));
  if (!strcmp(name, "orphans")) return orphans(atoi(word[2]));
  if (!strcmp(name, "latency")) return latency(getppid(), atol(word[2]));
  fprintf(stderr, "target: no such subcommand\n");
  return 99;
}

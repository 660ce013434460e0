/*
 * Where tsgosu runs while its system calls are failed, and the command that it runs there. A static program that makes no
 * system call by itself, so that every occurrence of a call can be counted. Every function below is a subcommand.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* The descriptor on which it says how things ended, apart from what tsgosu and the command write. */
#define REPORT 3

_Noreturn static void fail(const char *what) {
  dprintf(2, "arena: %s: %s\n", what, strerror(errno));
  _exit(99);
}

/* Without libc's own care for signals, which makes calls of its own. */
static pid_t raw_fork(void) {
  return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static char *joined(const char *root, const char *path) {
  char *whole;
  if (asprintf(&whole, "%s%s", root, path) < 0) fail("asprintf");
  return whole;
}

/* An extended attribute that has to outlive every change of a file. */
static const char MARK[] = "trusted.mark";
static const char *const MARKED[] = {"/etc/passwd", "/etc/group"};

static void report_marks(const char *root) {
  for (int i = 0; i < 2; i++) {
    char value[8];
    int kept = getxattr(joined(root, MARKED[i]), MARK, value, sizeof value) == 4 && !memcmp(value, "kept", 4);
    dprintf(REPORT, "mark %s %s\n", MARKED[i], kept ? "kept" : "lost");
  }
}

static void bind(const char *root, char *what) {
  int read_only = !strncmp(what, "ro:", 3);
  char *from = what + (read_only ? 3 : 0), *to = strchr(from, '=');
  *to++ = 0;
  char *target = joined(root, to);
  if (mount(from, target, NULL, MS_BIND | MS_REC, NULL) < 0) fail(target);
  if (read_only && mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0) fail(target);
}

/* What is traced, or is the tracer. */
static pid_t traced;

/* The first time the tracer may write down what it knows. With this PID 1, everything in its namespace ends. */
static void out_of_time(int number) {
  (void)number;
  static int times;
  if (times++ > 0 || write(REPORT, "timeout\n", 8) < 0) _exit(0);
  kill(traced, SIGTERM);
  alarm(1);
}

/* run ROOT SECONDS [ro:]FROM=TO... -- WORDS: runs WORDS among these mounts, and ends all that is left after it */
static int run(char **words) {
  const char *root = words[0];
  if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0) fail("unshare");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail("private mounts");
  pid_t first = fork();
  if (first < 0) fail("fork");
  if (first > 0) return waitpid(first, NULL, 0) < 0;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (mount("proc", "/proc", "proc", 0, NULL) < 0) fail("/proc");
  signal(SIGALRM, out_of_time);
  alarm((unsigned)atoi(words[1]));
  for (int i = 0; i < 2; i++) {
    char *file = joined(root, MARKED[i]), value[8];
    if (getxattr(file, MARK, value, sizeof value) < 0 && access(file, F_OK) == 0 && setxattr(file, MARK, "kept", 4, 0) < 0) fail(file);
  }
  char **word = words + 2;
  for (; strcmp(*word, "--"); word++) bind(root, *word);
  traced = fork();
  if (traced == 0) {
    execvp(word[1], word + 1);
    fail(word[1]);
  }
  int status;
  while (waitpid(traced, &status, 0) < 0) if (errno != EINTR) fail("waitpid");
  report_marks(root);
  _exit(0);
}

/* The calls that are failed: those of test/faults/errors.ts. */
#define CALL(name) {#name, SYS_##name}
static const struct { const char *name; long number; } CALLS[] = {
  CALL(openat), CALL(openat2), CALL(close), CALL(close_range), CALL(read), CALL(write), CALL(writev), CALL(pwrite64),
  CALL(fsync), CALL(ftruncate), CALL(flock), CALL(fcntl), CALL(ioctl), CALL(statx), CALL(statfs), CALL(faccessat),
  CALL(faccessat2), CALL(fchown), CALL(fchownat), CALL(fchmodat), CALL(fchmod), CALL(getdents64), CALL(readlinkat),
  CALL(renameat2), CALL(unlinkat), CALL(getxattr), CALL(setxattr), CALL(listxattr), CALL(removexattr), CALL(chdir),
  CALL(getresuid), CALL(getresgid), CALL(getgroups), CALL(setresuid), CALL(setresgid), CALL(setgroups), CALL(capget),
  CALL(capset), CALL(prctl), CALL(getpgid), CALL(setpgid), CALL(setsid), CALL(kill), CALL(wait4), CALL(rt_sigaction),
  CALL(rt_sigprocmask), CALL(rt_sigtimedwait), CALL(clock_gettime), CALL(execve), CALL(vfork), CALL(pipe2),
  CALL(ppoll), CALL(tee), CALL(mmap), CALL(munmap), CALL(mprotect), CALL(madvise)
};

static long number_of(const char *name) {
  for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) if (!strcmp(name, CALLS[i].name)) return CALLS[i].number;
  fail(name);
}

/*
 * Makes a system call in vain, so that its occurrences in this process have higher numbers than those in any other: a
 * fault meets this process alone.
 */
static void call_in_vain(long number, int times) {
  for (int i = 0; i < times; i++) syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
}

static void redirect(int fd, const char *to) {
  int ends[2];
  if (!strcmp(to, "closed")) {
    close(fd);
  } else if (!strcmp(to, "full")) {
    ends[1] = open("/dev/full", O_WRONLY);
    dup2(ends[1], fd);
    close(ends[1]);
  } else {
    if (pipe(ends) < 0) fail("pipe");
    close(ends[0]);
    dup2(ends[1], fd);
    close(ends[1]);
  }
}

/*
 * Whether tsgosu is ready to take a signal: the static one blocks all of them and handles none, in Node there are handlers.
 * Node itself handles SIGTERM, in vain, before its script runs; nobody but tsgosu asks for SIGPWR.
 */
static int takes_signals(pid_t pid) {
  char path[64], status[4096], *line;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  int file = open(path, O_RDONLY);
  ssize_t length = file < 0 ? -1 : read(file, status, sizeof status - 1);
  close(file);
  if (length <= 0) return 0;
  status[length] = 0;
  uint64_t mask = 1ull << (SIGPWR - 1), blocked = 0, caught = 0;
  if ((line = strstr(status, "SigBlk:"))) blocked = strtoull(line + 7, NULL, 16);
  if ((line = strstr(status, "SigCgt:"))) caught = strtoull(line + 7, NULL, 16);
  return caught & mask || (!caught && blocked & mask);
}

static void send_term(pid_t pid, long microseconds) {
  siginfo_t info = {0};
  int taken = 0, count = 0;
  usleep((useconds_t)microseconds);
  while (!taken) {
    taken = takes_signals(pid);
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == pid) break;
    kill(pid, SIGTERM);
    count++;
    if (!taken) usleep(20000);
  }
  dprintf(REPORT, "term %d %s\n", count, taken ? "taken" : "too early or too late");
}

/*
 * enter ROOT OPTIONS COMMAND: the command as PID 1 of a namespace of its own, in ROOT. Options:
 *   call=NAME:TIMES    see call_in_vain          uid=N     starts as this user
 *   file-size=BYTES    RLIMIT_FSIZE              stdout=, stderr=full|closed|gone   where the stream leads
 *   below              not PID 1 but its child
 *   term=MICROSECONDS  sends it SIGTERM after that time, and says whether it was ready to take the signal; where it was
 *                      not, the kernel may drop the signal, and it comes again until PID 1 has ended
 */
static int enter(char **words) {
  const char *root = words[0];
  long term = -1;
  for (char **option = words + 1; !strchr(*option, '/'); option++) if (!strncmp(*option, "term=", 5)) term = atol(*option + 5);
  if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0) fail("unshare");
  pid_t child = raw_fork();
  if (child == 0) {
    char **option = words + 1;
    long number = -1, times = 0, uid = -1;
    int below = 0;
    if (mount("proc", joined(root, "/proc"), "proc", 0, NULL) < 0) fail("/proc");
    if (chroot(root) < 0 || chdir("/") < 0) fail(root);
    close(REPORT);
    for (; !strchr(*option, '/'); option++) {
      char *value = strchr(*option, '=');
      if (value) *value++ = 0;
      if (!strcmp(*option, "call")) {
        times = atoi(strchr(value, ':') + 1);
        *strchr(value, ':') = 0;
        number = number_of(value);
      }
      else if (!strcmp(*option, "uid")) uid = atoi(value);
      else if (!strcmp(*option, "file-size")) setrlimit(RLIMIT_FSIZE, &(struct rlimit){(rlim_t)atoi(value), (rlim_t)atoi(value)});
      else if (!strcmp(*option, "stdout")) redirect(1, value);
      else if (!strcmp(*option, "stderr")) redirect(2, value);
      else if (!strcmp(*option, "below")) below = 1;
      else if (!strcmp(*option, "term")) continue;
      else fail(*option);
    }
    if (below) {
      pid_t grandchild = raw_fork();
      int status;
      if (grandchild > 0) {
        while (waitpid(grandchild, &status, 0) < 0) if (errno != EINTR) fail("waitpid");
        if (WIFSIGNALED(status)) _exit(128 + WTERMSIG(status)); /* PID 1 cannot end by a signal of its own */
        _exit(WEXITSTATUS(status));
      }
    }
    if (uid >= 0 && (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)) fail("uid");
    if (times > 0) call_in_vain(number, (int)times);
    execv(*option, option);
    fail(*option);
  }
  int status;
  if (term >= 0) send_term(child, term);
  while (waitpid(child, &status, 0) < 0) if (errno != EINTR) fail("waitpid");
  if (WIFSIGNALED(status)) dprintf(REPORT, "signal %d\n", WTERMSIG(status));
  else dprintf(REPORT, "exit %d\n", WEXITSTATUS(status));
  return 0;
}

/* Who this process is and what it may do, in one line; the lines of proc_pid_status(5) of these names. */
static void say_who(void) {
  static const char *const names[] = {"Uid",    "Gid",    "Groups", "CapInh",     "CapPrm", "CapEff",
                                      "CapBnd", "CapAmb", "SigBlk", "NoNewPrivs", "SigIgn"};
  static char status[8192], line[8192];
  size_t length = 0;
  int file = open("/proc/self/status", O_RDONLY);
  if (file < 0 || read(file, status, sizeof status - 1) <= 0) fail("/proc/self/status");
  close(file);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char start[16];
    snprintf(start, sizeof start, "\n%s:", names[i]);
    char *from = strstr(status, start);
    if (!from) fail(names[i]);
    from += strlen(start) + 1; /* and the tabulator */
    length += (size_t)snprintf(line + length, sizeof line - length, "%s=", names[i]);
    for (; *from != '\n'; from++) line[length++] = *from == '\t' || *from == ' ' ? ',' : *from;
    if (line[length - 1] == ',') length--;
    line[length++] = ' ';
  }
  for (const char *const *name = (const char *const[]){"HOME", "USER", "SHELL", NULL}; *name; name++) {
    const char *value = getenv(*name);
    length += (size_t)snprintf(line + length, sizeof line - length, "%s=%s ", *name, value ? value : "");
  }
  line[length - 1] = '\n';
  if (write(1, line, length) < 0) _exit(98);
}

/* Waits for SIGTERM, which is blocked already; whether it came. */
static int wait_for_term(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  return sigtimedwait(&set, NULL, &(struct timespec){2, 0}) == SIGTERM;
}

static void block_term(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Leaves an orphan, which says so when it gets SIGTERM; comes back when it is one, with a pipe that ends when it does. */
static int leave_orphan(pid_t *orphan, int waits) {
  int ready[2], life[2];
  if (pipe(ready) < 0 || pipe(life) < 0) fail("pipe");
  pid_t middle = raw_fork();
  if (middle == 0) {
    pid_t parent = getpid(), child = raw_fork();
    if (child > 0) _exit(write(ready[1], &child, sizeof child) < 0);
    close(life[0]);
    block_term();
    if (waits) {
      while (getppid() == parent) usleep(1000);
      if (write(ready[1], &child, 1) < 0) _exit(1);
      if (wait_for_term() && write(1, "orphan stopped\n", 15) < 0) _exit(1);
    }
    _exit(0);
  }
  close(life[1]);
  if (read(ready[0], orphan, sizeof *orphan) < 0) fail("read");
  waitpid(middle, NULL, 0);
  char byte;
  if (waits && read(ready[0], &byte, 1) < 0) fail("read");
  return life[0];
}

/* Signals that tsgosu forwards: each is asked for, and has to come before the next. Real-time ones are many at once. */
static const int ASKED[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGWINCH, SIGALRM, SIGURG};
#define BURST 20

/* Asks PID 1 for a signal so many times, and waits until all have come; how many did. */
static int ask_for(int number, int times) {
  sigset_t set;
  int came = 0;
  sigemptyset(&set);
  sigaddset(&set, number);
  for (int i = 0; i < times; i++) if (kill(1, number) < 0) fail("kill");
  while (came < times && sigtimedwait(&set, NULL, &(struct timespec){20, 0}) == number) came++;
  return came;
}

/* An orphan for PID 1 that ends at once, and one that is stopped and continued before it ends. */
static void leave_orphans(void) {
  pid_t middle = raw_fork();
  if (middle == 0) {
    if (raw_fork() == 0) _exit(7);
    pid_t stopped = raw_fork();
    if (stopped == 0) {
      kill(getpid(), SIGSTOP);
      _exit(8);
    }
    if (raw_fork() == 0) { /* and so that this one is stopped only when its parent is gone */
      usleep(500);
      while (kill(stopped, SIGCONT) == 0) usleep(500);
      _exit(9);
    }
    _exit(0);
  }
  waitpid(middle, NULL, 0);
}

/* Leaves orphans and asks for signals until SECONDS are over; says how many signals it has asked for, and how many came. */
static int churn(int seconds, int real_time) {
  sigset_t all;
  long asked = 0, came = 0, orphans = 0;
  struct timespec start, now;
  sigfillset(&all);
  sigdelset(&all, SIGCHLD);
  sigprocmask(SIG_BLOCK, &all, NULL);
  clock_gettime(CLOCK_MONOTONIC, &start);
  do {
    for (size_t i = 0; i < sizeof ASKED / sizeof *ASKED; i++) asked++, came += ask_for(ASKED[i], 1);
    if (real_time) asked += BURST, came += ask_for(SIGRTMIN + 3, BURST);
    leave_orphans(), orphans += 3;
    usleep(1000); /* which leaves something of the machine to others */
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (asked == came && now.tv_sec - start.tv_sec < seconds);
  dprintf(1, "asked %ld came %ld orphans %ld\n", asked, came, orphans);
  /* The last orphans end meanwhile; PID 1 is looked at from outside. */
  sleep(2);
  return asked == came ? 6 : 98;
}

/* command WHAT [N]: says who it is, then does one thing */
static int command(char **words) {
  const char *what = words[0];
  char byte;
  pid_t orphan;
  if (!strcmp(what, "churn")) return churn(atoi(words[1]), atoi(words[2]));
  say_who();
  if (!strcmp(what, "exit")) return atoi(words[1]);
  if (!strcmp(what, "die")) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    kill(getpid(), atoi(words[1]));
    return 98;
  }
  if (!strcmp(what, "signal")) { /* asks for SIGTERM and ends when it comes */
    block_term();
    if (kill(getppid(), SIGTERM) < 0) return 97;
    return wait_for_term() ? 7 : 98;
  }
  if (!strcmp(what, "stay")) { /* asks for SIGTERM, and does not end by it */
    signal(SIGTERM, SIG_IGN);
    if (kill(getppid(), SIGTERM) < 0) return 97;
    sleep(2);
    return 98;
  }
  if (!strcmp(what, "sleep")) { /* SIGTERM ends it */
    sleep(20);
    return 98;
  }
  if (!strcmp(what, "soon")) { /* ends by itself, or by SIGTERM */
    usleep((useconds_t)atoi(words[1]));
    return 5;
  }
  if (!strcmp(what, "answer")) { /* ends by itself where SIGTERM comes; `sleep` where that comes before it waits */
    block_term();
    return wait_for_term() ? 7 : 98;
  }
  if (!strcmp(what, "leave")) { /* ends before its orphan */
    leave_orphan(&orphan, 1);
    return 3;
  }
  if (!strcmp(what, "outlive")) /* ends after its orphan */
    return read(leave_orphan(&orphan, 1), &byte, 1) == 0 ? 4 : 98;
  if (!strcmp(what, "reaped")) { /* ends when its orphan has been reaped */
    leave_orphan(&orphan, 0);
    for (int i = 0; i < 2000; i++, usleep(1000))
      if (kill(orphan, 0) < 0 && errno == ESRCH) return 5;
    return 98;
  }
  return 99;
}

int main(int count, char **words) {
  const char *name = count > 2 ? words[1] : "";
  if (!strcmp(name, "run")) return run(words + 2);
  if (!strcmp(name, "enter")) return enter(words + 2);
  if (!strcmp(name, "command")) return command(words + 2);
  dprintf(2, "arena: no such subcommand\n");
  return 99;
}

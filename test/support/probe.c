/*
 * What the container tests look at a process with, and what they start one with: a static program without any library
 * that would touch signals, descriptors or limits by itself. Built by probe.ts; every function below is a subcommand.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(99);
}

/* musl keeps signals 32 to 34 out of its sets; the kernel does not. */
static void block(uint64_t signals) {
  if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, &signals, NULL, 8) < 0) fail("rt_sigprocmask");
}

static void sleep_ms(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

/* who: the process's identity, a word each */
static int who(void) {
  uid_t u[3];
  gid_t g[3], groups[65536];
  getresuid(&u[0], &u[1], &u[2]);
  getresgid(&g[0], &g[1], &g[2]);
  int count = getgroups(65536, groups);
  printf("uid=%u,%u,%u gid=%u,%u,%u groups=", u[0], u[1], u[2], g[0], g[1], g[2]);
  for (int i = 0; i < count; i++) printf(i ? ",%u" : "%u", groups[i]);
  const char *home = getenv("HOME");
  printf(" home=%s\n", home ? home : "(unset)");
  return 0;
}

/* place: where the process stands among others */
static int place(void) {
  printf("pid=%d ppid=%d leads=%d cwd=%s\n", getpid(), getppid(), getpgrp() == getpid(), getcwd(NULL, 0));
  return 0;
}

static void dump(const char *path) {
  char buffer[65536];
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path);
  for (ssize_t count; (count = read(file, buffer, sizeof buffer)) > 0;) fwrite(buffer, 1, count, stdout);
  close(file);
}

/* state: all that a command inherits, to be compared line by line */
static int state(char **words) {
  mode_t mask = umask(0);
  printf("umask %o\ncwd %s\nnice %ld\n", mask, getcwd(NULL, 0), syscall(SYS_getpriority, 0, 0));
  DIR *directory = opendir("/proc/self/fd");
  for (struct dirent *entry; (entry = readdir(directory));) {
    char link[4096] = "";
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd == dirfd(directory)) continue;
    if (readlinkat(dirfd(directory), entry->d_name, link, sizeof link - 1) < 0) fail("readlink");
    printf("fd %d %s close-on-exec %d flags %o\n", fd, link, fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
  }
  closedir(directory);
  for (; *words; words++) {
    printf("word ");
    for (unsigned char *c = (unsigned char *)*words; *c; c++) printf("%02x", *c);
    printf("\n");
  }
  for (char **variable = environ; *variable; variable++) {
    printf("env ");
    for (unsigned char *c = (unsigned char *)*variable; *c; c++) printf("%02x", *c);
    printf("\n");
  }
  fflush(stdout);
  dump("/proc/self/limits");
  dump("/proc/self/status");
  dump("/proc/self/oom_score_adj");
  return 0;
}

/* block SIGNAL[,SIGNAL...] [--send] -- COMMAND: runs the command with signals blocked, and pending with --send */
static int run_blocked(char **words) {
  uint64_t signals = 0;
  char *list = *words++;
  int send = *words && !strcmp(*words, "--send");
  if (send) words++;
  for (char *word = strtok(list, ","); word; word = strtok(NULL, ",")) signals |= 1ull << (atoi(word) - 1);
  block(signals);
  for (int signal = 1; send && signal <= 64; signal++) if (signals >> (signal - 1) & 1) kill(getpid(), signal);
  execvp(words[1], words + 1);
  fail(words[1]);
  return 99;
}

/* pending: blocks every signal, then prints the set of those that came, whenever it grows */
static int pending(void) {
  uint64_t before = 0, now = 0;
  block(~0ull);
  printf("ready\n");
  for (;;) {
    fflush(stdout);
    syscall(SYS_rt_sigpending, &now, 8);
    if (now != before) printf("pending %016llx\n", (unsigned long long)now);
    before = now;
    sleep_ms(20);
  }
}

/* How many children PID 1 has, and how many of them it has yet to reap. */
static void count_children(int *children, int *zombies) {
  DIR *directory = opendir("/proc");
  *children = *zombies = 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    char path[300], line[512] = "", letter;
    int parent;
    if (atoi(entry->d_name) <= 0) continue;
    snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
    FILE *file = fopen(path, "re");
    if (!file) continue;
    if (fgets(line, sizeof line, file) && sscanf(strrchr(line, ')') + 2, "%c %d", &letter, &parent) == 2 && parent == 1) {
      (*children)++;
      *zombies += letter == 'Z';
    }
    fclose(file);
  }
  closedir(directory);
}

/* orphans COUNT: so many processes lose their parent, then end at once; prints what is left of them */
static int orphans(int count) {
  int gate[2], children, zombies;
  char byte;
  if (pipe2(gate, O_CLOEXEC) < 0) fail("pipe");
  pid_t middle = fork();
  if (middle == 0) {
    close(gate[1]);
    for (int i = 0; i < count; i++) {
      pid_t child = fork();
      if (child < 0) fail("fork");
      if (child == 0) {
        if (read(gate[0], &byte, 1) < 0) fail("read");
        _exit(0);
      }
    }
    _exit(0);
  }
  waitpid(middle, NULL, 0);
  count_children(&children, &zombies);
  printf("before children=%d zombies=%d\n", children, zombies);
  close(gate[1]);
  for (int tries = 0; tries < 1200; tries++) {
    sleep_ms(50);
    count_children(&children, &zombies);
    if (children == 1) break;
  }
  printf("after children=%d zombies=%d\n", children, zombies);
  return 0;
}

/* die SIGNAL */
static int die(int number) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(number, SIG_DFL);
  kill(getpid(), number);
  sleep_ms(100);
  return 98;
}

static void write_to(const char *path, const char *text) {
  int file = open(path, O_WRONLY);
  if (file < 0 || write(file, text, strlen(text)) < 0) fail(path);
  close(file);
}

static void write_map(pid_t pid, const char *name, const char *lines) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  snprintf(text, sizeof text, "%s", lines);
  /* The maps come as one word; a comma stands for the end of a line. */
  for (char *c = text; *c; c++) if (*c == ',') *c = '\n';
  write_to(path, text);
}

/* namespace UID_MAP GID_MAP allow|deny COMMAND: becomes the command, as root of a user namespace with these maps */
static int namespace(char **words) {
  int entered[2], status;
  char byte = 0;
  if (pipe2(entered, O_CLOEXEC) < 0) fail("pipe");
  pid_t process = getpid(), outside = fork();
  if (outside == 0) {
    if (read(entered[0], &byte, 1) != 1) _exit(1);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/setgroups", process);
    write_to(path, words[2]);
    write_map(process, "uid_map", words[0]);
    write_map(process, "gid_map", words[1]);
    _exit(0);
  }
  if (unshare(CLONE_NEWUSER) < 0) fail("unshare");
  if (write(entered[1], &byte, 1) < 0 || waitpid(outside, &status, 0) < 0 || status != 0) fail("maps");
  if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) fail("become root there");
  execvp(words[3], words + 3);
  fail(words[3]);
  return 99;
}

/* environment STRING... -- COMMAND: runs the command with exactly these environment strings, whatever they are */
static int environment(char **words) {
  char **end = words;
  while (*end && strcmp(*end, "--")) end++;
  char **command = end + 1;
  *end = NULL;
  execve(command[0], command, words);
  fail(command[0]);
  return 99;
}

/* capability FILE: gives the file cap_setuid, as setcap cap_setuid=ep would (struct vfs_cap_data, revision 2) */
static int capability(const char *path) {
  uint32_t data[5] = {0x02000001, 1 << 7, 0, 0, 0};
  if (setxattr(path, "security.capability", data, sizeof data, 0) < 0) fail("setxattr");
  return 0;
}

/*
 * refuse CALL ERRNO COMMAND...: runs the command where the kernel answers that system call with that errno. An engine that is
 * refused the same call could not even start the container.
 */
static int refuse(char **words) {
  static const struct {
    const char *name;
    uint32_t number;
  } calls[] = {{"capget", SYS_capget}, {"capset", SYS_capset},       {"getgroups", SYS_getgroups},
               {"kill", SYS_kill},     {"setsid", SYS_setsid},       {"rt_sigtimedwait", SYS_rt_sigtimedwait},
               {"wait4", SYS_wait4},   {"prctl dumpable", SYS_prctl}};
  uint32_t number = ~0u;
  for (size_t at = 0; at < sizeof calls / sizeof *calls; at++)
    if (!strcmp(calls[at].name, words[0])) number = calls[at].number;
  if (number == ~0u) fail(words[0]);
  /* Of prctl, PR_SET_DUMPABLE alone. */
  int argument = number == SYS_prctl ? PR_SET_DUMPABLE : 0, narrow = number == SYS_prctl;
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, narrow ? 16 : 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, narrow ? (uint32_t)argument : AUDIT_ARCH_X86_64, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)atoi(words[1])),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail("no_new_privs");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) fail("seccomp");
  execvp(words[2], words + 2);
  fail(words[2]);
  return 99;
}

/* push TEXT: pushes the text into the input of the terminal on standard input, as if somebody had typed it (TIOCSTI) */
static int push(const char *text) {
  for (; *text; text++)
    if (ioctl(0, TIOCSTI, text) < 0) fail("TIOCSTI");
  puts("pushed");
  return 0;
}

/* become UID COMMAND...: with all IDs, which a copy that is setuid-root may */
static int become(char **words) {
  if (setresuid(atoi(words[0]), atoi(words[0]), atoi(words[0])) < 0) fail("setresuid");
  execvp(words[1], words + 1);
  fail(words[1]);
  return 99;
}

/* freeze PID: stops a process for as long as this one lives, as a debugger does */
static int freeze(pid_t pid) {
  if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0) fail("ptrace");
  if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0) fail("ptrace");
  puts("frozen");
  fflush(stdout);
  for (;;) pause();
}

int main(int count, char **words) {
  const char *name = count > 1 ? words[1] : "";
  if (!strcmp(name, "who")) return who();
  if (!strcmp(name, "place")) return place();
  if (!strcmp(name, "state")) return state(words);
  if (!strcmp(name, "block")) return run_blocked(words + 2);
  if (!strcmp(name, "pending")) return pending();
  if (!strcmp(name, "orphans")) return orphans(atoi(words[2]));
  if (!strcmp(name, "exit")) return atoi(words[2]);
  if (!strcmp(name, "die")) return die(atoi(words[2]));
  if (!strcmp(name, "namespace")) return namespace(words + 2);
  if (!strcmp(name, "environment")) return environment(words + 2);
  if (!strcmp(name, "capability")) return capability(words[2]);
  if (!strcmp(name, "refuse")) return refuse(words + 2);
  if (!strcmp(name, "push")) return push(words[2]);
  if (!strcmp(name, "become")) return become(words + 2);
  if (!strcmp(name, "freeze")) return freeze(atoi(words[2]));
  fprintf(stderr, "probe: no such subcommand\n");
  return 99;
}

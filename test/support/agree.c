/*
 * Starts a program as each of many user-specs, and tells who it has become: a static program, at the top of a file system of
 * its own. Reads the user-specs from standard input, a NUL after each.
 *   agree PROGRAM ARGUMENT0 [WORD ...]    runs PROGRAM with these words, a user-spec, and this program as the command
 *   agree                                  the command: tells who it is
 * Each run is a record on standard output, a NUL after it: what the command has told; nothing where it did not run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(99);
}

static int tell(void) {
  static gid_t groups[65536];
  uid_t u[3];
  gid_t g[3];
  getresuid(&u[0], &u[1], &u[2]);
  getresgid(&g[0], &g[1], &g[2]);
  int count = getgroups(65536, groups);
  printf("%u,%u,%u %u,%u,%u ", u[0], u[1], u[2], g[0], g[1], g[2]);
  /* The kernel sorts them. One that is there twice is one. */
  for (int i = 0; i < count; i++)
    if (i == 0 || groups[i] != groups[i - 1]) printf(i ? ",%u" : "%u", groups[i]);
  const char *home = getenv("HOME");
  printf(" %s", home ? home : "(unset)");
  return 0;
}

static void run(int count, char **words, char *spec) {
  char *argv[16];
  int at = 0, ends[2], status;
  for (int i = 2; i < count; i++) argv[at++] = words[i];
  argv[at++] = spec;
  argv[at++] = "/agree";
  argv[at] = NULL;
  char *environment[] = {"HOME=/outside", "PATH=/", NULL};
  if (pipe(ends) < 0) fail("pipe");
  pid_t child = vfork();
  if (child < 0) fail("vfork");
  if (child == 0) {
    dup2(ends[1], 1);
    close(ends[0]);
    close(ends[1]);
    execve(words[1], argv, environment);
    _exit(98);
  }
  close(ends[1]);
  char buffer[65536];
  ssize_t got;
  while ((got = read(ends[0], buffer, sizeof buffer)) > 0) fwrite(buffer, 1, (size_t)got, stdout);
  close(ends[0]);
  if (waitpid(child, &status, 0) < 0) fail("waitpid");
  /* What did not run says nothing, and what ran ends well. A program that a signal ended is no refusal. */
  if (WIFSIGNALED(status) || WEXITSTATUS(status) == 98 || WEXITSTATUS(status) == 99) printf("ended with %d", status);
  putchar(0);
}

int main(int count, char **words) {
  if (count == 1) return tell();
  /* As an engine starts root: whoever is to be root already is it, in the one group. */
  gid_t root = 0;
  if (setgroups(1, &root) < 0) fail("setgroups");
  char *spec = NULL;
  size_t room = 0;
  /* What the programs say of errors is not compared. */
  int null = open("/null", O_WRONLY | O_CREAT, 0666);
  if (null < 0) fail("/null");
  if (dup2(null, 2) < 0) fail("dup2");
  while (getdelim(&spec, &room, 0, stdin) > 0) run(count, words, spec);
  return 0;
}

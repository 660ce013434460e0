/*
 * For the build that measures: the compiler calls this at the start of every function, and what runs for the first time in a
 * process is appended to a file, as its place in the executable in 4 bytes. The file is there before the container is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UNWATCHED __attribute__((no_instrument_function))
/* More than the code has bytes. */
#define MOST (1 << 21)

extern const char __ehdr_start[];

UNWATCHED void __cyg_profile_func_enter(void *function, void *caller) {
  static uint8_t seen[MOST / 8];
  uint32_t place = (uint32_t)((const char *)function - __ehdr_start);
  (void)caller;
  if (place >= MOST || (seen[place / 8] & (1 << place % 8))) return;
  seen[place / 8] |= (uint8_t)(1 << place % 8);
  /* The function that is entered may be about to read errno. */
  int before = errno;
  long fd = syscall(SYS_openat, AT_FDCWD, "/reached/static", O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd >= 0) {
    /* What is not written is not counted, which the report shows. */
    long unused = syscall(SYS_write, fd, &place, sizeof place);
    (void)unused;
    syscall(SYS_close, fd);
  }
  errno = before;
}

UNWATCHED void __cyg_profile_func_exit(void *function, void *caller) {
  (void)function;
  (void)caller;
}

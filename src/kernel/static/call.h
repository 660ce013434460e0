/*
 * What the functions of the static executable that make system calls have in common.
 *
 * System calls are made directly, not through musl: its wrappers for IDs and signals provide for threads, which do not exist
 * here, and reserve three real-time signals, which have to be forwarded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A TypeScript buffer, which the kernel may write to. */
typedef const uint8_t *bytes;

/* A value of 0 or more, or -errno; exact, since no result of these calls reaches 2^53. */
#define CALL(...) answer(syscall(__VA_ARGS__))

static inline double answer(long value) {
  return (double)(value < 0 ? -errno : value);
}

/* Ends the program with a line that says what is wrong with it. */
_Noreturn void die(const char *why);

/* A TypeScript number as an argument for the kernel. A number that is not whole is a mistake in tsgosu, and ends it. */
static inline long whole(double value) {
  if (!(value >= -9007199254740992.0 && value <= 9007199254740992.0) || (double)(long)value != value)
    die("a system call was given what is not a whole number");
  return (long)value;
}

/* An empty buffer stands for NULL. */
static inline void *address(bytes buffer, size_t size) {
  return size == 0 ? NULL : (void *)buffer;
}

/*
 * What the functions of the static executable have in common that make a system call.
 *
 * System calls are made directly, not through musl: its wrappers for IDs and signals care for threads, of which there
 * are none here, and keep three real-time signals for themselves, which have to be forwarded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A buffer of TypeScript's, which the kernel may write to. */
typedef const uint8_t *bytes;

/* A value of 0 or more, or -errno; exact, since no answer of the kernel's to these calls reaches 2^53. */
#define CALL(...) answer(syscall(__VA_ARGS__))

static inline double answer(long value) {
  return (double)(value < 0 ? -errno : value);
}

/* Ends the program with a line that says what is wrong with it. */
_Noreturn void die(const char *why);

/* A number of TypeScript's as a word for the kernel. What is not a whole number is a mistake of ours, and no word. */
static inline long whole(double value) {
  if (!(value >= -9007199254740992.0 && value <= 9007199254740992.0) || (double)(long)value != value)
    die("a system call was given what is not a whole number");
  return (long)value;
}

/* An empty buffer stands for NULL. */
static inline void *address(bytes buffer, size_t size) {
  return size == 0 ? NULL : (void *)buffer;
}

/*
 * What scriptc's runtime has in full and tsgosu needs in part. A program that reads no environment but through its own door,
 * counts in whole numbers and prints nothing but its own lines has no use for the rest, which would be a fifth of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Says what is wrong with the program, in one line, and ends it (kernel.c). */
_Noreturn void die(const char *why);

/*
 * Nothing but TypeScript decides what the words and the environment mean. The runtime's start would read a word of its own
 * (--scriptc-fork) and set up stdio, and it reads a variable (SCR_CYCLE_THRESHOLD). The runtime's functions are
 * weak when they are linked, so these take their place; the getenv here stands in front of libc's.
 */
void scr_init(void) {}

void scr_lib_init(int count, char **words) {
  (void)count;
  (void)words;
}

char *getenv(const char *name) {
  (void)name;
  return NULL;
}

/* How the program ends that is broken: a line, and the exit code that says that the command did not run. */
void scr_exc_print_uncaught(void) {
  die("an exception that nobody has caught");
}

_Noreturn void scr_trap(const char *why) {
  die(why);
}

_Noreturn void scr_trap_len(const char *why, size_t length) {
  static char line[256];
  if (length >= sizeof line) length = sizeof line - 1;
  memcpy(line, why, length);
  line[length] = 0;
  die(line);
}

/* The numbers in such a message are left out: to write them would take a fifth of libc. */
_Noreturn void scr_trap_fmt(const char *format, ...) {
  die(format);
}

_Noreturn void abort(void) {
  die("the runtime has found itself broken");
}

/* A whole number in decimal, as JavaScript writes it; the length. tsgosu writes no other number. */
size_t scr_f64_to_str(double value, char *into) {
  char digits[24];
  size_t count = 0, length = 0;
  if (!(value > -9007199254740992.0 && value < 9007199254740992.0) || (double)(int64_t)value != value)
    die("a number that is not whole was to be written");
  uint64_t rest = (uint64_t)(value < 0 ? -value : value);
  do digits[count++] = (char)('0' + rest % 10); while ((rest /= 10) > 0);
  if (value < 0) into[length++] = '-';
  while (count > 0) into[length++] = digits[--count];
  into[length] = 0;
  return length;
}

/*
 * What is called most, a word at a time: the compiler's own library, built to be small, goes byte by byte. The bytes of
 * anything may be read as words of this type, wherever they stand.
 */
typedef uint64_t __attribute__((may_alias, aligned(1))) word;

void *memcpy(void *restrict into, const void *restrict from, size_t length) {
  unsigned char *to = into;
  const unsigned char *source = from;
  for (; length >= sizeof(word); length -= sizeof(word), to += sizeof(word), source += sizeof(word))
    *(word *)to = *(const word *)source;
  while (length-- > 0) *to++ = *source++;
  return into;
}

void *memset(void *into, int value, size_t length) {
  unsigned char *to = into;
  word pattern = 0x0101010101010101u * (unsigned char)value;
  for (; length >= sizeof(word); length -= sizeof(word), to += sizeof(word)) *(word *)to = pattern;
  while (length-- > 0) *to++ = (unsigned char)value;
  return into;
}

int memcmp(const void *some, const void *other, size_t length) {
  const unsigned char *left = some, *right = other;
  for (; length > 0; length--, left++, right++)
    if (*left != *right) return *left - *right;
  return 0;
}

int bcmp(const void *some, const void *other, size_t length) {
  return memcmp(some, other, length);
}

/*
 * The runtime formats what it says when it finds itself broken, or the program out of range, and nothing else. The words
 * without what would stand in them are enough there, and printf is a tenth of the whole executable: the program ends.
 */
static int literal(const char *format) {
  if (strchr(format, '%')) die(format);
  return (int)strlen(format);
}

int snprintf(char *into, size_t size, const char *format, ...) {
  int length = literal(format);
  if (size > (size_t)length) memcpy(into, format, (size_t)length + 1);
  else if (size > 0) die(format);
  return length;
}

static int say(const char *text, size_t length) {
  return write(2, text, length) < 0 ? -1 : 0;
}

int vfprintf(FILE *stream, const char *format, va_list words) {
  (void)stream;
  (void)words;
  return say(format, (size_t)literal(format));
}

int fprintf(FILE *stream, const char *format, ...) {
  (void)stream;
  return say(format, (size_t)literal(format));
}

int fputs(const char *text, FILE *stream) {
  (void)stream;
  return say(text, strlen(text));
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *stream) {
  (void)stream;
  return say(from, size * count) < 0 ? 0 : count;
}

int fflush(FILE *stream) {
  (void)stream;
  return 0;
}

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

/*
 * Nothing but TypeScript decides what the words and the environment mean. The runtime would read a word of its own
 * (--scriptc-fork) and a variable (SCR_CYCLE_THRESHOLD): the build puts the first function in place of the one, and this getenv
 * stands in front of libc's for the other.
 */
void kernel_no_runtime_words(void) {}

char *getenv(const char *name) {
  (void)name;
  return NULL;
}

/* A whole number in decimal, as JavaScript writes it; the length. Every number in tsgosu is whole, and below 2^53. */
size_t scr_f64_to_str(double value, char *into) {
  char digits[24];
  size_t count = 0, length = 0;
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

/* The runtime formats what it says when it finds itself broken, or the program out of range: the bare words will do. */
int snprintf(char *into, size_t size, const char *format, ...) {
  size_t length = strlen(format);
  if (size == 0) return (int)length;
  if (length >= size) length = size - 1;
  memcpy(into, format, length);
  into[length] = 0;
  return (int)length;
}

static int say(const char *text) {
  return write(2, text, strlen(text)) < 0 ? -1 : 0;
}

int vfprintf(FILE *stream, const char *format, va_list words) {
  (void)stream;
  (void)words;
  return say(format);
}

int fprintf(FILE *stream, const char *format, ...) {
  (void)stream;
  return say(format);
}

int fputs(const char *text, FILE *stream) {
  (void)stream;
  return say(text);
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *stream) {
  (void)stream;
  return write(2, from, size * count) < 0 ? 0 : count;
}

int fflush(FILE *stream) {
  (void)stream;
  return 0;
}

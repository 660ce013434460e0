/*
 * Three large functions of scriptc's runtime and of libc, of which tsgosu needs only a small part. The linker's --wrap leads their
 * callers here (scripts/build-static.ts). Anything outside that part ends the program with a line that says so.
 *
 *   scr_f64_to_str            writes any number as JavaScript does; its tables and code are 13.2 kB.
 *   snprintf and vsnprintf    write the messages of the runtime's errors; printf is 13.2 kB.
 *
 * Neither replacement changes the start time or an init's memory by more than the measurement's noise.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Ends the program with a line that says what is wrong with it (kernel.c). */
_Noreturn void die(const char *why);

/* Writes a whole number in decimal, as JavaScript does, and a NUL; returns the length. `into` has room for 32 bytes. */
size_t __wrap_scr_f64_to_str(double value, char *into) {
  char digits[24];
  size_t count = 0, length = 0;
  /* NaN is in no range. Number.MAX_SAFE_INTEGER is 2^53 - 1. */
  if (!(value > -9007199254740992.0 && value < 9007199254740992.0) || (double)(int64_t)value != value)
    die("cannot write a number that is not a whole number below 2^53");
  uint64_t rest = (uint64_t)(value < 0 ? -value : value);
  do digits[count++] = (char)('0' + rest % 10); while ((rest /= 10) > 0);
  if (value < 0) into[length++] = '-';
  while (count > 0) into[length++] = digits[--count];
  into[length] = 0;
  return length;
}

/*
 * Copies a message without directives. A message with directives ends the program with that message, in which the values of
 * the directives are missing.
 */
int __wrap_vsnprintf(char *into, size_t size, const char *format, va_list values) {
  (void)values;
  size_t length = strlen(format);
  if (strchr(format, '%') || length >= size) die(format);
  memcpy(into, format, length + 1);
  return (int)length;
}

int __wrap_snprintf(char *into, size_t size, const char *format, ...) {
  va_list values;
  va_start(values, format);
  int length = __wrap_vsnprintf(into, size, format, values);
  va_end(values);
  return length;
}

/*
 * The start and the fatal errors of the static executable, in place of those of scriptc's runtime.
 *
 * The main function that scriptc generates calls scr_init and scr_lib_init, runs the program, and calls
 * scr_exc_print_uncaught if it did not catch an exception. The runtime's own functions of these names set up stdio, register
 * exit handlers, read a word of the command line (--scriptc-fork=) and print to stdio. A program that starts another one must
 * have no such word and no such output of its own. The build (scripts/build-static.ts) therefore compiles the runtime as
 * scriptc compiles it for libraries: the first two functions do not exist there, and every fatal error goes to a function that
 * the library's host has registered. This file is the host. If a function of the runtime or of libc exists but must not be
 * called, the linker's --wrap leads its callers to the function with the prefix __wrap_ here.
 */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "call.h"

/* From scr_runtime.h of scriptc's runtime, in its version for libraries. */
typedef void (*ScrLibSinkFn)(void *context, const uint8_t *message, size_t length, uint64_t address);
void scr_library_set_sink(ScrLibSinkFn sink, void *context);
void scr_library_check_exc(void);
/* A library may replace the texts of the runtime's errors. This one replaces none. */
const char *const scr_library_trap_overlays[] = {NULL};
const size_t scr_library_trap_overlays_len = 0;

/*
 * Every fatal error of the runtime ends here: an uncaught exception, an index out of range, no memory. The message is one line
 * of text between a byte 0x01 and a byte 0x1f, followed by a code and a symbol, which are of no use here.
 */
static void end_with(void *context, const uint8_t *message, size_t length, uint64_t address) {
  (void)context;
  (void)address;
  static char line[512];
  size_t count = 0;
  if (length > 0 && *message == 0x01) message++, length--;
  for (; count < length && count < sizeof line - 1 && message[count] != 0x1f && message[count] != '\n'; count++)
    line[count] = (char)message[count];
  line[count] = 0;
  die(line);
}

/*
 * Makes the memory that the linker marked for it (PT_GNU_RELRO) read-only: addresses that were written when the program was
 * relocated, and that nothing writes to later. In a program with an interpreter, the dynamic linker does this. musl's start code
 * of a static program relocates it but leaves the memory writable.
 */
static void protect_relocated(void) {
  const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
  size_t count = getauxval(AT_PHNUM);
  uintptr_t page = getauxval(AT_PAGESZ), base = 0;
  for (size_t at = 0; at < count; at++)
    if (headers[at].p_type == PT_PHDR) base = (uintptr_t)headers - headers[at].p_vaddr;
  for (size_t at = 0; at < count; at++) {
    if (headers[at].p_type != PT_GNU_RELRO) continue;
    uintptr_t start = (base + headers[at].p_vaddr) & -page;
    uintptr_t end = (base + headers[at].p_vaddr + headers[at].p_memsz) & -page;
    /* As in musl's dynamic linker, a kernel without mprotect is no reason to stop, but any other refusal is. */
    if (start < end && mprotect((void *)start, end - start, PROT_READ) < 0 && errno != ENOSYS)
      die("the kernel refuses to make relocated memory read-only (mprotect)");
  }
}

/* Called first by the generated main. */
void scr_init(void) {
  scr_library_set_sink(end_with, NULL);
  protect_relocated();
}

/* Called next by the generated main. TypeScript reads the command line's words from the kernel's copy. */
void scr_lib_init(int count, char **words) {
  (void)count;
  (void)words;
}

/* Called by the generated main at its end if there is an uncaught exception: it becomes a fatal error. */
void __wrap_scr_exc_print_uncaught(void) {
  scr_library_check_exc();
}

/* The runtime calls abort if it cannot even report an error. As PID 1, tsgosu would survive SIGABRT, which nobody handles. */
_Noreturn void __wrap_abort(void) {
  die("the runtime found itself broken");
}

/* The runtime reads a variable of its own (SCR_CYCLE_THRESHOLD). The environment belongs to the command. */
char *__wrap_getenv(const char *name) {
  (void)name;
  return NULL;
}

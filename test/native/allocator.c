/*
 * The static executable's own allocator, with what AddressSanitizer has to be told to watch over it: what is not handed
 * out, or no longer, may not be touched, and that includes the allocator's headers before each block. The linker's --wrap
 * leads the callers of malloc and its like here. Whatever the allocator itself does wrong ends the program.
 */
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The allocator may touch all of its memory. This file is not instrumented, but the functions of libc would be. */
static void *plain_memset(void *into, int byte, size_t length) {
  for (volatile unsigned char *at = into; length > 0; length--) *at++ = (unsigned char)byte;
  return into;
}

static void *plain_memcpy(void *into, const void *from, size_t length) {
  volatile unsigned char *to = into;
  for (const unsigned char *at = from; length > 0; length--) *to++ = *at++;
  return into;
}

static void *watched_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  void *memory = mmap(at, length, protection, flags, fd, offset);
  if (memory != MAP_FAILED) __asan_poison_memory_region(memory, length);
  return memory;
}

static int watched_munmap(void *memory, size_t length) {
  __asan_unpoison_memory_region(memory, length);
  return munmap(memory, length);
}

#define malloc own_malloc
#define calloc own_calloc
#define free own_free
#define realloc own_realloc
#define memset plain_memset
#define memcpy plain_memcpy
#define mmap watched_mmap
#define munmap watched_munmap
void *own_malloc(size_t length);
void *own_calloc(size_t count, size_t each);
void own_free(void *memory);
void *own_realloc(void *memory, size_t length);
#include "../../src/kernel/static/malloc.c"
#undef malloc
#undef calloc
#undef free
#undef realloc
#undef memset
#undef memcpy
#undef mmap
#undef munmap

static void wrong(const char *what) {
  fprintf(stderr, "the allocator: %s\n", what);
  abort();
}

__attribute__((constructor)) static void watch(void) {
  __asan_poison_memory_region(arena, sizeof arena);
}

static size_t room_of(void *memory) {
  return ((struct header *)memory - 1)->size - sizeof(struct header);
}

/* Memory that is handed out is aligned, large enough, and nobody else's. */
static void *handed_out(void *memory, size_t length) {
  if (!memory) return NULL;
  if ((uintptr_t)memory % 16 != 0) wrong("a block is not aligned");
  if (room_of(memory) < length) wrong("a block is smaller than was asked for");
  for (size_t at = 0; at < length; at += 8)
    if (!__asan_address_is_poisoned((char *)memory + at)) wrong("a block is handed out that is in use, or not the allocator's");
  __asan_unpoison_memory_region(memory, length > 0 ? length : 1);
  return memory;
}

static void take_back(void *memory, size_t room) {
  __asan_poison_memory_region(memory, room);
}

void *__wrap_malloc(size_t length) {
  void *memory = handed_out(own_malloc(length), length);
  /* What malloc hands out may hold anything. */
  if (memory) plain_memset(memory, 0xa5, length);
  return memory;
}

void *__wrap_calloc(size_t count, size_t each) {
  char *memory = handed_out(own_calloc(count, each), count * each);
  for (size_t at = 0; memory && at < count * each; at++)
    if (memory[at] != 0) wrong("what calloc hands out is not zero");
  return memory;
}

void __wrap_free(void *memory) {
  if (!memory) return;
  if (__asan_address_is_poisoned(memory)) wrong("a block is freed that is not in use");
  size_t room = room_of(memory);
  if (room <= size_of(LARGEST) - sizeof(struct header)) {
    plain_memset(memory, 0x5a, room);
    take_back(memory, room);
  }
  own_free(memory);
}

void *__wrap_realloc(void *memory, size_t length) {
  if (!memory) return __wrap_malloc(length);
  if (__asan_address_is_poisoned(memory)) wrong("a block is made larger that is not in use");
  size_t room = room_of(memory);
  if (length <= room) {
    if (own_realloc(memory, length) != memory) wrong("a block with room for more is moved");
    take_back(memory, room);
    __asan_unpoison_memory_region(memory, length > 0 ? length : 1);
    return memory;
  }
  void *larger = handed_out(own_realloc(memory, length), length);
  if (larger && room <= size_of(LARGEST) - sizeof(struct header)) take_back(memory, room);
  return larger;
}

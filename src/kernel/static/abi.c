/*
 * What of the kernel's interface differs from one architecture to another, read from the kernel's headers for the one that this
 * is compiled for; and what TypeScript takes for granted about the kernel's structures, which is held to the same headers here.
 * (constants.c does that for the numbers.) Only the kernel's headers are used: libc has structures of its own.
 */
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/statfs.h>
#include <asm/termbits.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <stddef.h>
#include <stdint.h>

/* On a 32-bit machine setresuid(2) and its like take 16 bits, so that UID 65536 would become root, and every structure differs. */
_Static_assert(sizeof(void *) == 8 && sizeof(long) == 8,
               "tsgosu is not made for 32-bit machines, where the kernel cuts UIDs above 65535: build for a 64-bit one");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, "an unknown byte order");

/* TypeScript writes and reads a field at this offset, with this length. */
#define FIELD(type, field, offset, length)                                                            \
  _Static_assert(offsetof(type, field) == (offset) && sizeof(((type *)0)->field) == (length), #type ": " #field)

/* statOf, and descriptors.ts */
_Static_assert(sizeof(struct statx) == 256, "struct statx");
FIELD(struct statx, stx_mask, 0, 4);
FIELD(struct statx, stx_nlink, 16, 4);
FIELD(struct statx, stx_uid, 20, 4);
FIELD(struct statx, stx_gid, 24, 4);
FIELD(struct statx, stx_mode, 28, 2);
FIELD(struct statx, stx_ino, 32, 8);
FIELD(struct statx, stx_size, 40, 8);
FIELD(struct statx, stx_ctime.tv_sec, 96, 8);
FIELD(struct statx, stx_ctime.tv_nsec, 104, 4);
FIELD(struct statx, stx_rdev_major, 128, 4);
FIELD(struct statx, stx_rdev_minor, 132, 4);
FIELD(struct statx, stx_dev_major, 136, 4);
FIELD(struct statx, stx_dev_minor, 140, 4);
FIELD(struct statx, stx_mnt_id, 144, 8);
_Static_assert((STATX_BASIC_STATS | STATX_MNT_ID) == 0x17ff && STATX_MNT_ID == 0x1000, "the mask of statx");

/* openHow */
_Static_assert(sizeof(struct open_how) == 24, "struct open_how");
FIELD(struct open_how, flags, 0, 8);
FIELD(struct open_how, mode, 8, 8);
FIELD(struct open_how, resolve, 16, 8);

/* isReadOnlyMount */
_Static_assert(sizeof(struct statfs) <= 120, "struct statfs");

/* capabilityHeader, capabilityData */
_Static_assert(_LINUX_CAPABILITY_VERSION_3 == 0x20080522 && _LINUX_CAPABILITY_U32S_3 == 2, "the version of capget");
_Static_assert(sizeof(struct __user_cap_header_struct) == 8 && sizeof(struct __user_cap_data_struct) == 12, "capget");
FIELD(struct __user_cap_header_struct, version, 0, 4);
FIELD(struct __user_cap_data_struct, effective, 0, 4);
FIELD(struct __user_cap_data_struct, permitted, 4, 4);
FIELD(struct __user_cap_data_struct, inheritable, 8, 4);

/* signalSet: one number of 64 bits, whose bit N is signal N + 1 */
_Static_assert(sizeof(sigset_t) == sizeof(long), "the kernel's signal set");

/* ignoring: the handler comes first, and all zeros is the default disposition */
_Static_assert(sizeof(struct sigaction) <= 32 && offsetof(struct sigaction, sa_handler) == 0, "struct sigaction");
_Static_assert(sizeof(((struct sigaction *)0)->sa_handler) == 8, "the handler in struct sigaction");
_Static_assert(sizeof(siginfo_t) == 128, "siginfo_t");

/* timespecOf, millisecondsOf */
_Static_assert(sizeof(struct __kernel_timespec) == 16, "struct timespec");
FIELD(struct __kernel_timespec, tv_sec, 0, 8);
FIELD(struct __kernel_timespec, tv_nsec, 8, 8);

/* wholeFileLock: where the lock begins, and how long it is, may stay 0 */
_Static_assert(sizeof(struct flock) == 32, "struct flock");
FIELD(struct flock, l_type, 0, 2);
FIELD(struct flock, l_whence, 2, 2);

/* isatty gives the kernel 64 bytes for this. */
_Static_assert(sizeof(struct termios) <= 64, "struct termios");

double kernel_O_NOFOLLOW(void) {
  return O_NOFOLLOW;
}

double kernel_TCGETS(void) {
  return TCGETS;
}

double kernel_TIOCGPGRP(void) {
  return TIOCGPGRP;
}

double kernel_TIOCSPGRP(void) {
  return TIOCSPGRP;
}

/* All the flags that there are fit into the lower half of a field of 64 bits. */
double kernel_statfs_flags(void) {
  size_t length = sizeof(((struct statfs *)0)->f_flags);
  return offsetof(struct statfs, f_flags) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? length - 4 : 0);
}

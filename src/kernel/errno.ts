// The errors the kernel returns (errno(3)). Their numbers are the same on every architecture that tsgosu is built for: the
// compiler holds them to the headers of each (static/constants.c).

export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
export const E2BIG = 7;
export const EIO = 5;
export const ENOEXEC = 8;
export const EBADF = 9;
export const ECHILD = 10;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EBUSY = 16;
export const EXDEV = 18;
export const ENOTDIR = 20;
export const EISDIR = 21;
export const EINVAL = 22;
export const ENFILE = 23;
export const EMFILE = 24;
export const ETXTBSY = 26;
export const EFBIG = 27;
export const ENOSPC = 28;
export const EROFS = 30;
export const EPIPE = 32;
export const ENAMETOOLONG = 36;
export const ENOSYS = 38;
export const ELOOP = 40;
export const ENODATA = 61;
export const ELIBBAD = 80;
export const EOPNOTSUPP = 95;
export const EDQUOT = 122;

/** What an errno means, in the words of strerror(3). */
export function errorText(errno: number): string {
  switch (errno) {
    case EPERM:
      return "operation not permitted";
    case ENOENT:
      return "no such file or directory";
    case ESRCH:
      return "no such process";
    case EINTR:
      return "interrupted";
    case EIO:
      return "input/output error";
    case E2BIG:
      return "argument list too long";
    case ENOEXEC:
      return "exec format error";
    case EBADF:
      return "bad file descriptor";
    case ECHILD:
      return "no child processes";
    case EAGAIN:
      return "resource temporarily unavailable";
    case ENOMEM:
      return "out of memory";
    case EACCES:
      return "permission denied";
    case EBUSY:
      return "device or resource busy";
    case EXDEV:
      return "invalid cross-device link";
    case ENOTDIR:
      return "not a directory";
    case EISDIR:
      return "is a directory";
    case EINVAL:
      return "invalid argument";
    case ENFILE:
      return "too many open files in the system";
    case EMFILE:
      return "too many open files";
    case ETXTBSY:
      return "file is being written to";
    case EFBIG:
      return "file too large";
    case ENOSPC:
      return "no space left on device";
    case EROFS:
      return "read-only file system";
    case EPIPE:
      return "broken pipe";
    case ENAMETOOLONG:
      return "file name too long";
    case ENOSYS:
      return "unknown to this kernel";
    case ELOOP:
      return "too many levels of symbolic links";
    case ENODATA:
      return "no data";
    case ELIBBAD:
      return "corrupted shared library";
    case EOPNOTSUPP:
      return "operation not supported";
    case EDQUOT:
      return "disk quota exceeded";
    default:
      return `error ${errno}`;
  }
}

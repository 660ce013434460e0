/* Written by scripts/calls.ts from src/kernel/calls.ts. Change that file, and run `npm run calls`. */
#include "call.h"

double kernel_openat(double directory, bytes path, size_t path_size, double flags, double mode) {
  return CALL(SYS_openat, whole(directory), address(path, path_size), whole(flags), whole(mode));
}

double kernel_openat2(double directory, bytes path, size_t path_size, bytes how, size_t how_size, double length) {
  return CALL(SYS_openat2, whole(directory), address(path, path_size), address(how, how_size), whole(length));
}

double kernel_close(double fd) {
  return CALL(SYS_close, whole(fd));
}

double kernel_close_range(double first, double last, double flags) {
  return CALL(SYS_close_range, whole(first), whole(last), whole(flags));
}

double kernel_read(double fd, bytes into, size_t into_size, double length) {
  return CALL(SYS_read, whole(fd), address(into, into_size), whole(length));
}

double kernel_lseek(double fd, double offset, double whence) {
  return CALL(SYS_lseek, whole(fd), whole(offset), whole(whence));
}

double kernel_write(double fd, bytes from, size_t from_size, double length) {
  return CALL(SYS_write, whole(fd), address(from, from_size), whole(length));
}

double kernel_pwrite64(double fd, bytes from, size_t from_size, double length, double offset) {
  return CALL(SYS_pwrite64, whole(fd), address(from, from_size), whole(length), whole(offset));
}

double kernel_fsync(double fd) {
  return CALL(SYS_fsync, whole(fd));
}

double kernel_ftruncate(double fd, double length) {
  return CALL(SYS_ftruncate, whole(fd), whole(length));
}

double kernel_flock(double fd, double operation) {
  return CALL(SYS_flock, whole(fd), whole(operation));
}

double kernel_fcntl(double fd, double command, bytes argument, size_t argument_size) {
  return CALL(SYS_fcntl, whole(fd), whole(command), address(argument, argument_size));
}

double kernel_ioctl(double fd, double request, bytes argument, size_t argument_size) {
  return CALL(SYS_ioctl, whole(fd), whole(request), address(argument, argument_size));
}

double kernel_statx(double directory, bytes path, size_t path_size, double flags, double mask, bytes into, size_t into_size) {
  return CALL(SYS_statx, whole(directory), address(path, path_size), whole(flags), whole(mask), address(into, into_size));
}

double kernel_statfs(bytes path, size_t path_size, bytes into, size_t into_size) {
  return CALL(SYS_statfs, address(path, path_size), address(into, into_size));
}

double kernel_faccessat(double directory, bytes path, size_t path_size, double mode) {
  return CALL(SYS_faccessat, whole(directory), address(path, path_size), whole(mode));
}

double kernel_faccessat2(double directory, bytes path, size_t path_size, double mode, double flags) {
  return CALL(SYS_faccessat2, whole(directory), address(path, path_size), whole(mode), whole(flags));
}

double kernel_fchown(double fd, double uid, double gid) {
  return CALL(SYS_fchown, whole(fd), whole(uid), whole(gid));
}

double kernel_fchownat(double directory, bytes path, size_t path_size, double uid, double gid, double flags) {
  return CALL(SYS_fchownat, whole(directory), address(path, path_size), whole(uid), whole(gid), whole(flags));
}

double kernel_fchmodat(double directory, bytes path, size_t path_size, double mode) {
  return CALL(SYS_fchmodat, whole(directory), address(path, path_size), whole(mode));
}

double kernel_getdents64(double fd, bytes into, size_t into_size, double length) {
  return CALL(SYS_getdents64, whole(fd), address(into, into_size), whole(length));
}

double kernel_readlinkat(double directory, bytes path, size_t path_size, bytes into, size_t into_size, double length) {
  return CALL(SYS_readlinkat, whole(directory), address(path, path_size), address(into, into_size), whole(length));
}

double kernel_renameat2(double fromDir, bytes from, size_t from_size, double toDir, bytes to, size_t to_size, double flags) {
  return CALL(SYS_renameat2, whole(fromDir), address(from, from_size), whole(toDir), address(to, to_size), whole(flags));
}

double kernel_unlinkat(double directory, bytes path, size_t path_size, double flags) {
  return CALL(SYS_unlinkat, whole(directory), address(path, path_size), whole(flags));
}

double kernel_getxattr(bytes path, size_t path_size, bytes name, size_t name_size, bytes into, size_t into_size, double length) {
  return CALL(SYS_getxattr, address(path, path_size), address(name, name_size), address(into, into_size), whole(length));
}

double kernel_setxattr(bytes path, size_t path_size, bytes name, size_t name_size, bytes value, size_t value_size, double length, double flags) {
  return CALL(SYS_setxattr, address(path, path_size), address(name, name_size), address(value, value_size), whole(length), whole(flags));
}

double kernel_listxattr(bytes path, size_t path_size, bytes into, size_t into_size, double length) {
  return CALL(SYS_listxattr, address(path, path_size), address(into, into_size), whole(length));
}

double kernel_chdir(bytes path, size_t path_size) {
  return CALL(SYS_chdir, address(path, path_size));
}

double kernel_umask(double mask) {
  return CALL(SYS_umask, whole(mask));
}

double kernel_getresuid(bytes real, size_t real_size, bytes effective, size_t effective_size, bytes saved, size_t saved_size) {
  return CALL(SYS_getresuid, address(real, real_size), address(effective, effective_size), address(saved, saved_size));
}

double kernel_getresgid(bytes real, size_t real_size, bytes effective, size_t effective_size, bytes saved, size_t saved_size) {
  return CALL(SYS_getresgid, address(real, real_size), address(effective, effective_size), address(saved, saved_size));
}

double kernel_getgroups(double most, bytes into, size_t into_size) {
  return CALL(SYS_getgroups, whole(most), address(into, into_size));
}

double kernel_setresuid(double real, double effective, double saved) {
  return CALL(SYS_setresuid, whole(real), whole(effective), whole(saved));
}

double kernel_setresgid(double real, double effective, double saved) {
  return CALL(SYS_setresgid, whole(real), whole(effective), whole(saved));
}

double kernel_setgroups(double count, bytes gids, size_t gids_size) {
  return CALL(SYS_setgroups, whole(count), address(gids, gids_size));
}

double kernel_capget(bytes header, size_t header_size, bytes data, size_t data_size) {
  return CALL(SYS_capget, address(header, header_size), address(data, data_size));
}

double kernel_capset(bytes header, size_t header_size, bytes data, size_t data_size) {
  return CALL(SYS_capset, address(header, header_size), address(data, data_size));
}

double kernel_prctl(double option, double second, double third, double fourth, double fifth) {
  return CALL(SYS_prctl, whole(option), whole(second), whole(third), whole(fourth), whole(fifth));
}

double kernel_prctl_into(double option, bytes into, size_t into_size) {
  return CALL(SYS_prctl, whole(option), address(into, into_size));
}

double kernel_getpid(void) {
  return CALL(SYS_getpid);
}

double kernel_getppid(void) {
  return CALL(SYS_getppid);
}

double kernel_getpgid(double pid) {
  return CALL(SYS_getpgid, whole(pid));
}

double kernel_setpgid(double pid, double group) {
  return CALL(SYS_setpgid, whole(pid), whole(group));
}

double kernel_getsid(double pid) {
  return CALL(SYS_getsid, whole(pid));
}

double kernel_setsid(void) {
  return CALL(SYS_setsid);
}

double kernel_kill(double pid, double signal) {
  return CALL(SYS_kill, whole(pid), whole(signal));
}

double kernel_wait4(double pid, bytes status, size_t status_size, double options, bytes usage, size_t usage_size) {
  return CALL(SYS_wait4, whole(pid), address(status, status_size), whole(options), address(usage, usage_size));
}

double kernel_rt_sigaction(double signal, bytes action, size_t action_size, bytes old, size_t old_size, double setLength) {
  return CALL(SYS_rt_sigaction, whole(signal), address(action, action_size), address(old, old_size), whole(setLength));
}

double kernel_rt_sigprocmask(double how, bytes set, size_t set_size, bytes old, size_t old_size, double setLength) {
  return CALL(SYS_rt_sigprocmask, whole(how), address(set, set_size), address(old, old_size), whole(setLength));
}

double kernel_rt_sigtimedwait(bytes set, size_t set_size, bytes info, size_t info_size, bytes timeout, size_t timeout_size, double setLength) {
  return CALL(SYS_rt_sigtimedwait, address(set, set_size), address(info, info_size), address(timeout, timeout_size), whole(setLength));
}

double kernel_clock_gettime(double clock, bytes into, size_t into_size) {
  return CALL(SYS_clock_gettime, whole(clock), address(into, into_size));
}

double kernel_execve(bytes path, size_t path_size, double words, double environment) {
  return CALL(SYS_execve, address(path, path_size), whole(words), whole(environment));
}

double kernel_exit_group(double code) {
  return CALL(SYS_exit_group, whole(code));
}

double kernel_madvise(double address, double length, double advice) {
  return CALL(SYS_madvise, whole(address), whole(length), whole(advice));
}

double kernel_ppoll(bytes fds, size_t fds_size, double count, bytes limit, size_t limit_size, bytes mask, size_t mask_size, double setLength) {
  return CALL(SYS_ppoll, address(fds, fds_size), whole(count), address(limit, limit_size), address(mask, mask_size), whole(setLength));
}

double kernel_pipe2(bytes fds, size_t fds_size, double flags) {
  return CALL(SYS_pipe2, address(fds, fds_size), whole(flags));
}

double kernel_tee(double from, double to, double length, double flags) {
  return CALL(SYS_tee, whole(from), whole(to), whole(length), whole(flags));
}

// The Linux calls that Swift's Glibc module does not carry, one C function each and no decisions.
// Each returns what its system call returns: -1 and errno on failure.
#ifndef CLINUX_H
#define CLINUX_H

#include "CrashHandler.h"

#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include <sys/socket.h>

#include "Confinement.h"

int clinux_accept(int listener, struct sockaddr *address, socklen_t *length);     // accept4(2)
// setsockopt(2) SO_ATTACH_FILTER: every SYN is dropped from now on
int clinux_refuse_connections(int listener);
int clinux_refuses_connections(int listener);                                     // getsockopt(2) SO_GET_FILTER: 1, 0
int clinux_pending_bytes(int descriptor, int *count);                             // ioctl(2) FIONREAD
int clinux_pipe(int descriptors[2]);                                              // pipe2(2)
int clinux_eventfd(void);                                                         // eventfd(2)
int clinux_signalfd(const int *signals, size_t count);                            // signalfd(2)
// read(2): a signal number, 0: none waits
int clinux_signalfd_read(int descriptor);
int clinux_block_signals(const int *signals, size_t count);                       // sigprocmask(2)
int clinux_unblock_all_signals(void);                                             // sigprocmask(2)
int clinux_ignore_signal(int signal);                                             // sigaction(2)
int clinux_default_signal(int signal);                                            // sigaction(2)

int clinux_pidfd_open(pid_t process);                                             // pidfd_open(2)
int clinux_pidfd_send_signal(int pidfd, int signal);                              // pidfd_send_signal(2)
// waitid(2): 1 ended, 0 still runs; with keep, a child that ended stays to be waited for
int clinux_pidfd_wait(int pidfd, int keep, int *exited, int *status, int *signal);
int clinux_set_name(const char *name);                                            // prctl(2) PR_SET_NAME
int clinux_set_parent_death_signal(int signal);                                   // prctl(2) PR_SET_PDEATHSIG
// prctl(2) PR_SET_PDEATHSIG: SIGTERM to oneself when the parent ends, and SIGKILL by timer_settime(2) that much later
int clinux_end_with_parent(long limit_ms);
int clinux_close_range(unsigned first, unsigned last);                            // close_range(2)
// posix_spawn_file_actions_addclosefrom_np(3)
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);
// posix_spawn_file_actions_addchdir_np(3)
int clinux_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path);
char **clinux_environment(void);                                                  // environ(7)
// mallopt(3) M_MMAP_THRESHOLD, M_TOP_PAD, then so many free bytes whose pages are there; 1, 0 when a number is not
// permitted
int clinux_set_heap_steps(int mapped_bytes, int step_bytes, int ready_bytes);
int clinux_processor_count(void);                                                 // sched_getaffinity(2)

// openat2(2)
int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int clinux_unnamed_file(const char *directory);                                   // open(2) O_TMPFILE
int clinux_temporary_file(char *name_template);                                   // mkostemp(3)
ssize_t clinux_getrandom(void *bytes, size_t count);                              // getrandom(2)

// dl_iterate_phdr(3): the module of a number, 0 if there is none; name is empty for the program itself
int clinux_module(int number, char *name, size_t capacity, uint64_t *base, uint64_t *low, uint64_t *high);
// of the Swift runtime: malloc'ed text, NULL for a name that is no mangled one
char *swift_demangle(const char *mangled, size_t length, char *output, size_t *capacity, uint32_t flags);

// Resolve flags of openat2(2), from linux/openat2.h.
#define CLINUX_RESOLVE_NO_MAGICLINKS 0x02
#define CLINUX_RESOLVE_NO_SYMLINKS 0x04
#define CLINUX_RESOLVE_BENEATH 0x08

// tcsetattr(3), atexit(3): standard input raw and the alternate screen on standard output, until the other or exit(3)
int clinux_screen_enter(void);
void clinux_screen_leave(void);

#define CLINUX_O_PATH 010000000  // O_PATH, from fcntl.h with _GNU_SOURCE

#endif

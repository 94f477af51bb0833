// The tables of system calls that a confined process may make, and the seccomp filter that is made of them.
#define _GNU_SOURCE
#include "CLinux.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "name the architecture of seccomp's data here"
#endif

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

// What serving needs, and what the crash path and the run-time library do to their own process.
static const int serve_calls[] = {
    __NR_read, __NR_write, __NR_readv, __NR_writev, __NR_pread64, __NR_pwrite64, __NR_preadv, __NR_pwritev,
    __NR_preadv2, __NR_pwritev2, __NR_lseek, __NR_close, __NR_fcntl, __NR_dup, __NR_dup3, __NR_pipe2,
    // connections that were accepted
    __NR_accept, __NR_accept4, __NR_recvfrom, __NR_recvmsg, __NR_recvmmsg, __NR_sendto, __NR_sendmsg, __NR_sendmmsg,
    __NR_sendfile, __NR_splice, __NR_shutdown, __NR_getsockname, __NR_getpeername, __NR_getsockopt, __NR_setsockopt,
    __NR_socketpair,
    // waiting
    __NR_epoll_create1, __NR_epoll_ctl, __NR_epoll_pwait, __NR_ppoll, __NR_pselect6, __NR_eventfd2, __NR_signalfd4,
    __NR_timerfd_create, __NR_timerfd_settime, __NR_timerfd_gettime,
    // files, as far as Landlock lets it; nameless ones for what is large
    __NR_openat, __NR_fstat, __NR_newfstatat, __NR_statx, __NR_faccessat, __NR_readlinkat, __NR_getdents64,
    __NR_getcwd, __NR_statfs, __NR_fstatfs, __NR_fadvise64, __NR_readahead, __NR_ftruncate, __NR_fallocate,
    __NR_unlinkat, __NR_flock, __NR_memfd_create,
    // memory; that of other processes only as far as tracing them is allowed
    __NR_process_vm_readv,
    __NR_mmap, __NR_munmap, __NR_mprotect, __NR_madvise, __NR_mremap, __NR_brk, __NR_msync, __NR_mincore, __NR_mlock,
    __NR_munlock, __NR_membarrier,
    // itself
    __NR_futex, __NR_set_robust_list, __NR_get_robust_list, __NR_set_tid_address, __NR_sched_yield,
    __NR_sched_getaffinity, __NR_sched_getparam, __NR_sched_getscheduler, __NR_getpid, __NR_gettid, __NR_getppid,
    __NR_getuid, __NR_geteuid, __NR_getgid, __NR_getegid, __NR_getresuid, __NR_getresgid, __NR_getgroups, __NR_getpgid,
    __NR_getsid, __NR_umask, __NR_uname, __NR_sysinfo, __NR_getrusage, __NR_times, __NR_getrlimit, __NR_setrlimit,
    __NR_prlimit64, __NR_getpriority, __NR_setpriority, __NR_prctl, __NR_exit, __NR_exit_group, __NR_seccomp,
    __NR_getcpu,
    // signals
    __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_rt_sigpending, __NR_rt_sigtimedwait,
    __NR_rt_sigsuspend, __NR_sigaltstack, __NR_kill, __NR_tkill, __NR_tgkill, __NR_restart_syscall,
    // time
    __NR_clock_gettime, __NR_clock_getres, __NR_clock_nanosleep, __NR_nanosleep, __NR_gettimeofday, __NR_getrandom,
    __NR_getitimer, __NR_setitimer, __NR_timer_create, __NR_timer_settime, __NR_timer_gettime, __NR_timer_getoverrun,
    __NR_timer_delete,
    // children that were there before
    __NR_waitid, __NR_wait4,
    // calls that came later than the oldest headers this is built with, and the older forms of x86-64
#ifdef __NR_rseq
    __NR_rseq,
#endif
#ifdef __NR_close_range
    __NR_close_range,
#endif
#ifdef __NR_openat2
    __NR_openat2,
#endif
#ifdef __NR_faccessat2
    __NR_faccessat2,
#endif
#ifdef __NR_epoll_pwait2
    __NR_epoll_pwait2,
#endif
#ifdef __NR_pidfd_open
    __NR_pidfd_open, __NR_pidfd_send_signal,
#endif
#ifdef __NR_landlock_create_ruleset
    __NR_landlock_create_ruleset, __NR_landlock_add_rule, __NR_landlock_restrict_self,
#endif
#ifdef __x86_64__
    __NR_open, __NR_stat, __NR_lstat, __NR_access, __NR_readlink, __NR_unlink, __NR_dup2, __NR_pipe, __NR_poll,
    __NR_select, __NR_epoll_wait, __NR_arch_prctl, __NR_time, __NR_getpgrp, __NR_pause, __NR_alarm,
#endif
};

// What a database does to its files.
static const int file_calls[] = {
    __NR_renameat2, __NR_mkdirat, __NR_linkat, __NR_fsync, __NR_fdatasync, __NR_sync_file_range, __NR_truncate,
    __NR_fchmod, __NR_fchmodat, __NR_fchown, __NR_fchownat, __NR_utimensat, __NR_copy_file_range, __NR_renameat,
#ifdef __x86_64__
    __NR_rename, __NR_mkdir, __NR_rmdir, __NR_link, __NR_chmod, __NR_chown,
#endif
};

// What starting a program takes beside clone(2), Swift's backtracer among them.
static const int program_calls[] = {
    __NR_execve, __NR_execveat, __NR_setpgid, __NR_setsid, __NR_chdir, __NR_fchdir,
#ifdef __x86_64__
    __NR_vfork, __NR_fork,
#endif
};

static const int socket_calls[] = {__NR_socket, __NR_connect, __NR_bind, __NR_listen};

// Calls that nothing beside the keepers of a machine makes: a process that does has been taken over.
static const int keeper_calls[] = {
    __NR_ptrace, __NR_bpf, __NR_init_module, __NR_finit_module, __NR_delete_module, __NR_kexec_load, __NR_reboot,
    __NR_mount, __NR_umount2, __NR_pivot_root, __NR_swapon, __NR_swapoff, __NR_settimeofday, __NR_clock_settime,
    __NR_add_key, __NR_request_key, __NR_keyctl, __NR_userfaultfd, __NR_perf_event_open, __NR_process_vm_writev,
    __NR_setns, __NR_unshare, __NR_acct, __NR_quotactl, __NR_open_by_handle_at,
#ifdef __NR_kexec_file_load
    __NR_kexec_file_load,
#endif
#ifdef __NR_io_uring_setup
    __NR_io_uring_setup, __NR_io_uring_enter, __NR_io_uring_register,
#endif
#ifdef __NR_fsopen
    __NR_fsopen, __NR_fsmount, __NR_move_mount, __NR_open_tree,
#endif
#ifdef __x86_64__
    __NR_iopl, __NR_ioperm,
#endif
};

#define COUNT(table) (sizeof table / sizeof table[0])

enum { most_calls = COUNT(serve_calls) + COUNT(file_calls) + COUNT(socket_calls) + COUNT(program_calls) };

// A set of calls; a call may be named twice.
struct calls {
    int numbers[most_calls];
    size_t count;
};

// At most two instructions a call, and room for the rest.
enum { capacity = 2 * (most_calls + COUNT(keeper_calls)) + 64 };

struct program {
    struct sock_filter code[capacity];
    unsigned short count;
};

static void put(struct program *program, struct sock_filter instruction) {
    if (program->count < capacity) program->code[program->count++] = instruction;
}

static void load(struct program *program, size_t offset) {
    put(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void answer(struct program *program, uint32_t action) {
    put(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

// Skips as many instructions unless the loaded number is this one.
static void unless_equal(struct program *program, uint32_t number, uint8_t skipped) {
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, skipped));
}

static void add(struct calls *calls, const int *numbers, size_t count) {
    for (size_t i = 0; i < count && calls->count < most_calls; i++) calls->numbers[calls->count++] = numbers[i];
}

static int ascending(const void *left, const void *right) {
    return *(const int *)left - *(const int *)right;
}

// Answers the calls of a set, and goes on behind that with all others.
//
// The kernel runs a new filter once for each call there is, to note those that are always allowed, so a start pays for
// the length of the way through it. Numbers that follow each other are one range, the ranges ascend, and the way ends
// at the first one that a number does not lie beyond.
static void answer_set(struct program *program, struct calls *calls, uint32_t action) {
    qsort(calls->numbers, calls->count, sizeof calls->numbers[0], ascending);
    uint32_t first[most_calls], last[most_calls];
    size_t count = 0;
    for (size_t i = 0; i < calls->count; i++) {
        uint32_t number = (uint32_t)calls->numbers[i];
        if (count > 0 && number <= last[count - 1] + 1) {
            last[count - 1] = number;
        } else {
            first[count] = last[count] = number;
            count++;
        }
    }
    // A jump reaches 255 instructions; a program that is too long is not installed.
    if (count == 0 || count > 127) {
        if (count > 0) program->count = capacity;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t to_answer = (uint8_t)(2 * (count - 1 - i));
        uint8_t beyond = i + 1 < count ? 1 : 2;
        put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last[i], beyond, 0));
        put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first[i], to_answer, to_answer + 1));
    }
    answer(program, action);
}

static void answer_keepers(struct program *program, uint32_t action) {
    struct calls keepers = {.count = 0};
    add(&keepers, keeper_calls, COUNT(keeper_calls));
    answer_set(program, &keepers, action);
}

// Calls of another architecture have other numbers: on x86-64 those of 32-bit programs, and x32's above 0x40000000.
static void begin(struct program *program) {
    program->count = 0;
    load(program, offsetof(struct seccomp_data, arch));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0));
    answer(program, SECCOMP_RET_KILL_PROCESS);
    load(program, offsetof(struct seccomp_data, nr));
    // A debugger outside that skips a call makes it number -1; the kernel does nothing then.
    unless_equal(program, UINT32_MAX, 1);
    answer(program, SECCOMP_RET_ALLOW);
#ifdef __x86_64__
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
    answer(program, SECCOMP_RET_KILL_PROCESS);
#endif
}

static int install(struct program *program) {
    if (program->count >= capacity) {
        errno = E2BIG;
        return -1;
    }
    struct sock_fprog code = {.len = program->count, .filter = program->code};
    // With TSYNC all threads get it; a number above 0 names one that could not.
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &code);
    if (result > 0) errno = EBUSY;
    return result == 0 ? 0 : -1;
}

#define REFUSED(code) (SECCOMP_RET_ERRNO | (code))

// The low half of an argument; the flags that are looked at lie there.
#define ARGUMENT(number) (offsetof(struct seccomp_data, args) + 8 * (number))

static void allow_clone(struct program *program) {
    const uint32_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER
        | CLONE_NEWPID | CLONE_NEWNET;
    unless_equal(program, __NR_clone, 4);
    load(program, ARGUMENT(0));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, namespaces, 0, 1));
    answer(program, REFUSED(EPERM));
    answer(program, SECCOMP_RET_ALLOW);
}

int clinux_filter_calls(unsigned groups) {
    struct program *program = malloc(sizeof *program);
    if (program == NULL) return -1;
    begin(program);
    struct calls allowed = {.count = 0};
    if (groups & CLINUX_CALLS_SERVE) add(&allowed, serve_calls, COUNT(serve_calls));
    if (groups & CLINUX_CALLS_FILES) add(&allowed, file_calls, COUNT(file_calls));
    if (groups & CLINUX_CALLS_SOCKETS) add(&allowed, socket_calls, COUNT(socket_calls));
    if (groups & CLINUX_CALLS_PROGRAMS) add(&allowed, program_calls, COUNT(program_calls));
    answer_set(program, &allowed, SECCOMP_RET_ALLOW);
    answer_keepers(program, SECCOMP_RET_KILL_PROCESS);
    if (groups & CLINUX_CALLS_SERVE) {
        // The flags of clone3 lie in memory, where a filter cannot look: its absence makes the library use clone.
        unless_equal(program, 435, 1);
        answer(program, REFUSED(ENOSYS));
    }
    if (groups & (CLINUX_CALLS_THREADS | CLINUX_CALLS_PROGRAMS)) allow_clone(program);
    // Asking whether it is a terminal and how much waits, but not typing into one (TIOCSTI).
    unless_equal(program, __NR_ioctl, 6);
    load(program, ARGUMENT(1));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TCGETS, 3, 0));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIONREAD, 2, 0));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIONBIO, 1, 0));
    answer(program, REFUSED(ENOTTY));
    answer(program, SECCOMP_RET_ALLOW);
    answer(program, REFUSED(EPERM));
    int result = install(program);
    int code = errno;
    free(program);
    errno = code;
    return result;
}

int clinux_refuse_keeper_calls(void) {
    struct program *program = malloc(sizeof *program);
    if (program == NULL) return -1;
    begin(program);
    answer_keepers(program, REFUSED(EPERM));
    answer(program, SECCOMP_RET_ALLOW);
    int result = install(program);
    int code = errno;
    free(program);
    errno = code;
    return result;
}

int clinux_has_system_call_filters(void) {
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

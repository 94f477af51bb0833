// The tables of system calls that a confined process may make, and the seccomp filter that is made of them.
#define _GNU_SOURCE
#include "CLinux.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
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

#define REFUSED(code) (SECCOMP_RET_ERRNO | (code))
#define COUNT(table) (sizeof table / sizeof table[0])

enum action { allow, refuse, kill_process, action_count };

static const uint32_t action_codes[action_count] = {
    [allow] = SECCOMP_RET_ALLOW, [refuse] = REFUSED(EPERM), [kill_process] = SECCOMP_RET_KILL_PROCESS,
};

// Numbers of calls are smaller; a greater one is answered as any number without a call is.
enum { call_limit = 1024 };

// What a filter answers to each number.
struct answers {
    uint8_t actions[call_limit];
};

static void answer_calls(struct answers *answers, const int *numbers, size_t count, enum action action) {
    for (size_t i = 0; i < count; i++) answers->actions[numbers[i]] = action;
}

// More than the tables can come to.
enum { capacity = 512 };

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

// Numbers in a row that are answered alike, up to the next stretch.
struct stretch {
    uint16_t first;
    uint8_t action;
};

// A jump from a place to a later one. It reaches 255 instructions; a program with a longer one is not installed.
static uint8_t distance(struct program *program, size_t from, size_t to) {
    if (to - from > 256) program->count = capacity;
    return (uint8_t)(to - from - 1);
}

// Tells the stretches from `low` to below `high`, at least two, apart: one comparison, then those of the lower half,
// then those of the upper one. A half of one stretch has none: its answer is among the leaves.
static void put_tree(struct program *program, const struct stretch *stretches, size_t low, size_t high, size_t leaves) {
    size_t middle = (low + high) / 2, here = program->count;
    size_t lower = middle - low > 1 ? here + 1 : leaves + stretches[low].action;
    size_t upper = high - middle > 1 ? here + middle - low : leaves + stretches[middle].action;
    uint8_t to_upper = distance(program, here, upper), to_lower = distance(program, here, lower);
    put(program, (struct sock_filter)BPF_JUMP(
        BPF_JMP | BPF_JGE | BPF_K, stretches[middle].first, to_upper, to_lower));
    if (middle - low > 1) put_tree(program, stretches, low, middle, leaves);
    if (high - middle > 1) put_tree(program, stretches, middle, high, leaves);
}

// Answers every number, by a search in halves: the kernel runs a new filter once for each call there is, to note those
// that are always allowed, so a start pays for the length of the way through it.
static void put_answers(struct program *program, const struct answers *answers) {
    struct stretch stretches[call_limit];
    size_t count = 0;
    for (uint16_t number = 0; number < call_limit; number++) {
        uint8_t action = answers->actions[number];
        if (count == 0 || stretches[count - 1].action != action)
            stretches[count++] = (struct stretch){.first = number, .action = action};
    }
    put_tree(program, stretches, 0, count, program->count + count - 1);
    for (size_t action = 0; action < action_count; action++) answer(program, action_codes[action]);
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

// The low half of an argument; the flags that are looked at lie there.
#define ARGUMENT(number) (offsetof(struct seccomp_data, args) + 8 * (number))

static void put_clone(struct program *program) {
    const uint32_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER
        | CLONE_NEWPID | CLONE_NEWNET;
    unless_equal(program, __NR_clone, 4);
    load(program, ARGUMENT(0));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, namespaces, 0, 1));
    answer(program, REFUSED(EPERM));
    answer(program, SECCOMP_RET_ALLOW);
}

// Asking whether it is a terminal and how much waits, but not typing into one (TIOCSTI).
static void put_ioctl(struct program *program) {
    unless_equal(program, __NR_ioctl, 6);
    load(program, ARGUMENT(1));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TCGETS, 3, 0));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIONREAD, 2, 0));
    put(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIONBIO, 1, 0));
    answer(program, REFUSED(ENOTTY));
    answer(program, SECCOMP_RET_ALLOW);
}

// The program that was made last: what the master has made, each child installs.
static struct program prepared;
static unsigned prepared_groups;

void clinux_prepare_filter(unsigned groups) {
    struct answers answers;
    memset(answers.actions, refuse, sizeof answers.actions);
    answer_calls(&answers, keeper_calls, COUNT(keeper_calls), kill_process);
    if (groups & CLINUX_CALLS_SERVE) answer_calls(&answers, serve_calls, COUNT(serve_calls), allow);
    if (groups & CLINUX_CALLS_FILES) answer_calls(&answers, file_calls, COUNT(file_calls), allow);
    if (groups & CLINUX_CALLS_SOCKETS) answer_calls(&answers, socket_calls, COUNT(socket_calls), allow);
    if (groups & CLINUX_CALLS_PROGRAMS) answer_calls(&answers, program_calls, COUNT(program_calls), allow);
    begin(&prepared);
    if (groups & CLINUX_CALLS_SERVE) {
        // The flags of clone3 lie in memory, where a filter cannot look: its absence makes the library use clone.
        unless_equal(&prepared, 435, 1);
        answer(&prepared, REFUSED(ENOSYS));
    }
    if (groups & (CLINUX_CALLS_THREADS | CLINUX_CALLS_PROGRAMS)) put_clone(&prepared);
    put_ioctl(&prepared);
    put_answers(&prepared, &answers);
    prepared_groups = groups;
}

int clinux_filter_calls(unsigned groups) {
    if (prepared.count == 0 || prepared_groups != groups) clinux_prepare_filter(groups);
    return install(&prepared);
}

int clinux_refuse_keeper_calls(void) {
    struct answers answers;
    memset(answers.actions, allow, sizeof answers.actions);
    answer_calls(&answers, keeper_calls, COUNT(keeper_calls), refuse);
    struct program program;
    begin(&program);
    put_answers(&program, &answers);
    return install(&program);
}

int clinux_has_system_call_filters(void) {
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

// The Linux calls that Swift's Glibc module does not carry.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/filter.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// C libraries before 2.35 do not name it, whatever the kernel.
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

// linux/openat2.h, spelled out: older kernel headers do not carry it.
struct clinux_open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};

int clinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_refuse_connections(int listener) {
    // At a listening TCP socket a filter sees the segment from its header on: byte 13 holds the flags. Whoever has
    // passed SYN already still gets in.
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int clinux_refuses_connections(int listener) {
    socklen_t instructions = 0;
    if (getsockopt(listener, SOL_SOCKET, SO_GET_FILTER, NULL, &instructions) < 0) return -1;
    return instructions > 0;
}

int clinux_pending_bytes(int descriptor, int *count) { return ioctl(descriptor, FIONREAD, count); }

int clinux_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC | O_NONBLOCK); }

int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static void fill(sigset_t *set, const int *signals, size_t count) {
    sigemptyset(set);
    for (size_t i = 0; i < count; i++) sigaddset(set, signals[i]);
}

int clinux_signalfd(const int *signals, size_t count) {
    sigset_t set;
    fill(&set, signals, count);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_signalfd_read(int descriptor) {
    struct signalfd_siginfo information;
    ssize_t count = read(descriptor, &information, sizeof information);
    if (count == (ssize_t)sizeof information) return (int)information.ssi_signo;
    if (count < 0 && errno != EAGAIN) return -1;
    return 0;
}

int clinux_block_signals(const int *signals, size_t count) {
    sigset_t set;
    fill(&set, signals, count);
    return sigprocmask(SIG_BLOCK, &set, NULL);
}

int clinux_unblock_all_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    return sigprocmask(SIG_SETMASK, &set, NULL);
}

int clinux_ignore_signal(int signal) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    return sigaction(signal, &action, NULL);
}

int clinux_default_signal(int signal) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    return sigaction(signal, &action, NULL);
}

int clinux_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int clinux_pidfd_wait(int pidfd, int keep, int *exited, int *status, int *signal) {
    siginfo_t information = {0};
    if (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &information, WEXITED | WNOHANG | (keep ? WNOWAIT : 0)) < 0) return -1;
    if (information.si_pid == 0) return 0;
    *exited = information.si_code == CLD_EXITED;
    *status = *exited ? information.si_status : 0;
    *signal = *exited ? 0 : information.si_status;
    return 1;
}

int clinux_set_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

int clinux_set_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }

// A timer of the kernel ends an orphan, since nothing in the process itself can be relied on: KILL cannot be blocked.
static timer_t orphan_timer;
static int has_orphan_timer;
static struct itimerspec orphan_limit;

static void orphaned(int signal) {
    (void)signal;
    int saved = errno;
    timer_settime(orphan_timer, 0, &orphan_limit, NULL);
    // To the process, not the thread: it is read from a descriptor.
    kill(getpid(), SIGTERM);
    errno = saved;
}

int clinux_end_with_parent(long limit_ms) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    if (!has_orphan_timer && timer_create(CLOCK_MONOTONIC, &event, &orphan_timer) < 0) return -1;
    has_orphan_timer = 1;
    // A limit of nothing would not start the timer.
    if (limit_ms < 1) limit_ms = 1;
    orphan_limit.it_value.tv_sec = limit_ms / 1000;
    orphan_limit.it_value.tv_nsec = limit_ms % 1000 * 1000000;
    struct sigaction action = {.sa_handler = orphaned, .sa_flags = SA_RESTART | SA_ONSTACK};
    if (sigaction(SIGPWR, &action, NULL) < 0) return -1;
    return prctl(PR_SET_PDEATHSIG, SIGPWR, 0, 0, 0);
}

int clinux_close_range(unsigned first, unsigned last) {
    if (syscall(SYS_close_range, first, last, 0) == 0) return 0;
    if (errno != ENOSYS) return -1;
    // Before Linux 5.9: one by one, up to the limit that a daemon can have open.
    long limit = sysconf(_SC_OPEN_MAX);
    for (unsigned i = first; i <= last && (long)i < limit; i++) close((int)i);
    return 0;
}

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int clinux_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

char **clinux_environment(void) { return environ; }

int clinux_set_heap_steps(int mapped_bytes, int step_bytes, int ready_bytes) {
    if (!mallopt(M_MMAP_THRESHOLD, mapped_bytes) || !mallopt(M_TOP_PAD, step_bytes)) return 0;
    char *block = malloc(ready_bytes);
    if (block == NULL) return 0;
    // One call instead of a fault for each page. A kernel before 5.14 refuses, and the faults come one by one.
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)block + page - 1) / page * page;
    uintptr_t last = ((uintptr_t)block + ready_bytes) / page * page;
    if (first < last) madvise((void *)first, last - first, MADV_POPULATE_WRITE);
    free(block);
    return 1;
}

int clinux_processor_count(void) {
    // A set of 8,192 processors: the kernel refuses a set smaller than its own.
    size_t size = CPU_ALLOC_SIZE(8192);
    cpu_set_t *set = CPU_ALLOC(8192);
    if (set == NULL) return -1;
    int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : -1;
    CPU_FREE(set);
    return count;
}

int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct clinux_open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
#ifdef SYS_openat2
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
#else
    return (int)syscall(437, directory, path, &how, sizeof how);
#endif
}

int clinux_unnamed_file(const char *directory) { return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

int clinux_temporary_file(char *name_template) { return mkostemp(name_template, O_CLOEXEC); }

ssize_t clinux_getrandom(void *bytes, size_t count) { return getrandom(bytes, count, 0); }

struct module_search {
    int number;
    char *name;
    size_t capacity;
    uint64_t *base, *low, *high;
};

static int visit_module(struct dl_phdr_info *module, size_t size, void *context) {
    (void)size;
    struct module_search *search = context;
    if (search->number-- > 0) return 0;
    *search->base = module->dlpi_addr;
    *search->low = UINT64_MAX;
    *search->high = 0;
    for (int i = 0; i < module->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &module->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD) continue;
        uint64_t start = module->dlpi_addr + segment->p_vaddr;
        if (start < *search->low) *search->low = start;
        if (start + segment->p_memsz > *search->high) *search->high = start + segment->p_memsz;
    }
    strncpy(search->name, module->dlpi_name, search->capacity - 1);
    search->name[search->capacity - 1] = 0;
    return 1;
}

int clinux_module(int number, char *name, size_t capacity, uint64_t *base, uint64_t *low, uint64_t *high) {
    struct module_search search = {number, name, capacity, base, low, high};
    return dl_iterate_phdr(visit_module, &search);
}

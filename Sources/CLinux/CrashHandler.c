// Answers the client of a request that ends its worker, notes why, and lets the process die: async-signal-safe.
#define _GNU_SOURCE
#include "CrashHandler.h"

#include <errno.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK_BYTES (128 * 1024)
#define SEND_NS 1000000000LL    // for a client that does not read, all in all
#define DISCARD_NS 100000000LL  // for a client that does not close
#define DELEGATE_NS 2000000000LL
#define FRAME_LIMIT 1000000

static const int faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
#define FAULTS (sizeof faults / sizeof faults[0])

static struct clinux_crash_setup setup;
static struct clinux_running running = {.descriptor = -1};
static struct sigaction previous[FAULTS];
static pid_t loop_thread;
static uintptr_t stack_end;
static atomic_flag is_dying = ATOMIC_FLAG_INIT;
static pid_t dying_thread;
// A thread of the user's crashed: the loop's thread answers for it.
static atomic_int is_asked, has_answered;

struct clinux_running *clinux_running(void) { return &running; }

static int64_t now_ns(clockid_t clock) {
    struct timespec time = {0};
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void note(int word, uint64_t value) {
    if (setup.report) __atomic_store_n(setup.report + word, value, __ATOMIC_RELEASE);
}

// MARK: Frames

static uintptr_t counter_of(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#else
    return (uintptr_t)context->uc_mcontext.pc;
#endif
}

static uintptr_t frame_of(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RBP];
#else
    return (uintptr_t)context->uc_mcontext.regs[29];
#endif
}

static uintptr_t stack_of(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#else
    return (uintptr_t)context->uc_mcontext.sp;
#endif
}

// Copies memory that may not be there. The kernel looks, so no fault can come of it; where it is not allowed to, only
// what lies between the stack pointer and the stack's end is read.
static int peek(uintptr_t address, void *copy, size_t count, uintptr_t stack) {
    struct iovec here = {copy, count}, there = {(void *)address, count};
    ssize_t got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
    if (got == (ssize_t)count) return 1;
    if (got >= 0 || (errno != ENOSYS && errno != EPERM)) return 0;
    if (address < stack || address + count > stack_end) return 0;
    memcpy(copy, (const void *)address, count);
    return 1;
}

struct frame {
    uintptr_t next;
    uintptr_t counter;
};

// Where code lies that was there when the handler was prepared.
static struct {
    uintptr_t low, high;
} code[128];
static size_t code_count;

static int note_code(struct dl_phdr_info *module, size_t size, void *context) {
    (void)size, (void)context;
    for (int i = 0; i < module->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &module->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
        if (code_count == sizeof code / sizeof code[0]) return 1;
        code[code_count].low = module->dlpi_addr + segment->p_vaddr;
        code[code_count].high = code[code_count].low + segment->p_memsz;
        code_count++;
    }
    return 0;
}

static int is_code(uintptr_t counter) {
    for (size_t i = 0; i < code_count; i++)
        if (counter >= code[i].low && counter < code[i].high) return 1;
    return 0;
}

static int is_frame(uintptr_t place, uintptr_t behind, struct frame *frame, uintptr_t stack) {
    if (place % sizeof(void *) != 0 || place < behind || place - behind > (64u << 20)) return 0;
    return peek(place, frame, sizeof *frame, stack) && frame->counter > 4096;
}

// The C library uses the frame register for other things, so abort() leaves none. Then the first place on the stack
// counts that looks like two frames in a row.
static uintptr_t find_frame(uintptr_t stack, uintptr_t otherwise) {
    struct frame first, second;
    if (is_frame(otherwise, stack, &first, stack) && is_code(first.counter)) return otherwise;
    for (uintptr_t place = stack & ~(uintptr_t)7, end = place + 8192; place < end; place += 8) {
        if (!peek(place, &first, sizeof first, stack)) break;
        if (is_code(first.counter) && is_frame(first.next, place + 16, &second, stack) && is_code(second.counter))
            return place;
    }
    return otherwise;
}

static void note_frames(const ucontext_t *context) {
    if (!setup.report) return;
    uintptr_t stack = stack_of(context), counter = counter_of(context), place = frame_of(context);
    static uint64_t outer[CLINUX_OUTER_FRAMES];
    uint64_t count = 0;
    note(CLINUX_REPORT_FRAMES + (int)count++, counter);
    struct frame frame;
    uintptr_t caller;
    // A call of what is no function: the caller's place is on top of the stack.
    if (counter < 4096 && peek(stack, &caller, sizeof caller, stack)) note(CLINUX_REPORT_FRAMES + (int)count++, caller);
    place = find_frame(stack, place);
    while (count < FRAME_LIMIT && is_frame(place, stack, &frame, stack)) {
        if (count < CLINUX_INNER_FRAMES) note(CLINUX_REPORT_FRAMES + (int)count, frame.counter);
        else outer[(count - CLINUX_INNER_FRAMES) % CLINUX_OUTER_FRAMES] = frame.counter;
        count++;
        if (frame.next <= place) break;
        stack = place;
        place = frame.next;
    }
    uint64_t kept = count;
    if (count > CLINUX_INNER_FRAMES) {
        uint64_t rest = count - CLINUX_INNER_FRAMES;
        uint64_t shown = rest < CLINUX_OUTER_FRAMES ? rest : CLINUX_OUTER_FRAMES;
        for (uint64_t i = 0; i < shown; i++)
            note(CLINUX_REPORT_FRAMES + CLINUX_INNER_FRAMES + (int)i, outer[(rest - shown + i) % CLINUX_OUTER_FRAMES]);
        kept = CLINUX_INNER_FRAMES + shown;
    }
    note(CLINUX_REPORT_SKIPPED, count - kept);
    note(CLINUX_REPORT_FRAME_COUNT, kept);
}

// MARK: The answer

static size_t send_all(int descriptor, const unsigned char *bytes, size_t count, int64_t end_ns) {
    size_t sent = 0;
    while (sent < count) {
        ssize_t taken = send(descriptor, bytes + sent, count - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken > 0) {
            sent += (size_t)taken;
        } else if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            int64_t rest_ms = (end_ns - now_ns(CLOCK_MONOTONIC) + 999999) / 1000000;
            struct pollfd wait = {descriptor, POLLOUT, 0};
            if (rest_ms <= 0 || (poll(&wait, 1, (int)rest_ms) < 0 && errno != EINTR)) break;
        } else if (taken == 0 || errno != EINTR) {
            break;
        }
    }
    return sent;
}

// Bytes that come when the socket is closed already would have the kernel tell the client to forget what it got.
static void discard_input(int descriptor) {
    static unsigned char bytes[16384];
    int64_t end_ns = now_ns(CLOCK_MONOTONIC) + DISCARD_NS;
    for (;;) {
        ssize_t count = recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT);
        int64_t rest_ms = (end_ns - now_ns(CLOCK_MONOTONIC) + 999999) / 1000000;
        if (count == 0 || rest_ms <= 0) return;
        if (count > 0 || errno == EINTR) continue;
        struct pollfd wait = {descriptor, POLLIN, 0};
        if (errno != EAGAIN || (poll(&wait, 1, (int)rest_ms) < 0 && errno != EINTR)) return;
    }
}

// Entries of this connection whose answer is written and ends in (from, to] go from one state to another.
static void move_entries(uint64_t from, uint64_t to, uint64_t old, uint64_t new) {
    const struct clinux_entries *entries = &setup.entries;
    for (size_t i = 0; entries->words && i < entries->count; i++) {
        uint64_t *entry = entries->words + i * entries->entry_words;
        uint64_t end = entry[entries->end_word];
        if (entry[entries->connection_word] != running.connection || end <= from || end > to) continue;
        if (__atomic_load_n(entry + entries->state_word, __ATOMIC_ACQUIRE) == old)
            __atomic_store_n(entry + entries->state_word, new, __ATOMIC_RELEASE);
    }
}

static void put_id(unsigned char *bytes, intptr_t place) {
    for (int i = 0; place >= 0 && i < 16; i++)
        bytes[place + i] = (unsigned char)"0123456789abcdef"[running.request_id >> (60 - 4 * i) & 15];
}

// Whether the output may be looked at: neither a send nor a move of the buffer was interrupted.
static int is_settled(void) { return !running.sending && !(running.pending && running.pending->moving); }

// Sends earlier answers that wait, then the error, and says what the client got.
static int answer(struct clinux_error_answer *error) {
    int descriptor = running.descriptor;
    if (descriptor < 0 || !error->bytes || !is_settled()) return CLINUX_GOT_NOTHING;
    if (running.sent > running.start) {
        note(CLINUX_REPORT_BYTES, running.sent - running.start);
        return CLINUX_GOT_PART;
    }
    int64_t end_ns = now_ns(CLOCK_MONOTONIC) + SEND_NS;
    uint64_t waiting = running.start - running.sent;
    if (waiting > 0) {
        if (!running.pending) return CLINUX_GOT_NOTHING;
        // As for any send: what it may hand over whole is said before.
        move_entries(running.sent, running.start, setup.entries.in_flight, setup.entries.leaving);
        const unsigned char *bytes = (const unsigned char *)running.pending->base + running.pending->start;
        uint64_t sent = send_all(descriptor, bytes, waiting, end_ns);
        move_entries(running.sent + sent, running.start, setup.entries.leaving, setup.entries.in_flight);
        if (sent < waiting) return CLINUX_GOT_NOTHING;
    }
    put_id(error->bytes, error->head_id);
    put_id(error->bytes, error->body_id);
    size_t first = running.form == CLINUX_ANSWER_BODY ? error->head_count : 0;
    size_t count = (running.form == CLINUX_ANSWER_HEAD ? error->head_count : error->count) - first;
    size_t sent = send_all(descriptor, error->bytes + first, count, end_ns);
    note(CLINUX_REPORT_BYTES, sent);
    if (sent < count) return sent > 0 ? CLINUX_GOT_PART_OF_ERROR : CLINUX_GOT_NOTHING;
    shutdown(descriptor, SHUT_WR);
    return CLINUX_GOT_ERROR;
}

// MARK: The end

static void begin_report(int cause, int signal, const siginfo_t *information) {
    note(CLINUX_REPORT_GENERATION, 0);
    note(CLINUX_REPORT_REQUEST, running.descriptor < 0 ? 0 : running.request_id);
    note(CLINUX_REPORT_CAUSE, (uint64_t)cause);
    note(CLINUX_REPORT_SIGNAL, (uint64_t)signal);
    note(CLINUX_REPORT_CODE, (uint64_t)(int64_t)information->si_code);
    // Below 1 the signal was sent, and what lies there is the sender.
    note(CLINUX_REPORT_ADDRESS, information->si_code > 0 ? (uint64_t)(uintptr_t)information->si_addr : 0);
    note(CLINUX_REPORT_TIME_US, (uint64_t)(now_ns(CLOCK_REALTIME) / 1000));
    for (int word = CLINUX_REPORT_CLIENT_GOT; word <= CLINUX_REPORT_FRAME_COUNT; word++) note(word, 0);
    // From here on a kill leaves at least this.
    note(CLINUX_REPORT_GENERATION, setup.generation);
}

// What the client got is noted before its input is discarded: by then it is certain.
static void serve_last(struct clinux_error_answer *error, uint64_t status) {
    int got = answer(error);
    if (got == CLINUX_GOT_ERROR) note(CLINUX_REPORT_STATUS, status);
    note(CLINUX_REPORT_CLIENT_GOT, (uint64_t)got);
    if (got == CLINUX_GOT_ERROR) discard_input(running.descriptor);
}

static void die_of(int signal) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t set;
    sigaction(signal, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, signal);
    raise(signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    _exit(128 + signal);  // only if something outside keeps the signal from us
}

static void ask_loop_thread(void) {
    int64_t end_ns = now_ns(CLOCK_MONOTONIC) + DELEGATE_NS;
    atomic_store(&is_asked, 1);
    syscall(SYS_tgkill, getpid(), loop_thread, SIGALRM);
    while (!atomic_load(&has_answered) && now_ns(CLOCK_MONOTONIC) < end_ns) poll(NULL, 0, 1);
}

// One thread dies for all; a fault in this file ends the process without more ado.
static void begin_to_die(int signal) {
    pid_t thread = (pid_t)syscall(SYS_gettid);
    if (!atomic_flag_test_and_set(&is_dying)) {
        dying_thread = thread;
        return;
    }
    if (dying_thread == thread) die_of(signal);
    for (;;) pause();
}

static void on_fault(int signal, siginfo_t *information, void *context) {
    begin_to_die(signal);
    begin_report(CLINUX_CAUSE_FAULT, signal, information);
    if (syscall(SYS_gettid) == loop_thread) serve_last(&setup.crash_answer, 500);
    else ask_loop_thread();
    note_frames(context);
    // Whoever was there before has its turn, each with its own handler, and then the process ends of this signal.
    struct sigaction next = {.sa_handler = SIG_DFL};
    sigset_t unblocked;
    sigemptyset(&unblocked);
    for (size_t i = 0; i < FAULTS; i++) {
        sigaction(faults[i], &previous[i], NULL);
        sigaddset(&unblocked, faults[i]);
        if (faults[i] == signal) next = previous[i];
    }
    // Swift's handler looks at memory by trying: a fault that is blocked would kill instead.
    pthread_sigmask(SIG_UNBLOCK, &unblocked, NULL);
    if (next.sa_flags & SA_SIGINFO) next.sa_sigaction(signal, information, context);
    else if (next.sa_handler != SIG_DFL && next.sa_handler != SIG_IGN) next.sa_handler(signal);
    die_of(signal);
}

static void try_again(void) {
    struct itimerval soon = {.it_value = {.tv_usec = 1000}};
    setitimer(ITIMER_REAL, &soon, NULL);
}

// Whether the request that runs has had its time; it may have ended meanwhile, or have got more.
static int is_overdue(void) {
    if (!setup.soft_deadline || running.descriptor < 0) return 0;
    uint64_t deadline = __atomic_load_n(setup.soft_deadline, __ATOMIC_ACQUIRE);
    return deadline != 0 && (uint64_t)now_ns(CLOCK_MONOTONIC) >= deadline;
}

static void on_alarm(int signal, siginfo_t *information, void *context) {
    int error = errno;
    int asked = atomic_load(&is_asked);
    if (syscall(SYS_gettid) != loop_thread) {
        syscall(SYS_tgkill, getpid(), loop_thread, SIGALRM);
    } else if ((asked || is_overdue()) && !is_settled()) {
        try_again();
    } else if (asked) {
        note(CLINUX_REPORT_REQUEST, running.descriptor < 0 ? 0 : running.request_id);
        serve_last(&setup.crash_answer, 500);
        atomic_store(&has_answered, 1);
        for (;;) pause();
    } else if (is_overdue()) {
        begin_to_die(signal);
        begin_report(CLINUX_CAUSE_TIME_LIMIT, signal, information);
        serve_last(&setup.timeout_answer, 504);
        note_frames(context);
        die_of(signal);
    }
    errno = error;
}

static int install_stack(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *memory =
        mmap(NULL, STACK_BYTES + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return -1;
    if (mprotect(memory + page, STACK_BYTES, PROT_READ | PROT_WRITE) < 0) return -1;
    stack_t stack = {.ss_sp = memory + page, .ss_size = STACK_BYTES};
    return sigaltstack(&stack, NULL);
}

void clinux_prepare_crash_handler(void) {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        void *base;
        size_t size;
        if (pthread_attr_getstack(&attributes, &base, &size) == 0) stack_end = (uintptr_t)base + size;
        pthread_attr_destroy(&attributes);
    }
    code_count = 0;
    dl_iterate_phdr(note_code, NULL);
}

int clinux_install_crash_handler(const struct clinux_crash_setup *wanted) {
    setup = *wanted;
    loop_thread = (pid_t)syscall(SYS_gettid);
    if (code_count == 0) clinux_prepare_crash_handler();
    if (install_stack() < 0) return -1;
    struct sigaction action = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGALRM, &action, NULL) < 0) return -1;
    // One at a time, and no time limit meanwhile. A fault in the handler itself then ends the process at once.
    action.sa_sigaction = on_fault;
    sigaddset(&action.sa_mask, SIGALRM);
    for (size_t i = 0; i < FAULTS; i++) sigaddset(&action.sa_mask, faults[i]);
    for (size_t i = 0; i < FAULTS; i++)
        if (sigaction(faults[i], &action, &previous[i]) < 0) return -1;
    return 0;
}

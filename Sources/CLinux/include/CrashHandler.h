// The handler of fatal signals and of the time limit, and what the loop of a worker tells it by plain stores.
#ifndef CRASH_HANDLER_H
#define CRASH_HANDLER_H

#include <stddef.h>
#include <stdint.h>

// Growable bytes. `moving` is 1 while the content is on its way to another place: a handler that strikes then has
// nothing it could send.
struct clinux_buffer {
    void *_Nonnull base;
    intptr_t start;
    intptr_t end;
    intptr_t capacity;
    intptr_t moving;
};

// The request whose handler runs. The descriptor is stored last and taken back first.
struct clinux_running {
    int descriptor;      // its connection's socket; -1: no handler runs
    int form;            // what an answer consists of: CLINUX_ANSWER_…
    int sending;         // 1: a send is under way, so `sent` and the buffer may be behind the truth
    uint64_t request_id; // 0: the request has no row
    uint64_t connection; // number of the connection, as its entries in the log have it
    uint64_t start;      // where its answer begins in the connection's output
    uint64_t sent;       // where the output that has not left begins
    const struct clinux_buffer *_Nullable pending;  // that output, from its first byte on
};

#define CLINUX_ANSWER_WHOLE 0  // head and body
#define CLINUX_ANSWER_HEAD 1   // to a HEAD request: the head alone
#define CLINUX_ANSWER_BODY 2   // to an HTTP/0.9 request: the body alone

// An error answer, ready but for the request's id: 16 hexadecimal digits at each place that is not negative.
struct clinux_error_answer {
    unsigned char *_Nullable bytes;
    size_t head_count;  // bytes of them that are the head
    size_t count;
    intptr_t head_id;
    intptr_t body_id;
};

// The entries of the log, so far as the handler must know them: 8-byte words by their number.
struct clinux_entries {
    uint64_t *_Nullable words;
    size_t count;
    size_t entry_words;
    size_t state_word;
    size_t connection_word;
    size_t end_word;  // where the request's answer ends in the output; 0: it is not written yet
    uint64_t in_flight;
    uint64_t leaving;
};

// What a worker hands over once.
struct clinux_crash_setup {
    uint64_t generation;                       // of the worker, not 0
    uint64_t *_Nullable report;                // CLINUX_REPORT_WORDS words of shared memory
    const uint64_t *_Nullable soft_deadline;   // monotonic ns; 0: none
    struct clinux_entries entries;
    struct clinux_error_answer crash_answer;   // 500
    struct clinux_error_answer timeout_answer; // 504
};

// Words of a report.
enum {
    CLINUX_REPORT_GENERATION,   // stored last: the report is there
    CLINUX_REPORT_REQUEST,      // id of the request whose handler ran; 0: none ran
    CLINUX_REPORT_CAUSE,        // CLINUX_CAUSE_…
    CLINUX_REPORT_SIGNAL,
    CLINUX_REPORT_CODE,         // si_code
    CLINUX_REPORT_ADDRESS,      // si_addr
    CLINUX_REPORT_TIME_US,      // since 1970 UTC
    CLINUX_REPORT_CLIENT_GOT,   // CLINUX_GOT_…
    CLINUX_REPORT_STATUS,       // of the error answer, when all of it has left; 0 otherwise
    CLINUX_REPORT_BYTES,        // of an answer to this request that have left
    CLINUX_REPORT_SKIPPED,      // frames between the innermost and the outermost that are kept
    CLINUX_REPORT_FRAME_COUNT,
    CLINUX_REPORT_FRAMES,       // program counters, the innermost first; all but the first are return addresses
};
#define CLINUX_INNER_FRAMES 72
#define CLINUX_OUTER_FRAMES 32
#define CLINUX_REPORT_WORDS 128

#define CLINUX_CAUSE_FAULT 1
#define CLINUX_CAUSE_TIME_LIMIT 2

#define CLINUX_GOT_UNKNOWN 0      // the worker was ended from outside before the handler was done
#define CLINUX_GOT_NOTHING 1      // nothing could be sent, or there was nobody to send it to
#define CLINUX_GOT_ERROR 2        // the whole error answer
#define CLINUX_GOT_PART_OF_ERROR 3
#define CLINUX_GOT_PART 4         // part of the answer that the handler had begun

// Looks up where the calling thread's stack ends and where code lies, for the handlers that this process or a child
// forked by this thread installs: that reads /proc/self/maps, which no child need do again.
void clinux_prepare_crash_handler(void);

// Installs the handlers on an alternate stack with a guard page, for the calling thread. -1 and errno on failure.
int clinux_install_crash_handler(const struct clinux_crash_setup *_Nonnull setup);
struct clinux_running *_Nonnull clinux_running(void);

#endif

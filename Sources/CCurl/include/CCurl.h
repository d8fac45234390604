// libcurl as plain functions for Swift: an event loop of one thread, and the transfers on it.
//
// libcurl and the two dozen libraries behind it are opened with dlopen when the first loop is made, so that programs
// which never speak HTTP (the dashboard, the command line) do not pay for them at their start.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ccurl_loop ccurl_loop;
typedef struct ccurl_transfer ccurl_transfer;

// What the receiver of body bytes wants next.
enum { CCURL_GO_ON = 0, CCURL_PAUSE = 1, CCURL_ABORT = 2 };

// What became of a transfer.
enum {
    CCURL_OK, CCURL_REFUSED, CCURL_TIMED_OUT, CCURL_RESET, CCURL_ABORTED, CCURL_TLS, CCURL_NOT_HTTP, CCURL_OTHER
};

// All are called on the thread that runs ccurl_loop_step, with the context the transfer was made with.
typedef struct {
    // One header line with its CR LF; the last one is the empty line. `status` is the status seen so far.
    void (*header)(void *context, int status, const char *line, size_t length);
    // Body bytes, transfer coding removed. After CCURL_PAUSE the same bytes come again once it was resumed.
    int (*bytes)(void *context, const void *bytes, size_t length);
    // The transfer is over: an outcome from above, libcurl's own code, and its words (valid in the call).
    void (*done)(void *context, int outcome, int code, const char *text);
} ccurl_callbacks;

typedef struct {
    const char *method;
    const char *url;
    const char *unix_socket;        // NULL: TCP
    const char *const *headers;     // "Name: value"
    size_t header_count;
    const void *body;               // NULL: none; copied
    size_t body_length;
    int64_t timeout_ms;             // for the whole transfer; 0: none
    int64_t connect_timeout_ms;     // 0: none
    bool fresh_connection;          // do not use a connection that is already open, and do not keep this one
    bool is_stream;                 // stays for hours and brings little at a time: with a small buffer
} ccurl_request;

// NULL and a sentence in *problem (static) when libcurl cannot be opened or memory is out.
ccurl_loop *ccurl_loop_create(ccurl_callbacks callbacks, const char **problem);
void ccurl_loop_destroy(ccurl_loop *loop);

// Makes the current or next ccurl_loop_step return. The only function that other threads may call.
void ccurl_loop_wake(ccurl_loop *loop);

// Waits for the network until `deadline_ms` (CLOCK_MONOTONIC; -1: no deadline), makes the callbacks, returns the time.
int64_t ccurl_loop_step(ccurl_loop *loop, int64_t deadline_ms);

// Starts a transfer; NULL when libcurl does not take it (a malformed URL shows later, in `done`).
ccurl_transfer *ccurl_transfer_start(ccurl_loop *loop, const ccurl_request *request, void *context);

// Ends it and frees it, whatever state it is in; not from inside its own callbacks, save `done`.
void ccurl_transfer_end(ccurl_transfer *transfer);

// Goes on after CCURL_PAUSE. May call `bytes` before it returns.
void ccurl_transfer_resume(ccurl_transfer *transfer);

#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    void (*body)(void *);
    void *context;
    char name[16];
} start;

static void *run(void *pointer) {
    start begin = *(start *)pointer;
    free(pointer);
    pthread_setname_np(pthread_self(), begin.name);
    begin.body(begin.context);
    return NULL;
}

int cposix_start_thread(const char *name, size_t stack_bytes, void (*body)(void *), void *context) {
    start *begin = calloc(1, sizeof *begin);
    if (!begin) return -ENOMEM;
    begin->body = body;
    begin->context = context;
    strncpy(begin->name, name, sizeof begin->name - 1);

    // A blocked fault kills at once, past the handler that would give the terminal back: so those stay open.
    sigset_t all, before;
    sigfillset(&all);
    int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&all, faults[i]);

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stack_bytes < 65536 ? 65536 : stack_bytes);
    pthread_t thread;
    // The new thread inherits the mask, so no signal can reach it before it would have blocked it itself.
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, &attributes, run, begin);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (failed) free(begin);
    return -failed;
}

const void *cposix_thread_mark(void) {
    static _Thread_local char mark;
    return &mark;
}

#define _GNU_SOURCE
#include "CTerm.h"
#include "keeper.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* SIGKILL and the kernel's out-of-memory killer leave no handler of ours a say. So a small process beside us waits for the end of a pipe
   whose other end only we hold, and gives the terminal back when we did not. It is a plain fork that shares our memory, touches a page of
   its own, and calls nothing that is not safe between fork and exec. */

static keeper_page *page;

/* In the child. */
static void __attribute__((noreturn)) keep(int tty, int pipe) {
    /* Out of our process group: what is typed for us, and a kill of our whole job, is not meant for it. */
    setpgid(0, 0);
    prctl(PR_SET_NAME, "tty-keeper");
    const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGTERM, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) signal(ignored[i], SIG_IGN);
    if (dup2(tty, 0) < 0 || dup2(pipe, 1) < 0) _exit(1);
    syscall(SYS_close_range, 2U, ~0U, 0);
    char byte;
    for (;;) {
        ssize_t count = read(1, &byte, 1);
        if (count == 0 || (count < 0 && errno != EINTR)) break;
    }
    if (!page->active) _exit(0);
    struct termios now;
    /* A shell that has the terminal again has set its own modes, which are not ours to change. */
    if (tcgetattr(0, &now) == 0 && now.c_lflag == page->raw.c_lflag && now.c_iflag == page->raw.c_iflag && now.c_oflag == page->raw.c_oflag)
        tcsetattr(0, TCSANOW, &page->saved);
    int flags = fcntl(0, F_GETFL);
    if (flags >= 0) fcntl(0, F_SETFL, flags & ~O_NONBLOCK);
    ssize_t written = write(0, page->leave, page->count);
    (void)written;
    _exit(0);
}

keeper_page *keeper_start(int tty) {
    if (page) return page;
    void *memory = mmap(NULL, sizeof(keeper_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    page = memory;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return page;
    pid_t child = fork();
    if (child == 0) {
        /* Above what is duplicated onto 0 and 1. */
        int high = fcntl(tty, F_DUPFD, 3), end = fcntl(ends[0], F_DUPFD, 3);
        if (high < 0 || end < 0) _exit(1);
        keep(high, end);
    }
    close(ends[0]);
    /* The other end stays open for as long as we live. Without a child nothing reads it, and all is as it was without a keeper. */
    if (child < 0) close(ends[1]);
    return page;
}

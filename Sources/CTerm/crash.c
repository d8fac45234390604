#define _GNU_SOURCE
#include "CTerm.h"
#include "keeper.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved, raw;
static keeper_page *keeper;
static volatile sig_atomic_t have_saved;

int cterm_modes_save(int tty) {
    if (tcgetattr(tty, &saved) != 0) return errno;
    have_saved = 1;
    return 0;
}

int cterm_modes_raw(int tty) {
    raw = saved;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return tcsetattr(tty, TCSADRAIN, &raw) == 0 ? 0 : errno;
}

int cterm_modes_restore(int tty) {
    if (!have_saved) return 0;
    return tcsetattr(tty, TCSADRAIN, &saved) == 0 ? 0 : errno;
}

int cterm_size(int tty, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(tty, TIOCGWINSZ, &size) != 0) return errno;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

/* A Swift trap ends in SIGILL without any atexit: only a handler can leave the terminal usable. */

static const int fatal[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
enum { FATAL = sizeof fatal / sizeof fatal[0], LEAVE = KEEPER_LEAVE };

static struct sigaction before[FATAL];
static uint8_t leave_bytes[LEAVE];
static volatile sig_atomic_t leave_count;
static volatile sig_atomic_t guarded_tty = -1;
static volatile sig_atomic_t installed;

/* Only async-signal-safe calls. */
static void on_crash(int number, siginfo_t *info, void *context) {
    (void)context;
    int kept = errno;
    int tty = guarded_tty;
    guarded_tty = -1;
    if (tty >= 0) {
        int flags = fcntl(tty, F_GETFL);
        if (flags >= 0) fcntl(tty, F_SETFL, flags & ~O_NONBLOCK);
        ssize_t written = write(tty, leave_bytes, (size_t)leave_count);
        (void)written;
        if (have_saved) tcsetattr(tty, TCSANOW, &saved);
        if (keeper) keeper->active = 0;
    }
    for (int i = 0; i < FATAL; i++)
        if (fatal[i] == number) sigaction(number, &before[i], NULL);
    /* A fault happens again when we return; what somebody sent has to be sent again. */
    if (info->si_code <= 0) raise(number);
    errno = kept;
}

void cterm_guard(int tty, const uint8_t *leave, size_t count) {
    if (count > LEAVE) count = LEAVE;
    guarded_tty = -1;
    memcpy(leave_bytes, leave, count);
    leave_count = (sig_atomic_t)count;
    guarded_tty = tty;
    if (!keeper) keeper = keeper_start(tty);
    if (keeper) {
        keeper->active = 0;
        memcpy(keeper->leave, leave, count);
        keeper->count = count;
        keeper->saved = saved;
        keeper->raw = raw;
        keeper->active = 1;
    }
    if (installed) return;
    installed = 1;
    /* A stack overflow leaves no stack to handle it on. */
    static uint8_t stack[64 * 1024];
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE)) sigaltstack(&other, NULL);
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    action.sa_sigaction = on_crash;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FATAL; i++) sigaction(fatal[i], &action, &before[i]);
}

void cterm_unguard(void) {
    guarded_tty = -1;
    if (keeper) keeper->active = 0;
    if (!installed) return;
    installed = 0;
    for (int i = 0; i < FATAL; i++) sigaction(fatal[i], &before[i], NULL);
}

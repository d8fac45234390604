#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { most_at_once = 128 };

int cposix_epoll_create(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int control(int epoll, int operation, int fd, uint32_t flags, uint64_t token) {
    struct epoll_event event = {.data.u64 = token};
    if (flags & CPOSIX_READ) event.events |= EPOLLIN | EPOLLRDHUP;
    if (flags & CPOSIX_WRITE) event.events |= EPOLLOUT;
    if (flags & CPOSIX_EDGE) event.events |= EPOLLET;
    return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

int cposix_epoll_add(int epoll, int fd, uint32_t flags, uint64_t token) { return control(epoll, EPOLL_CTL_ADD, fd, flags, token); }

int cposix_epoll_modify(int epoll, int fd, uint32_t flags, uint64_t token) { return control(epoll, EPOLL_CTL_MOD, fd, flags, token); }

int cposix_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

int cposix_epoll_wait(int epoll, cposix_ready *ready, int capacity, int64_t nanoseconds) {
    struct epoll_event events[most_at_once];
    if (capacity > most_at_once) capacity = most_at_once;
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int count = epoll_pwait2(epoll, events, capacity, nanoseconds < 0 ? NULL : &timeout, NULL);
    if (count < 0 && (errno == ENOSYS || errno == EPERM)) {
        // Before Linux 5.11, or a filter that does not know the call. Rounded up: waking early would spin.
        int64_t milliseconds = nanoseconds < 0 ? -1 : nanoseconds / 1000000 + (nanoseconds % 1000000 != 0);
        count = epoll_wait(epoll, events, capacity, milliseconds > INT_MAX ? INT_MAX : (int)milliseconds);
    }
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        uint32_t happened = events[i].events, flags = 0;
        // An error or a hang-up is told by the next read or write: so both count as ready.
        if (happened & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) flags |= CPOSIX_READ;
        if (happened & (EPOLLOUT | EPOLLHUP | EPOLLERR)) flags |= CPOSIX_WRITE;
        if (happened & (EPOLLHUP | EPOLLERR)) flags |= CPOSIX_HANGUP;
        ready[i] = (cposix_ready){.token = events[i].data.u64, .flags = flags};
    }
    return count;
}

int cposix_eventfd(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

void cposix_eventfd_signal(int fd) {
    uint64_t one = 1;
    // Fails only when the counter is full, and then the reader is told already.
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {}
}

void cposix_eventfd_clear(int fd) {
    uint64_t count;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {}
}

static sigset_t set_of(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    return set;
}

int cposix_block_signals(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int cposix_signalfd(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int cposix_signalfd_read(int fd, int *signals, int capacity) {
    int count = 0;
    struct signalfd_siginfo info;
    while (count < capacity) {
        ssize_t got = read(fd, &info, sizeof info);
        if (got < 0 && errno == EINTR) continue;
        if (got != sizeof info) break;
        signals[count++] = (int)info.ssi_signo;
    }
    return count;
}

int cposix_inotify(void) {
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int cposix_inotify_add(int fd, const char *path) {
    uint32_t what = IN_MODIFY | IN_MOVE_SELF | IN_DELETE_SELF | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE;
    int watch = inotify_add_watch(fd, path, what);
    return watch < 0 ? -errno : watch;
}

int cposix_inotify_clear(int fd) {
    char events[4096];
    int any = 0;
    for (;;) {
        ssize_t got = read(fd, events, sizeof events);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return any;
        any = 1;
    }
}

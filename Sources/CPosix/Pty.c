#define _GNU_SOURCE
#include "CPosix.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int cposix_pty_resize(int master, int columns, int rows) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    return ioctl(master, TIOCSWINSZ, &size) == 0 ? 0 : -errno;
}

/* A new session; opening the terminal then makes it the controlling one. */
static int spawn_on(const char *terminal, const char *program, char *const arguments[], char *const environment[], const char *directory,
                    pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_adddup2(&actions, 0, 2);
    if (directory) posix_spawn_file_actions_addchdir_np(&actions, directory);
    posix_spawnattr_init(&attributes);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int result = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return -result;
}

int cposix_pty_spawn(const char *program, char *const arguments[], char *const environment[], const char *directory, int columns, int rows,
                     int *master, pid_t *pid) {
    char terminal[128];
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return -errno;
    int result = grantpt(fd) != 0 || unlockpt(fd) != 0 ? -errno : -ptsname_r(fd, terminal, sizeof terminal);
    if (result == 0) result = cposix_pty_resize(fd, columns, rows);
    if (result == 0) result = spawn_on(terminal, program, arguments, environment, directory, pid);
    if (result < 0) {
        close(fd);
        return result;
    }
    *master = fd;
    return 0;
}

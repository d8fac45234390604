#define _GNU_SOURCE
#include "CPosix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

int cposix_random(void *bytes, size_t count) {
    uint8_t *at = bytes;
    while (count > 0) {
        ssize_t got = getrandom(at, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        at += got;
        count -= (size_t)got;
    }
    return 0;
}

int cposix_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return -errno;
    return fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int cposix_pipe(int fds[2]) { return pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0; }

int cposix_open(int directory, const char *path, int flags, unsigned mode) {
    for (;;) {
        int fd = openat(directory, path, flags | O_CLOEXEC, mode);
        if (fd >= 0) return fd;
        if (errno != EINTR) return -errno;
    }
}

int cposix_flock_exclusive(int fd) {
    while (flock(fd, LOCK_EX | LOCK_NB) < 0)
        if (errno != EINTR) return -errno;
    return 0;
}

int cposix_stat_at(int directory, const char *path, int follow, cposix_stat *facts) {
    struct stat found;
    if (fstatat(directory, path, &found, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) return -errno;
    *facts = (cposix_stat){
        .device = found.st_dev,
        .inode = found.st_ino,
        .size = (uint64_t)found.st_size,
        .links = found.st_nlink,
        .modified_ns = (int64_t)found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec,
        .mode = found.st_mode,
        .user = found.st_uid,
    };
    return 0;
}

int cposix_list(int directory, void (*each)(void *, const char *, size_t, int), void *context) {
    DIR *stream = fdopendir(directory);
    if (!stream) {
        int error = errno;
        close(directory);
        return -error;
    }
    int result = 0;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(stream);
        if (!entry) {
            result = -errno;
            break;
        }
        const char *name = entry->d_name;
        if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]))) continue;
        int is_directory = entry->d_type == DT_DIR;
        if (entry->d_type == DT_UNKNOWN) {
            cposix_stat facts;
            is_directory = cposix_stat_at(dirfd(stream), name, 0, &facts) == 0 && S_ISDIR(facts.mode);
        }
        each(context, name, strlen(name), is_directory);
    }
    closedir(stream);
    return result;
}

const char *cposix_describe(int code) {
    const char *text = strerrordesc_np(code);
    return text ? text : "unknown error";
}

int cposix_terminal_columns(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
}

// What Swift's Glibc module lacks, as plain functions. Unless said otherwise a result below 0 is -errno, every descriptor is
// made close-on-exec, and interrupted calls are repeated.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Waiting (Wait.c)

enum { CPOSIX_READ = 1, CPOSIX_WRITE = 2, CPOSIX_HANGUP = 4, CPOSIX_EDGE = 8 };

typedef struct {
    uint64_t token;
    uint32_t flags;
} cposix_ready;

int cposix_epoll_create(void);
int cposix_epoll_add(int epoll, int fd, uint32_t flags, uint64_t token);
int cposix_epoll_modify(int epoll, int fd, uint32_t flags, uint64_t token);
int cposix_epoll_remove(int epoll, int fd);
/// Below 0 nanoseconds waits for ever. An interruption counts as nothing ready. At most 128 are told at once.
int cposix_epoll_wait(int epoll, cposix_ready *ready, int capacity, int64_t nanoseconds);

int cposix_eventfd(void);
void cposix_eventfd_signal(int fd);
void cposix_eventfd_clear(int fd);

/// Blocks the signals for the calling thread and those it will start.
int cposix_block_signals(const int *signals, int count);
/// A non-blocking signalfd for them.
int cposix_signalfd(const int *signals, int count);
/// Writes the numbers of the signals that have come; how many, 0 when none.
int cposix_signalfd_read(int fd, int *signals, int capacity);

int cposix_inotify(void);
/// Watches a file for being written to, moved or removed, and a directory for names that come and go.
int cposix_inotify_add(int fd, const char *path);
/// Takes what is there; 1 when something was.
int cposix_inotify_clear(int fd);

// ---- Threads (Thread.c)

/// Starts a thread with all signals blocked but those that report its own faults. Takes `context`.
int cposix_start_thread(const char *name, size_t stack_bytes, void (*body)(void *context), void *context);

/// An address that differs for each living thread.
const void *cposix_thread_mark(void);

// ---- Processes (Process.c)

typedef struct {
    const char *executable;     // a path: nothing is looked for
    char *const *arguments;     // with the name in front, ended by NULL
    char *const *environment;   // ended by NULL; NULL inherits
    const char *directory;      // NULL inherits
    int input, output, error;   // become 0, 1, 2
    int new_session;            // 1: own session; 0: own process group; -1: stays in ours
    int dies_with_us;           // 1: killed when the thread that starts it is gone, however we end
} cposix_spawn_request;

enum { CPOSIX_SPAWN_FORK = 1, CPOSIX_SPAWN_DIRECTORY, CPOSIX_SPAWN_EXEC, CPOSIX_SPAWN_DESCRIPTORS, CPOSIX_SPAWN_WATCH };

typedef struct {
    pid_t pid;
    int pidfd;
    int failed_step;  // one of CPOSIX_SPAWN_…, when the result is below 0
} cposix_spawn_result;

/// Starts a program with no signal blocked, ignored or handled and with no descriptors but 0 to 2. Returns when it runs or
/// when it is known why it cannot.
int cposix_spawn(const cposix_spawn_request *request, cposix_spawn_result *result);

int cposix_pidfd_open(pid_t pid);
/// 1 and the status when the child has ended (and is reaped now), 0 when it runs. `signalled` tells what `code` is.
int cposix_reap(int pidfd, int wait, int *signalled, int *code);
int cposix_pidfd_signal(int pidfd, int signal);
/// Waits for a child that has the terminal. When it stops itself (its Ctrl-Z), this process stops too, so that the shell gets the terminal
/// back, and both go on together. As cposix_reap with `wait`.
int cposix_reap_foreground(int pidfd, int *signalled, int *code);
/// Stops this process as Ctrl-Z does and returns when it was continued. Without a shell that could continue it (an orphaned process
/// group, setpgid(2)) the kernel does not stop it, and this returns at once.
void cposix_stop(void);
/// Children must not vanish before they are looked at, whatever we inherited.
void cposix_keep_child_status(void);

// ---- Pseudo-terminals (Pty.c)

/// Starts a program in a session of its own on a new pseudo-terminal of that size, with no signal blocked or ignored. `master` is ours.
int cposix_pty_spawn(const char *program, char *const arguments[], char *const environment[], const char *directory, int columns, int rows,
                     int *master, pid_t *pid);
int cposix_pty_resize(int master, int columns, int rows);

// ---- Sockets (Socket.c)

int cposix_unix_listen(const char *path, int backlog);
/// Waits for a full queue at most so long; the socket is non-blocking afterwards.
int cposix_unix_connect(const char *path, int timeout_ms);
/// -EAGAIN when nobody waits.
int cposix_accept(int fd);
int cposix_peer(int fd, uint32_t *user, pid_t *pid);
/// A port of 127.0.0.1 that was free just now.
int cposix_free_port(void);
int cposix_socketpair(int fds[2]);

// ---- The rest (Misc.c)

int cposix_random(void *bytes, size_t count);
int cposix_set_nonblocking(int fd);
int cposix_pipe(int fds[2]);
/// Not variadic, unlike open and openat.
int cposix_open(int directory, const char *path, int flags, unsigned mode);
int cposix_flock_exclusive(int fd);
/// Columns of the terminal, 0 when it is none or does not know.
int cposix_terminal_columns(int fd);

typedef struct {
    uint64_t device, inode, size, links;
    int64_t modified_ns;
    uint32_t mode, user;
} cposix_stat;

/// `follow` 0 tells about a symbolic link itself.
int cposix_stat_at(int directory, const char *path, int follow, cposix_stat *facts);

/// Calls back with each name but "." and "..", in the order of the directory. Takes the descriptor.
int cposix_list(int directory, void (*each)(void *context, const char *name, size_t length, int is_directory), void *context);

/// The name of an errno's number, for a person. Never NULL.
const char *cposix_describe(int code);

#ifdef __cplusplus
}
#endif

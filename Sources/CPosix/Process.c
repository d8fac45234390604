#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/// What the child found; it shares our memory until it has executed the program.
typedef struct {
    volatile int step, error;
} finding;

static void close_from(unsigned first) {
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0 || limit > 65536) limit = 65536;
    for (int fd = (int)first; fd < limit; fd++) close(fd);
}

/// Only calls that are allowed between vfork and exec, and nothing that changes the parent's memory but `found`.
static void __attribute__((noreturn)) become(const cposix_spawn_request *request, finding *found) {
    if (request->new_session > 0) setsid();
    if (request->new_session == 0) setpgid(0, 0);
    if (request->dies_with_us) prctl(PR_SET_PDEATHSIG, SIGKILL);

    found->step = CPOSIX_SPAWN_DIRECTORY;
    if (request->directory && chdir(request->directory) < 0) goto failed;

    // First above 2, so that no dup2 overwrites what another still needs; a copy made by dup2 is not close-on-exec.
    found->step = CPOSIX_SPAWN_DESCRIPTORS;
    int wanted[3] = {request->input, request->output, request->error};
    for (int i = 0; i < 3; i++) {
        wanted[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 3);
        if (wanted[i] < 0) goto failed;
    }
    for (int i = 0; i < 3; i++)
        if (dup2(wanted[i], i) < 0) goto failed;
    close_from(3);

    // The dispositions first, while all is blocked: a signal that waits must meet the default and not our handler.
    // By the system call, since the library refuses to touch 32 and 33, which whoever started us may have ignored.
    const uint64_t standard[8] = {0};  // the kernel's struct sigaction: SIG_DFL is 0, nothing blocked
    for (int signal = 1; signal <= 64; signal++) syscall(SYS_rt_sigaction, signal, standard, NULL, sizeof(uint64_t));
    const uint64_t none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);

    found->step = CPOSIX_SPAWN_EXEC;
    execve(request->executable, request->arguments, request->environment ? request->environment : environ);
failed:
    found->error = errno;
    _exit(127);
}

/// Apart from the caller, so that the frame shared with the child holds nothing the caller still needs.
static pid_t __attribute__((noinline)) start(const cposix_spawn_request *request, finding *found) {
    pid_t pid = vfork();
    if (pid == 0) become(request, found);
    return pid;
}

int cposix_spawn(const cposix_spawn_request *request, cposix_spawn_result *result) {
    *result = (cposix_spawn_result){.pid = -1, .pidfd = -1};
    finding found = {0, 0};
    // No handler of ours may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = start(request, &found);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (pid < 0) {
        result->failed_step = CPOSIX_SPAWN_FORK;
        return -error;
    }
    if (found.error) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
        result->failed_step = found.step;
        return -found.error;
    }
    // Race-free: the child stays at least as a zombie until somebody who knows its number reaps it.
    int pidfd = cposix_pidfd_open(pid);
    if (pidfd < 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
        result->failed_step = CPOSIX_SPAWN_WATCH;
        return pidfd;
    }
    result->pid = pid;
    result->pidfd = pidfd;
    return 0;
}

int cposix_pidfd_open(pid_t pid) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);  // close-on-exec by itself
    return fd < 0 ? -errno : fd;
}

int cposix_reap(int pidfd, int wait, int *signalled, int *code) {
    siginfo_t info = {0};
    while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | (wait ? 0 : WNOHANG)) < 0) {
        if (errno != EINTR) return -errno;
    }
    if (info.si_pid == 0) return 0;
    *signalled = info.si_code != CLD_EXITED;
    *code = info.si_status;
    return 1;
}

void cposix_stop(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL}, before;
    sigset_t stop, mask;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    sigaction(SIGTSTP, &standard, &before);
    pthread_sigmask(SIG_BLOCK, &stop, &mask);
    // Pending first and let through then: with one that the keyboard sent meanwhile it stops once, as SIGCONT drops what is left.
    raise(SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &before, NULL);
}

int cposix_reap_foreground(int pidfd, int *signalled, int *code) {
    for (;;) {
        siginfo_t info = {0};
        if (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WSTOPPED) < 0) {
            if (errno != EINTR) return -errno;
        } else if (info.si_code == CLD_STOPPED) {
            cposix_stop();
            cposix_pidfd_signal(pidfd, SIGCONT);
        } else {
            *signalled = info.si_code != CLD_EXITED;
            *code = info.si_status;
            return 1;
        }
    }
}

int cposix_pidfd_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

void cposix_keep_child_status(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &standard, NULL);
}

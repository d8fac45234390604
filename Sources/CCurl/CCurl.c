#define _GNU_SOURCE
#define CURL_DISABLE_TYPECHECK
#include "CCurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

// --- opening libcurl ------------------------------------------------------------------------------------------------

#define FUNCTIONS(X)                                                                                                   \
    X(curl_global_init) X(curl_easy_init) X(curl_easy_cleanup) X(curl_easy_setopt) X(curl_easy_getinfo)                \
    X(curl_easy_pause) X(curl_easy_strerror) X(curl_slist_append) X(curl_slist_free_all) X(curl_multi_init)            \
    X(curl_multi_cleanup) X(curl_multi_setopt) X(curl_multi_add_handle) X(curl_multi_remove_handle)                    \
    X(curl_multi_socket_action) X(curl_multi_assign) X(curl_multi_info_read)

static struct {
#define X(name) __typeof__(name) *name;
    FUNCTIONS(X)
#undef X
} lib;

static const char *library_problem;
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void open_library(void) {
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!handle) handle = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        library_problem = "libcurl.so.4 cannot be opened: install libcurl4";
        return;
    }
#define X(name)                                                                                                        \
    if (!(lib.name = (__typeof__(name) *)dlsym(handle, #name))) {                                                      \
        library_problem = "libcurl.so.4 lacks " #name ": it is too old";                                               \
        return;                                                                                                        \
    }
    FUNCTIONS(X)
#undef X
    if (lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) library_problem = "libcurl cannot be initialised";
}

// --- the loop -------------------------------------------------------------------------------------------------------

struct ccurl_loop {
    CURLM *multi;
    int epoll, wake;
    int64_t timer_ms;   // when libcurl wants to be called without a socket event; -1: never
    ccurl_callbacks callbacks;
};

struct ccurl_transfer {
    CURL *easy;
    struct curl_slist *headers;
    ccurl_loop *loop;
    void *context;
    char text[CURL_ERROR_SIZE];
};

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// libcurl says what it wants to know about a socket. `known` is the mark set at the first call for it.
static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *user, void *known) {
    (void)easy;
    ccurl_loop *loop = user;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = fd};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) {
        // A descriptor number may have been closed and given out anew behind our back: put it the other way.
        epoll_ctl(loop->epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    }
    if (!known) lib.curl_multi_assign(loop->multi, fd, loop);
    return 0;
}

static int timer_wanted(CURLM *multi, long timeout_ms, void *user) {
    (void)multi;
    ccurl_loop *loop = user;
    loop->timer_ms = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    return 0;
}

ccurl_loop *ccurl_loop_create(ccurl_callbacks callbacks, const char **problem) {
    pthread_once(&library_once, open_library);
    *problem = library_problem;
    if (library_problem) return NULL;
    *problem = "no memory or no descriptors left for the HTTP loop";
    ccurl_loop *loop = calloc(1, sizeof *loop);
    if (!loop) return NULL;
    loop->callbacks = callbacks;
    loop->timer_ms = -1;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->multi = lib.curl_multi_init();
    struct epoll_event event = {.events = EPOLLIN, .data.fd = loop->wake};
    if (loop->epoll < 0 || loop->wake < 0 || !loop->multi || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) != 0) {
        ccurl_loop_destroy(loop);
        return NULL;
    }
    lib.curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    lib.curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    lib.curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    lib.curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    lib.curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, 64L);      // connections kept while idle
    return loop;
}

void ccurl_loop_destroy(ccurl_loop *loop) {
    if (loop->multi) lib.curl_multi_cleanup(loop->multi);
    if (loop->epoll >= 0) close(loop->epoll);
    if (loop->wake >= 0) close(loop->wake);
    free(loop);
}

void ccurl_loop_wake(ccurl_loop *loop) {
    uint64_t one = 1;
    while (write(loop->wake, &one, sizeof one) < 0 && errno == EINTR) {}
}

static int outcome_of(const ccurl_transfer *transfer, CURLcode code) {
    long os_error = 0;
    switch (code) {
    case CURLE_OK: return CCURL_OK;
    case CURLE_COULDNT_CONNECT:
        lib.curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
        return os_error == ECONNREFUSED || os_error == ENOENT || os_error == 0 ? CCURL_REFUSED : CCURL_OTHER;
    case CURLE_OPERATION_TIMEDOUT: return CCURL_TIMED_OUT;
    case CURLE_RECV_ERROR: case CURLE_SEND_ERROR: case CURLE_GOT_NOTHING: case CURLE_PARTIAL_FILE: return CCURL_RESET;
    case CURLE_WRITE_ERROR: case CURLE_ABORTED_BY_CALLBACK: return CCURL_ABORTED;
    case CURLE_UNSUPPORTED_PROTOCOL:        // what 7.88 says to an answer without a status line
    case CURLE_WEIRD_SERVER_REPLY: case CURLE_BAD_CONTENT_ENCODING: return CCURL_NOT_HTTP;
    case CURLE_SSL_CONNECT_ERROR: case CURLE_PEER_FAILED_VERIFICATION: case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED: case CURLE_SSL_CERTPROBLEM: case CURLE_SSL_CIPHER: case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE: case CURLE_SSL_ISSUER_ERROR: case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS: return CCURL_TLS;
    default: return CCURL_OTHER;
    }
}

static void report_finished(ccurl_loop *loop) {
    CURLMsg *message;
    int left;
    while ((message = lib.curl_multi_info_read(loop->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code = message->data.result;
        char *private = NULL;
        lib.curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        ccurl_transfer *transfer = (ccurl_transfer *)(void *)private;
        const char *text = transfer->text[0] ? transfer->text : lib.curl_easy_strerror(code);
        loop->callbacks.done(transfer->context, outcome_of(transfer, code), (int)code, text);
    }
}

int64_t ccurl_loop_step(ccurl_loop *loop, int64_t deadline_ms) {
    if (loop->timer_ms >= 0 && (deadline_ms < 0 || loop->timer_ms < deadline_ms)) deadline_ms = loop->timer_ms;
    int timeout = -1;
    if (deadline_ms >= 0) {
        int64_t wait = deadline_ms - now_ms();
        timeout = wait < 0 ? 0 : wait > 86400000 ? 86400000 : (int)wait;
    }
    struct epoll_event events[64];
    int count = epoll_wait(loop->epoll, events, 64, timeout), running;
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == loop->wake) {
            uint64_t wakes;
            while (read(loop->wake, &wakes, sizeof wakes) < 0 && errno == EINTR) {}
            continue;
        }
        // An error or hang-up is "readable": recv then says which; CURL_CSELECT_ERR would hide it behind a general code.
        int what = events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? CURL_CSELECT_IN : 0;
        if (events[i].events & EPOLLOUT) what |= CURL_CSELECT_OUT;
        lib.curl_multi_socket_action(loop->multi, events[i].data.fd, what, &running);
    }
    int64_t now = now_ms();
    if (loop->timer_ms >= 0 && now >= loop->timer_ms) {
        loop->timer_ms = -1;
        lib.curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    report_finished(loop);
    return now;
}

// --- transfers ------------------------------------------------------------------------------------------------------

static size_t take_header(char *line, size_t size, size_t count, void *user) {
    ccurl_transfer *transfer = user;
    long status = 0;
    lib.curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->loop->callbacks.header(transfer->context, (int)status, line, size * count);
    return size * count;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user) {
    ccurl_transfer *transfer = user;
    switch (transfer->loop->callbacks.bytes(transfer->context, bytes, size * count)) {
    case CCURL_GO_ON: return size * count;
    case CCURL_PAUSE: return CURL_WRITEFUNC_PAUSE;
    default: return size * count + 1;   // any wrong count ends it with CURLE_WRITE_ERROR
    }
}

static bool add_headers(ccurl_transfer *transfer, const ccurl_request *request) {
    bool has_type = false;
    for (size_t i = 0; i < request->header_count + 2; i++) {
        const char *line;
        if (i < request->header_count) {
            line = request->headers[i];
            has_type = has_type || strncasecmp(line, "content-type:", 13) == 0;
        } else if (i == request->header_count) {
            line = "Expect:";           // no waiting for "100 Continue"
        } else if (has_type) {
            break;
        } else {
            line = "Content-Type:";     // else libcurl calls every body a form
        }
        struct curl_slist *longer = lib.curl_slist_append(transfer->headers, line);
        if (!longer) return false;
        transfer->headers = longer;
    }
    return true;
}

static void set_common(ccurl_transfer *transfer) {
    CURL *easy = transfer->easy;
    lib.curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    lib.curl_easy_setopt(easy, CURLOPT_PROXY, "");          // no proxy, whatever the environment says
    lib.curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    lib.curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    lib.curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    lib.curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    lib.curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    lib.curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    lib.curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->text);
    lib.curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)transfer);
    lib.curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    lib.curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    lib.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
    lib.curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

static bool set_request(ccurl_transfer *transfer, const ccurl_request *request) {
    CURL *easy = transfer->easy;
    bool is_get = strcmp(request->method, "GET") == 0, is_head = strcmp(request->method, "HEAD") == 0;
    if (lib.curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK) return false;
    if (request->unix_socket) lib.curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    if (is_head) lib.curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (request->body || !(is_get || is_head)) {
        lib.curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        if (lib.curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body ? request->body : "") != CURLE_OK) return false;
        if (lib.curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) != CURLE_OK) return false;
    }
    lib.curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    lib.curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    lib.curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    lib.curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->fresh_connection ? 1L : 0L);
    lib.curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, request->fresh_connection ? 1L : 0L);
    if (request->is_stream) lib.curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 1024L);   // libcurl's least; else 16 KB
    return true;
}

ccurl_transfer *ccurl_transfer_start(ccurl_loop *loop, const ccurl_request *request, void *context) {
    ccurl_transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer) return NULL;
    transfer->loop = loop;
    transfer->context = context;
    transfer->easy = lib.curl_easy_init();
    bool ready = transfer->easy && add_headers(transfer, request);
    if (ready) {
        set_common(transfer);
        ready = set_request(transfer, request) && lib.curl_multi_add_handle(loop->multi, transfer->easy) == CURLM_OK;
    }
    if (ready) return transfer;
    if (transfer->easy) lib.curl_easy_cleanup(transfer->easy);
    lib.curl_slist_free_all(transfer->headers);
    free(transfer);
    return NULL;
}

void ccurl_transfer_end(ccurl_transfer *transfer) {
    lib.curl_multi_remove_handle(transfer->loop->multi, transfer->easy);
    lib.curl_easy_cleanup(transfer->easy);
    lib.curl_slist_free_all(transfer->headers);
    free(transfer);
}

void ccurl_transfer_resume(ccurl_transfer *transfer) { lib.curl_easy_pause(transfer->easy, CURLPAUSE_CONT); }

// Connects everyone, brings them into their rooms, and prepares the lines that they will send.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "load.h"

// JOINING: connections that may wait for an answer at one time, after the first phase. CHUNK: bytes of prepared lines.
enum { JOINING = 500, CHUNK = 65536 };

static int phase, started, finished; // the phase that is under way, and how many connections began and finished it

// Returns the text with %r, %m and %c filled in, and with one part of each `%{odd%|even%}`. The caller frees it.
static char *fill_in(const char *text, const struct connection *c) {
    char *filled = malloc(strlen(text) * 8 + 64), *at = filled;
    int odd = c->member % 2, left_out = 0;
    for (; *text; text++) {
        if (text[0] == '%' && text[1] && strchr("{|}", text[1])) {
            left_out = text[1] == '{' ? !odd : text[1] == '|' ? odd : 0;
            text++;
        } else if (left_out) {
            continue;
        } else if (text[0] == '%' && text[1] && strchr("rmc", text[1])) {
            int number = text[1] == 'r'   ? options.from + c->room
                         : text[1] == 'm' ? c->member
                                          : options.from * options.members + (int)(c - connections);
            at += sprintf(at, "%d", number);
            text++;
        } else {
            *at++ = *text;
        }
    }
    *at = 0;
    return filled;
}

static void open_connection(struct connection *c) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
    int on = 1;
    struct linger reset = { 1, 0 };
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (options.addresses > 0) {
        struct sockaddr_in from = to;
        from.sin_port = 0;
        from.sin_addr.s_addr = htonl(0x7f000201 + (uint32_t)((c - connections) % options.addresses));
        if (bind(c->fd, (struct sockaddr *)&from, sizeof from) != 0) fail("bind: %s", strerror(errno));
    }
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0) fail("connect: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A reset ends the connection, so that its port is free for the next run at once.
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

static void say_hello(struct connection *c) {
    char *hello = fill_in(options.hello[c->phase], c);
    if (write(c->fd, hello, strlen(hello)) != (ssize_t)strlen(hello)) fail("hello: %s", strerror(errno));
    free(hello);
    c->matched = 0;
}

// Searches the bytes for the text that the connection waits for, which may arrive in several reads.
void read_answer(struct connection *c, const char *bytes, size_t length) {
    const char *expect = options.expect[c->phase];
    if (c->phase > phase) return; // It has not sent the request yet that this text would answer.
    for (size_t at = 0; at < length; at++) {
        if (bytes[at] == expect[c->matched]) c->matched++;
        else c->matched = bytes[at] == expect[0];
        if (expect[c->matched]) continue;
        c->phase = options.hello[1] != NULL ? c->phase + 1 : PHASES;
        c->matched = 0;
        finished++;
        return;
    }
}

// Returns when nothing has been read for 0.3 s. Events about the last members that joined would otherwise count as
// deliveries.
static void wait_for_quiet(double limit) {
    long before = -1;
    for (double quiet = 0; now() < quiet || before != bytes_read;) {
        if (before != bytes_read) quiet = now() + 0.3;
        before = bytes_read;
        run_loop_once(now() + 0.01);
        if (now() > limit) fail("it does not become quiet");
    }
}

static void prepare_lines(struct connection *c) {
    char *line = fill_in(options.message, c);
    c->length = strlen(line);
    c->chunk = CHUNK / c->length * c->length;
    c->lines_out = malloc(c->chunk);
    for (size_t at = 0; at < c->chunk; at += c->length) memcpy(c->lines_out + at, line, c->length);
    free(line);
}

// Connects everyone and returns when all are in their rooms and nothing more comes.
void enter(void) {
    double limit = now() + 180;
    // All connections finish the first phase before the second begins, because joining a full room costs a server least
    // when many join at once.
    for (phase = 0; phase < PHASES && options.hello[phase] != NULL; phase++) {
        int most = phase == 0 ? options.at_once : JOINING;
        for (started = finished = 0; finished < count;) {
            for (; started < count && started - finished < most; started++) {
                if (phase == 0) open_connection(connections + started);
                say_hello(connections + started);
            }
            run_loop_once(now() + 0.1);
            if (now() > limit) fail("%d of %d connections are in after three minutes", finished, count);
        }
    }
    wait_for_quiet(limit);
    for (int each = 0; each < count; each++) {
        struct connection *c = connections + each;
        c->marks = c->lines = c->next = 0;
        if (c->member < options.speakers) prepare_lines(c);
    }
    for (int each = 0; each < options.rooms; each++) rooms[each].delivered = 0;
}

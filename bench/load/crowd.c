// Brings everyone in, and makes the lines that they will send.
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

enum { JOINING = 500, CHUNK = 65536 };

static int phase, started, in; // started, in: of the phase

// The text with %r, %m and %c filled in; to be freed.
static char *filled(const char *text, const struct connection *c) {
    char *out = malloc(strlen(text) * 8 + 64), *at = out;
    for (; *text; text++) {
        if (text[0] == '%' && text[1] && strchr("rmc", text[1])) {
            int value = text[1] == 'r' ? o.from + c->room : text[1] == 'm' ? c->member : o.from * o.members + (int)(c - connections);
            at += sprintf(at, "%d", value);
            text++;
        } else {
            *at++ = *text;
        }
    }
    *at = 0;
    return out;
}

static void start_connection(struct connection *c) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(o.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1;
    struct linger reset = { 1, 0 };
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0) fail("connect: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    // Closed by a reset: no address is kept back for the next run.
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

static void say_hello(struct connection *c) {
    char *hello = filled(o.hello[c->step], c);
    if (write(c->fd, hello, strlen(hello)) != (ssize_t)strlen(hello)) fail("hello: %s", strerror(errno));
    free(hello);
    c->matched = 0;
}

// Looks for what the connection waits for, wherever the network cut it.
void set_up(struct connection *c, const char *bytes, size_t length) {
    const char *expect = o.expect[c->step];
    if (c->step > phase) return; // It has not said yet what this would answer.
    for (size_t at = 0; at < length; at++) {
        if (bytes[at] == expect[c->matched]) c->matched++;
        else c->matched = bytes[at] == expect[0];
        if (expect[c->matched]) continue;
        c->step = o.hello[1] != NULL ? c->step + 1 : STEPS;
        c->matched = 0;
        in++;
        return;
    }
}

void enter(void) {
    double limit = now() + 180;
    // Everyone says the first, then everyone the second: who joins a full room costs least when many do in one go.
    for (phase = 0; phase < STEPS && o.hello[phase] != NULL; phase++) {
        for (started = in = 0; in < count;) {
            while (started < count && started - in < (phase == 0 ? o.at_once : JOINING)) {
                if (phase == 0) start_connection(connections + started);
                say_hello(connections + started++);
            }
            step(100);
            if (now() > limit) fail("%d of %d connections are in after three minutes", in, count);
        }
    }
    // What is still told about those who came last, until nothing has come for a while: it would be taken for deliveries.
    long before = -1;
    for (double quiet = 0; now() < quiet || before != taken;) {
        if (before != taken) quiet = now() + 0.3;
        before = taken;
        step(10);
        if (now() > limit) fail("it does not become quiet");
    }
    for (int each = 0; each < count; each++) {
        struct connection *c = connections + each;
        c->marks = c->lines = 0;
        if (c->member >= o.speakers) continue;
        char *line = filled(o.message, c);
        c->length = strlen(line);
        c->chunk = CHUNK / c->length * c->length;
        c->lines_out = malloc(c->chunk);
        for (size_t at = 0; at < c->chunk; at += c->length) memcpy(c->lines_out + at, line, c->length);
        free(line);
    }
    for (int each = 0; each < o.rooms; each++) rooms[each].delivered = 0;
}

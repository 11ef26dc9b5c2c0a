// Sends and reads. A message's text holds one mark byte, so the deliveries in a buffer are the marks in it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include "load.h"

enum { MARK = '|', EVENTS = 16384 };

enum stage stage;
long taken;
double *latencies;
size_t latency_count;

static size_t latency_room;
static int poller;
// Rooms in which messages have become complete in this step.
static struct room **due;
static int due_count;

void begin_traffic(void) {
    poller = epoll_create1(0);
    due = calloc((size_t)o.rooms, sizeof *due);
}

// In lanes that the compiler makes vectors of: 255 rounds are the most that a byte can count.
static long count_byte(const char *bytes, size_t length, char byte) {
    enum { LANES = 64, ROUNDS = 255 };
    long found = 0;
    size_t at = 0;
    while (length - at >= LANES) {
        unsigned char lanes[LANES] = { 0 };
        for (int round = 0; round < ROUNDS && length - at >= LANES; round++, at += LANES)
            for (int lane = 0; lane < LANES; lane++) lanes[lane] += bytes[at + lane] == byte;
        for (int lane = 0; lane < LANES; lane++) found += lanes[lane];
    }
    for (; at < length; at++) found += bytes[at] == byte;
    return found;
}

void watch(struct connection *c, int operation, unsigned events) {
    struct epoll_event event = { .events = events, .data.ptr = c };
    if (epoll_ctl(poller, operation, c->fd, &event) != 0) fail("epoll: %s", strerror(errno));
}

// Sends what is owed, as far as the socket takes it. All lines of a connection are alike: a chunk of them is made once.
static void flush(struct connection *c, int was_full) {
    while (c->owed > 0 || c->offset > 0) {
        size_t lines = c->chunk / c->length, begun = c->offset > 0;
        size_t want = (size_t)c->owed + begun < lines ? (size_t)c->owed + begun : lines;
        ssize_t wrote = write(c->fd, c->lines_out + c->offset, want * c->length - c->offset);
        if (wrote < 0) {
            if (errno != EAGAIN) fail("write: %s", strerror(errno));
            if (!was_full) watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }
        size_t end = c->offset + (size_t)wrote;
        // A line that is begun is not owed any more.
        c->owed -= (long)((end + c->length - 1) / c->length - begun);
        c->offset = end % c->length;
    }
    if (was_full) watch(c, EPOLL_CTL_MOD, EPOLLIN);
}

void send_messages(struct room *room, long messages, double at) {
    struct connection *first = connections + (room - rooms) * o.members;
    for (long each = 0; each < messages; each++) {
        struct connection *c = first + room->next_speaker;
        room->next_speaker = (room->next_speaker + 1) % o.speakers;
        if (room->sent - room->complete >= WAITING) fail("more than %d messages wait in a room", WAITING);
        room->sent_at[room->sent++ % WAITING] = at;
        c->sent++;
        c->owed++;
    }
    for (int speaker = 0; speaker < o.speakers; speaker++) if (first[speaker].owed > 0) flush(first + speaker, 0);
}

static void complete(struct room *room, double at) {
    long whole = room->delivered / (o.members - 1), before = room->complete;
    for (; room->complete < whole; room->complete++) {
        if (stage == WARMING_UP) continue;
        if (latency_count == latency_room) latencies = realloc(latencies, (latency_room = latency_room * 2 + 4096) * sizeof *latencies);
        latencies[latency_count++] = at - room->sent_at[room->complete % WAITING];
    }
    // Sent at the end of the step, with what completes in it besides: fewer and larger writes.
    if (o.window == 0 || stage == DRAINING || room->complete == before) return;
    if (room->due == 0) due[due_count++] = room;
    room->due += room->complete - before;
}

static void send_due(void) {
    double at = now();
    for (int each = 0; each < due_count; each++) {
        send_messages(due[each], due[each]->due, at);
        due[each]->due = 0;
    }
    due_count = 0;
}

static void take(struct connection *c) {
    ssize_t got = read(c->fd, buffer, sizeof buffer);
    if (got == 0) fail("connection %d was closed", (int)(c - connections));
    if (got < 0) {
        if (errno == EAGAIN) return;
        fail("read: %s", strerror(errno));
    }
    taken += got;
    if (c->step < STEPS) {
        set_up(c, buffer, (size_t)got);
        return;
    }
    long marks = count_byte(buffer, (size_t)got, MARK);
    if (o.replies && c->member < o.speakers) c->lines += count_byte(buffer, (size_t)got, '\n');
    if (marks == 0) return;
    c->marks += marks;
    struct room *room = rooms + c->room;
    room->delivered += marks;
    complete(room, now());
}

void step(int milliseconds) {
    static struct epoll_event events[EVENTS];
    // On the beat, when nobody sleeps in epoll: a server would pay for waking this process with every other write.
    if (o.beat > 0) {
        struct timespec pause = { 0, (long)(o.beat * 1e6) };
        nanosleep(&pause, NULL);
    }
    int ready = epoll_wait(poller, events, EVENTS, o.beat > 0 ? 0 : milliseconds);
    for (int each = 0; each < ready; each++) {
        struct connection *c = events[each].data.ptr;
        if (events[each].events & EPOLLOUT) flush(c, 1);
        if (events[each].events & ~EPOLLOUT) take(c);
    }
    if (due_count > 0) send_due();
}

// Sends messages, reads deliveries and matches the two.
#define _GNU_SOURCE // for epoll_pwait2
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include "load.h"

enum { MARK = '|', EVENTS = 16384 };

enum stage stage;
long bytes_read;
double *latencies;
size_t latency_count;

static size_t latency_capacity;
static int poller;
// Rooms with places that became free in this turn of the loop; GATHERED only.
static struct room **due;
static int due_count;

void open_poller(void) {
    poller = epoll_create1(0);
    due = calloc((size_t)options.rooms, sizeof *due);
}

void watch(struct connection *c, int operation, unsigned events) {
    struct epoll_event event = { .events = events, .data.ptr = c };
    if (epoll_ctl(poller, operation, c->fd, &event) != 0) fail("epoll: %s", strerror(errno));
}

static void set_blocked(struct connection *c, int blocked) {
    if (c->blocked == blocked) return;
    c->blocked = blocked;
    watch(c, EPOLL_CTL_MOD, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

// Writes up to `most` lines that are owed with one write. Returns whether the socket took anything.
static int write_lines(struct connection *c, long most) {
    long begun = c->offset > 0, lines = c->owed + begun < most ? c->owed + begun : most;
    ssize_t wrote = write(c->fd, c->lines_out + c->offset, (size_t)lines * c->length - c->offset);
    if (wrote < 0) {
        if (errno != EAGAIN) fail("write: %s", strerror(errno));
        return 0;
    }
    size_t end = c->offset + (size_t)wrote;
    // A line that the socket took in part is no longer owed.
    c->owed -= (long)((end + c->length - 1) / c->length) - begun;
    c->offset = end % c->length;
    return 1;
}

static int has_output(const struct connection *c) {
    return c->owed > 0 || c->offset > 0;
}

// GATHERED: writes everything that is owed, in as few writes as the socket takes.
static void write_all(struct connection *c) {
    while (has_output(c)) {
        if (!write_lines(c, (long)(c->chunk / c->length))) {
            set_blocked(c, 1);
            return;
        }
    }
    set_blocked(c, 0);
}

// SINGLE: writes one line. If more are owed, epoll says when the socket takes the next one.
static void write_one(struct connection *c) {
    write_lines(c, 1);
    set_blocked(c, has_output(c));
}

// Counts a message as sent, and as owed by its sender.
static struct connection *add_message(struct room *room, int speaker, double at) {
    struct connection *c = connections + (room - rooms) * options.members + speaker;
    if (room->sent - room->complete >= RING) fail("more than %d messages are in flight in a room", RING);
    room->messages[room->sent++ % RING] = (struct message){ at, options.members - 1, speaker };
    c->sent++;
    c->owed++;
    return c;
}

// Sends one message with a write of its own. If the socket is full, it is written once the socket takes it.
static void send_single(struct room *room, int speaker, double at) {
    struct connection *c = add_message(room, speaker, at);
    if (!c->blocked) write_one(c);
}

static int take_turn(struct room *room) {
    int speaker = room->next_speaker;
    room->next_speaker = (speaker + 1) % options.speakers;
    return speaker;
}

// Sends the next message of the room. Its speakers take turns.
void send_next(struct room *room, double at) {
    send_single(room, take_turn(room), at);
}

// GATHERED: sends what became due in this turn of the loop. A speaker writes all its messages at once.
static void send_due(void) {
    double at = now();
    for (int each = 0; each < due_count; each++) {
        struct room *room = due[each];
        struct connection *first = connections + (room - rooms) * options.members;
        for (; room->due > 0; room->due--) add_message(room, take_turn(room), at);
        for (int speaker = 0; speaker < options.speakers; speaker++)
            if (first[speaker].owed > 0) write_all(first + speaker);
    }
    due_count = 0;
}

// Called when all other members have the message. Records its latency, and sends another message in its place.
static void complete(struct room *room, const struct message *message, double at) {
    room->complete++;
    if (stage != WARMING_UP) {
        if (latency_count == latency_capacity) {
            latency_capacity = latency_capacity * 2 + 4096;
            latencies = realloc(latencies, latency_capacity * sizeof *latencies);
        }
        latencies[latency_count++] = at - message->sent_at;
    }
    if (options.window == 0 || stage == DRAINING) return;
    if (options.mode == SINGLE) {
        send_single(room, message->speaker, at);
    } else if (room->due++ == 0) {
        due[due_count++] = room;
    }
}

// Matches marks with the messages of the room, in the order in which they were sent; a member does not get its own
// messages. A server may order messages of different senders in another way, but the number in flight in the room does
// not depend on that.
static void deliver(struct connection *c, long marks, double at) {
    struct room *room = rooms + c->room;
    c->marks += marks;
    room->delivered += marks;
    while (marks > 0) {
        if (c->next == room->sent)
            fail("connection %d has got %ld deliveries, and %ld were sent", (int)(c - connections), c->marks, room->sent - c->sent);
        struct message *message = room->messages + c->next++ % RING;
        if (message->speaker == c->member) continue;
        marks--;
        if (--message->missing == 0) complete(room, message, at);
    }
}

// Counts in lanes, which the compiler turns into vector instructions. A lane is a byte, so it can count 255 rounds at
// most.
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

static void read_from(struct connection *c) {
    ssize_t got = read(c->fd, buffer, sizeof buffer);
    if (got == 0) fail("connection %d was closed after %.*s", (int)(c - connections), c->last_length, c->last);
    if (got < 0) {
        if (errno == EAGAIN) return;
        fail("read: %s", strerror(errno));
    }
    bytes_read += got;
    c->last_length = (int)(got < (ssize_t)sizeof c->last ? got : (ssize_t)sizeof c->last);
    memcpy(c->last, buffer + got - c->last_length, (size_t)c->last_length);
    if (c->phase < PHASES) {
        read_answer(c, buffer, (size_t)got);
        return;
    }
    long marks = count_byte(buffer, (size_t)got, MARK);
    if (options.replies && c->member < options.speakers) c->lines += count_byte(buffer, (size_t)got, '\n');
    if (marks > 0) deliver(c, marks, now());
}

// GATHERED: sleeps for a beat and looks which sockets are ready. SINGLE: sleeps until a socket is ready, or until
// `until`.
static int wait_for_events(struct epoll_event *events, double until) {
    if (options.mode == GATHERED) {
        struct timespec beat = { 0, (long)(options.beat * 1e6) };
        nanosleep(&beat, NULL);
        return epoll_wait(poller, events, EVENTS, 0);
    }
    double left = until > now() ? until - now() : 0;
    if (left < 0) left = 0;
    struct timespec most = { (time_t)left, (long)((left - (double)(time_t)left) * 1e9) };
    return epoll_pwait2(poller, events, EVENTS, &most, NULL);
}

// One turn of the loop, which may wait for events until `until`.
void run_loop_once(double until) {
    static struct epoll_event events[EVENTS];
    int ready = wait_for_events(events, until);
    for (int each = 0; each < ready; each++) {
        struct connection *c = events[each].data.ptr;
        if (events[each].events & EPOLLOUT) {
            if (options.mode == SINGLE) write_one(c);
            else write_all(c);
        }
        if (events[each].events & ~EPOLLOUT) read_from(c);
    }
    if (due_count > 0) send_due();
}

// The load generator of `npm run bench`: one thread, one epoll loop, the same for every server. It parses nothing. A message's
// text holds one mark byte, so the deliveries in a buffer are the marks in it; a message is on its way until all the other
// members of its room have it, which the marks that the room has got tell. In C because it must cost far less than what it
// measures: a read of Node's costs as much as a server's write.
//
// Prints `ready` when everyone is in, and after the run one line of JSON. Without --window it stays until its standard input
// ends: each line of it is a rate in messages a second, run as a load of its own; between them everyone is idle. Exits with 1
// and a sentence when somebody did not get exactly what was sent.
//
// main.c reads the options, crowd.c brings everyone in, traffic.c sends and counts, run.c measures.
#include <stddef.h>

enum { STEPS = 2, READ_BYTES = 1 << 17, WAITING = 1 << 16 };

struct options {
    int port, pid, rooms, members, speakers, window, replies, at_once, from; // at_once: on their way in
    double rate, beat, warmup, seconds, drain;
    // What a new connection says, and what it waits for, once or twice; then the line of a message. %r stands for the
    // room's number, %m for the member's in it, %c for the connection's; rooms are numbered from `from`.
    const char *hello[STEPS], *expect[STEPS], *message;
};

struct room {
    long sent, delivered, complete, due;
    int next_speaker;
    double *sent_at; // by message, modulo WAITING
};

struct connection {
    int fd, room, member, step, matched;
    long owed, sent, marks, lines;
    size_t length, offset, chunk; // of one line; sent of the chunk at hand; of as many lines as fit
    char *lines_out;
};

enum stage { WARMING_UP, MEASURING, DRAINING };

extern struct options o;
extern struct room *rooms;
extern struct connection *connections;
extern int count; // of connections
extern enum stage stage;
extern long taken; // bytes, by everyone
extern char buffer[READ_BYTES];

void fail(const char *format, ...);
double now(void);

// crowd.c
void enter(void);
void set_up(struct connection *c, const char *bytes, size_t length);

// traffic.c
void begin_traffic(void);
void watch(struct connection *c, int operation, unsigned events);
void send_messages(struct room *room, long messages, double at);
void step(int milliseconds);
// Seconds that messages took which were complete while measuring.
extern double *latencies;
extern size_t latency_count;

// run.c
void run(void);

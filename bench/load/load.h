// The load generator of `npm run bench`: one thread and one epoll loop, the same for every server. It is in C because
// it must cost far less than what it measures: a read in Node.js costs as much as a server's write.
//
// It parses nothing. The text of a message has one mark byte, so the number of marks in what a member reads is the
// number of messages that it got. A message is in flight from its sending until all other members of its room have got
// it.
//
// It sends in one of two modes. GATHERED looks at all sockets once a beat and then sends everything that is due, as
// many lines in one write as there are. SINGLE sleeps in epoll until a socket is ready, and sends one message with a
// write of its own as soon as its sender has a free place in the window; nothing gathers by the generator's own rhythm.
//
// It prints `ready` when everyone is in, and one line of JSON after a run. With --window it runs once. Without it, each
// line of standard input is a rate in messages a second, and starts a run at that rate; between runs everyone is idle.
// It exits with 1 and a sentence on standard error when a member did not get exactly what was sent.
//
// main.c reads the options, crowd.c connects everyone, traffic.c sends and counts, run.c measures.
#include <stddef.h>

// PHASES: requests of a new connection, at most. RING: messages of one room that may be in flight, at most.
enum { PHASES = 2, READ_BYTES = 1 << 17, RING = 1 << 16 };

enum mode { GATHERED, SINGLE };

struct options {
    // pid: the server's. at_once: connections that may be on their way in. from: the number of the first room.
    // addresses: connections come from so many addresses of 127.0.2.0/24, by turns; 0 for 127.0.0.1.
    int port, pid, rooms, members, speakers, window, replies, at_once, from, addresses;
    enum mode mode;
    double rate;                   // messages a second; 0 with a window
    double beat;                   // milliseconds, of GATHERED
    double warmup, seconds, drain; // seconds
    // The text that a new connection sends in each phase, the text that it waits for, and the line of a message. In all
    // of them %r is replaced by the number of the room, %m by that of the member in its room, and %c by that of the
    // connection. Of `%{odd%|even%}` the part for the member's number stays.
    const char *hello[PHASES], *expect[PHASES], *message;
};

// A message in flight.
struct message {
    double sent_at;
    int missing; // members that have not got it
    int speaker; // the member that sent it
};

struct room {
    long sent, complete, delivered;
    long due;         // places that became free in this turn of the loop; GATHERED only
    int next_speaker; // the member that sends the next message when senders take turns
    struct message *messages; // by number, modulo RING
};

struct connection {
    char last[120]; // the end of what it read last, for the message of a closed connection
    int last_length;
    int fd, room, member;
    int phase, matched; // while it enters: the phase, and the bytes of the expected text found so far
    int blocked;        // the socket took no more, so the loop waits until it is writable
    long sent, owed;    // messages sent, and those of them that are not written yet
    long marks, lines;  // deliveries and lines read
    long next;          // the message of its room that the next mark stands for
    size_t length;      // bytes of its line
    size_t chunk;       // bytes of lines_out: as many lines as fit
    size_t offset;      // bytes already written of a line that the socket took in part
    char *lines_out;    // its line, over and over
};

enum stage { WARMING_UP, MEASURING, DRAINING };

extern struct options options;
extern struct room *rooms;
extern struct connection *connections;
extern int count; // of connections
extern enum stage stage;
extern long bytes_read; // by all connections
extern char buffer[READ_BYTES];

void fail(const char *format, ...);
double now(void); // seconds

// crowd.c
void enter(void);
void read_answer(struct connection *c, const char *bytes, size_t length);

// traffic.c
void open_poller(void);
void watch(struct connection *c, int operation, unsigned events);
void send_next(struct room *room, double at);
void run_loop_once(double until);
// The latencies, in seconds, of the messages that became complete after the warm-up.
extern double *latencies;
extern size_t latency_count;

// run.c
void run(void);

// Options, and what there is one of.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include "load.h"

struct options o;
struct room *rooms;
struct connection *connections;
int count;
char buffer[READ_BYTES];

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void read_options(int argc, char **argv) {
    o = (struct options){ .speakers = 1, .at_once = 64, .warmup = 1, .seconds = 3, .drain = 20 };
    struct { const char *name; int *integer; double *real; const char **text; } known[] = {
        { "--port", &o.port, 0, 0 }, { "--pid", &o.pid, 0, 0 }, { "--rooms", &o.rooms, 0, 0 }, { "--members", &o.members, 0, 0 },
        { "--speakers", &o.speakers, 0, 0 }, { "--window", &o.window, 0, 0 }, { "--replies", &o.replies, 0, 0 },
        { "--at-once", &o.at_once, 0, 0 }, { "--from", &o.from, 0, 0 },
        { "--beat", 0, &o.beat, 0 }, { "--warmup", 0, &o.warmup, 0 }, { "--seconds", 0, &o.seconds, 0 }, { "--drain", 0, &o.drain, 0 },
        { "--hello", 0, 0, &o.hello[0] }, { "--expect", 0, 0, &o.expect[0] },
        { "--then", 0, 0, &o.hello[1] }, { "--then-expect", 0, 0, &o.expect[1] }, { "--message", 0, 0, &o.message },
    };
    size_t options = sizeof known / sizeof *known;
    for (int at = 1; at + 1 < argc; at += 2) {
        size_t each = 0;
        while (each < options && strcmp(known[each].name, argv[at]) != 0) each++;
        if (each == options) fail("there is no option %s", argv[at]);
        if (known[each].integer) *known[each].integer = atoi(argv[at + 1]);
        else if (known[each].real) *known[each].real = atof(argv[at + 1]);
        else *known[each].text = argv[at + 1];
    }
    if (o.port == 0 || o.pid == 0 || o.rooms < 1 || o.members < 2 || !o.hello[0] || !o.expect[0] || !o.message) fail("an option is missing");
}

int main(int argc, char **argv) {
    read_options(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    count = o.rooms * o.members;
    rooms = calloc((size_t)o.rooms, sizeof *rooms);
    connections = calloc((size_t)count, sizeof *connections);
    for (int each = 0; each < o.rooms; each++) rooms[each].sent_at = malloc(WAITING * sizeof(double));
    for (int each = 0; each < count; each++) {
        connections[each].room = each / o.members;
        connections[each].member = each % o.members;
    }
    begin_traffic();
    enter();
    printf("ready\n");
    fflush(stdout);
    if (o.window > 0) run();
    else while (fgets(buffer, sizeof buffer, stdin) != NULL && (o.rate = atof(buffer)) > 0) run();
}

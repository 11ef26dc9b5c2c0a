// Reads the options and allocates the rooms and connections.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include "load.h"

struct options options;
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

static enum mode mode_of(const char *name) {
    if (strcmp(name, "gathered") == 0) return GATHERED;
    if (strcmp(name, "single") != 0) fail("there is no mode %s", name);
    return SINGLE;
}

static void read_options(int argc, char **argv) {
    const char *mode = "gathered";
    options = (struct options){ .speakers = 1, .at_once = 64, .beat = 0.3, .warmup = 1, .seconds = 3, .drain = 20 };
    struct {
        const char *name;
        int *integer;
        double *real;
        const char **text;
    } known[] = {
        { "--port", &options.port, 0, 0 },
        { "--pid", &options.pid, 0, 0 },
        { "--rooms", &options.rooms, 0, 0 },
        { "--members", &options.members, 0, 0 },
        { "--speakers", &options.speakers, 0, 0 },
        { "--window", &options.window, 0, 0 },
        { "--replies", &options.replies, 0, 0 },
        { "--at-once", &options.at_once, 0, 0 },
        { "--from", &options.from, 0, 0 },
        { "--addresses", &options.addresses, 0, 0 },
        { "--beat", 0, &options.beat, 0 },
        { "--warmup", 0, &options.warmup, 0 },
        { "--seconds", 0, &options.seconds, 0 },
        { "--drain", 0, &options.drain, 0 },
        { "--mode", 0, 0, &mode },
        { "--hello", 0, 0, &options.hello[0] },
        { "--expect", 0, 0, &options.expect[0] },
        { "--then", 0, 0, &options.hello[1] },
        { "--then-expect", 0, 0, &options.expect[1] },
        { "--message", 0, 0, &options.message },
    };
    size_t known_count = sizeof known / sizeof *known;
    for (int at = 1; at + 1 < argc; at += 2) {
        size_t each = 0;
        while (each < known_count && strcmp(known[each].name, argv[at]) != 0) each++;
        if (each == known_count) fail("there is no option %s", argv[at]);
        if (known[each].integer) *known[each].integer = atoi(argv[at + 1]);
        else if (known[each].real) *known[each].real = atof(argv[at + 1]);
        else *known[each].text = argv[at + 1];
    }
    options.mode = mode_of(mode);
    if (options.port == 0 || options.pid == 0 || options.rooms < 1 || options.members < 2) fail("an option is missing");
    if (!options.hello[0] || !options.expect[0] || !options.message) fail("an option is missing");
    if (options.window > RING) fail("a window may have %d messages at most", RING);
}

int main(int argc, char **argv) {
    read_options(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    count = options.rooms * options.members;
    rooms = calloc((size_t)options.rooms, sizeof *rooms);
    connections = calloc((size_t)count, sizeof *connections);
    for (int each = 0; each < options.rooms; each++) rooms[each].messages = malloc(RING * sizeof(struct message));
    for (int each = 0; each < count; each++) {
        connections[each].room = each / options.members;
        connections[each].member = each % options.members;
    }
    open_poller();
    enter();
    printf("ready\n");
    fflush(stdout);
    if (options.window > 0) run();
    else while (fgets(buffer, sizeof buffer, stdin) != NULL && (options.rate = atof(buffer)) > 0) run();
}

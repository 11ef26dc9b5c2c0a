// Runs the load and measures the rate, the latency and the processor time. Checks that every member got all messages.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "load.h"

// Processor seconds of the server, all its threads: proc(5), fields 14 and 15 of `stat`.
static double server_cpu(void) {
    char path[64], line[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", options.pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) fail("process %d is gone", options.pid);
    fclose(file);
    sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

// Runs until `end`. At a rate, each message is sent when it is due at `next`, even if earlier ones are late.
static void run_until(double end, double *next) {
    static long sent;
    for (double at = now(); at < end; at = now()) {
        for (; options.rate > 0 && *next <= at; *next += 1 / options.rate) send_next(rooms + sent++ % options.rooms, *next);
        run_loop_once(options.rate > 0 && *next < end ? *next : end);
    }
    // Those that were due while this process did not run.
    for (; options.rate > 0 && *next < end; *next += 1 / options.rate) send_next(rooms + sent++ % options.rooms, *next);
}

// Whether every member has got everything that was sent. Fails at once if a member has got more than that.
static int everything_arrived(void) {
    int all = 1;
    for (int each = 0; each < count; each++) {
        struct connection *c = connections + each;
        long deliveries = rooms[c->room].sent - c->sent;
        long lines = options.replies && c->member < options.speakers ? rooms[c->room].sent : c->lines;
        if (c->marks > deliveries) fail("connection %d has got %ld deliveries, and %ld were sent", each, c->marks, deliveries);
        if (c->lines > lines) fail("connection %d has got %ld lines, and %ld were to come", each, c->lines, lines);
        if (c->marks < deliveries || c->lines < lines) all = 0;
    }
    return all;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// In milliseconds, of the sorted latencies.
static double quantile(double q) {
    if (latency_count == 0) return 0;
    size_t at = (size_t)(q * (double)latency_count);
    return latencies[at < latency_count ? at : latency_count - 1] * 1000;
}

static long deliveries(void) {
    long sum = 0;
    for (int each = 0; each < options.rooms; each++) sum += rooms[each].delivered;
    return sum;
}

// Stops sending. Waits for the messages in flight, and then 50 ms more for lines that should not come.
static void drain(void) {
    stage = DRAINING;
    for (double end = now() + options.drain; !everything_arrived();) {
        if (now() > end) fail("somebody has not got all that was sent, %g s after the last message", options.drain);
        run_loop_once(now() + 0.01);
    }
    for (double end = now() + 0.05; now() < end;) run_loop_once(end);
    everything_arrived();
}

void run(void) {
    double start = now(), next = start;
    stage = WARMING_UP;
    latency_count = 0;
    for (int each = 0; each < options.rooms; each++)
        for (int place = 0; place < options.window; place++) send_next(rooms + each, start);
    run_until(start + options.warmup, &next);
    stage = MEASURING;
    double began = now(), server = server_cpu(), own = own_cpu();
    long before = deliveries();
    run_until(began + options.seconds, &next);
    double elapsed = now() - began;
    server = server_cpu() - server;
    own = own_cpu() - own;
    long delivered = deliveries() - before, sent = 0;
    drain();
    for (int each = 0; each < options.rooms; each++) sent += rooms[each].sent;
    qsort(latencies, latency_count, sizeof *latencies, ascending);
    printf("{\"seconds\":%.3f,\"deliveries\":%.0f,\"messages\":%.0f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"server\":%.3f,"
           "\"generator\":%.3f,\"sent\":%ld,\"received\":%ld}\n",
           elapsed, delivered / elapsed, delivered / elapsed / (options.members - 1), quantile(0.5), quantile(0.99), quantile(0.999),
           server / elapsed, own / elapsed, sent, deliveries());
    fflush(stdout);
}

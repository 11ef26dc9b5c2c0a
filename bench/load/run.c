// Measures: how fast, how late, at what cost, and whether everybody got everything.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "load.h"

// Processor seconds of the server, all its threads: proc(5), fields 14 and 15.
static double server_cpu(void) {
    char path[64], line[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", o.pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) fail("process %d is gone", o.pid);
    fclose(file);
    sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

// Runs until `end`; at a rate, a message sets out when its time has come, however late the last ones are.
static void run_until(double end, double *next) {
    static long sent;
    for (double at = now(); at < end; at = now()) {
        for (; o.rate > 0 && *next <= at; *next += 1 / o.rate) send_messages(rooms + sent++ % o.rooms, 1, *next);
        step(o.rate > 0 ? (*next - at > 0.002 ? 1 : 0) : 10);
    }
}

// Fails at once where there is more than was sent: that does not become right by waiting.
static int everything_arrived(void) {
    int all = 1;
    for (int each = 0; each < count; each++) {
        struct connection *c = connections + each;
        long deliveries = rooms[c->room].sent - c->sent, lines = o.replies && c->member < o.speakers ? rooms[c->room].sent : c->lines;
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

static double quantile(double q) {
    if (latency_count == 0) return 0;
    size_t at = (size_t)(q * (double)latency_count);
    return latencies[at < latency_count ? at : latency_count - 1] * 1000;
}

static long deliveries(void) {
    long sum = 0;
    for (int each = 0; each < o.rooms; each++) sum += rooms[each].delivered;
    return sum;
}

// Waits for what is on its way, and a little longer for what should not come.
static void drain(void) {
    stage = DRAINING;
    for (double end = now() + o.drain; !everything_arrived();) {
        if (now() > end) fail("somebody has not got all that was sent, %g s after the last message", o.drain);
        step(10);
    }
    for (double end = now() + 0.05; now() < end;) step(10);
    everything_arrived();
}

void run(void) {
    double start = now(), next = start;
    stage = WARMING_UP;
    latency_count = 0;
    if (o.window > 0) for (int each = 0; each < o.rooms; each++) send_messages(rooms + each, o.window, start);
    run_until(start + o.warmup, &next);
    stage = MEASURING;
    double began = now(), server = server_cpu(), own = own_cpu();
    long before = deliveries();
    run_until(began + o.seconds, &next);
    double elapsed = now() - began;
    server = server_cpu() - server;
    own = own_cpu() - own;
    long delivered = deliveries() - before, sent = 0;
    drain();
    for (int each = 0; each < o.rooms; each++) sent += rooms[each].sent;
    qsort(latencies, latency_count, sizeof *latencies, ascending);
    printf("{\"seconds\":%.3f,\"deliveries\":%.0f,\"messages\":%.0f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"server\":%.3f,"
           "\"generator\":%.3f,\"sent\":%ld,\"received\":%ld}\n",
           elapsed, delivered / elapsed, delivered / elapsed / (o.members - 1), quantile(0.5), quantile(0.99), quantile(0.999),
           server / elapsed, own / elapsed, sent, deliveries());
    fflush(stdout);
}

/*
 * bench_latency: from a push to an idle worker until its job was taken, and until it was settled;
 * its handler starts in between. Redis itself announces both, by keyspace notifications of the
 * counters, so that nothing polls beside what is measured. Usage: bench_latency URL QUEUE SAMPLES,
 * with a navvy running on that queue, builtin noop, nothing in it.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "redis/client.h"
#include "redis/keys.h"

enum { PAUSE_MS = 10, WAIT_MS = 5000 };

static struct client *open_client(const struct endpoint *endpoint)
{
    char error[ENDPOINT_ERROR_MAX];
    struct client *client = client_open(endpoint, "bench", WAIT_MS, error);
    if (client == NULL) {
        fprintf(stderr, "bench_latency: %s\n", error);
        exit(1);
    }
    return client;
}

static void must(struct reply *reply)
{
    CHECK(reply != NULL && reply_kind(reply) != REPLY_ERROR);
    client_reply_free(reply);
}

static void subscribe(struct client *listener, const struct queue_keys *keys)
{
    char channel[KEY_MAX + 32];
    (void)snprintf(channel, sizeof channel, "__keyspace@0__:%s", keys->name[KEY_META]);
    must(client_callf(listener, "SUBSCRIBE %s", channel));
}

/* The next time that a counter was raised: taken, then done. */
static int64_t counter_ns(struct client *listener)
{
    for (;;) {
        struct reply *reply = client_receive(listener);
        CHECK(reply != NULL);
        bool raised = slice_equal(reply_text(reply_at(reply, 2)), slice_of("hincrby"));
        client_reply_free(reply);
        if (raised)
            return clock_mono_ns();
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print(const char *what, int64_t *ns, size_t samples)
{
    qsort(ns, samples, sizeof(*ns), compare);
    printf("{\"push_to\": \"%s\", \"samples\": %zu, \"p50_us\": %.0f, \"p99_us\": %.0f, "
           "\"max_us\": %.0f}\n",
           what, samples, (double)ns[samples / 2] / 1e3, (double)ns[samples * 99 / 100] / 1e3,
           (double)ns[samples - 1] / 1e3);
}

int main(int argc, char **argv)
{
    struct endpoint endpoint;
    struct queue_keys keys;
    char error[ENDPOINT_ERROR_MAX];

    if (argc != 4 || !endpoint_parse(argv[1], &endpoint, error) || atoi(argv[3]) < 1) {
        fprintf(stderr, "usage: bench_latency URL QUEUE SAMPLES\n");
        return 2;
    }
    size_t samples = (size_t)atoi(argv[3]);
    int64_t *taken_ns = calloc(samples, sizeof(*taken_ns));
    int64_t *done_ns = calloc(samples, sizeof(*done_ns));
    struct client *client = open_client(&endpoint), *listener = open_client(&endpoint);
    CHECK(taken_ns != NULL && done_ns != NULL);
    queue_keys_init(&keys, slice_of(argv[2]));
    must(client_callf(client, "CONFIG SET notify-keyspace-events Kh"));
    subscribe(listener, &keys);
    for (size_t i = 0; i < samples; i++) {
        (void)poll(NULL, 0, PAUSE_MS); /* idle again: BLMOVE is waiting */
        int64_t pushed_ns = clock_mono_ns();
        must(client_callf(client, "LPUSH %s %lld", keys.name[KEY_QUEUE], (long long)pushed_ns));
        taken_ns[i] = counter_ns(listener) - pushed_ns;
        done_ns[i] = counter_ns(listener) - pushed_ns;
    }
    print("taken", taken_ns, samples);
    print("settled", done_ns, samples);
    free(taken_ns);
    free(done_ns);
    client_close(client);
    client_close(listener);
    return 0;
}

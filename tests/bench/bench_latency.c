/*
 * bench_latency: from a push to an idle worker until its job is settled, over a unix socket. That
 * is more than push to handler start: a settle and this program's own polling are in it. Usage:
 * bench_latency SOCKET QUEUE SAMPLES, with a navvy running on that queue.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "redis/client.h"
#include "redis/keys.h"

static int64_t done_count(struct client *client, const struct queue_keys *keys)
{
    struct reply *reply = client_callf(client, "HGET %s done", keys->name[KEY_META]);
    CHECK(reply != NULL && reply_kind(reply) != REPLY_ERROR);
    int64_t count = reply_int(reply);
    client_reply_free(reply);
    return count;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t sample_ns(struct client *client, const struct queue_keys *keys)
{
    int64_t before = done_count(client, keys);
    int64_t idle_until = clock_mono_ms() + 10; /* idle again: BLMOVE is waiting */
    while (clock_mono_ms() < idle_until)
        continue;

    int64_t pushed_ns = clock_mono_ns();
    struct reply *reply =
        client_callf(client, "LPUSH %s %lld", keys->name[KEY_QUEUE], (long long)pushed_ns);
    CHECK(reply != NULL && reply_kind(reply) == REPLY_INT);
    client_reply_free(reply);
    while (done_count(client, keys) == before)
        continue;
    return clock_mono_ns() - pushed_ns;
}

int main(int argc, char **argv)
{
    struct endpoint endpoint;
    struct queue_keys keys;
    char error[ENDPOINT_ERROR_MAX];

    if (argc != 4 || !endpoint_parse(argv[1], &endpoint, error)) {
        fprintf(stderr, "usage: bench_latency SOCKET QUEUE SAMPLES\n");
        return 2;
    }
    struct client *client = client_open(&endpoint, "bench", 5000, error);
    int samples = atoi(argv[3]);
    int64_t *ns = calloc((size_t)samples, sizeof(*ns));
    CHECK(client != NULL && ns != NULL && samples > 0);
    queue_keys_init(&keys, slice_of(argv[2]));
    for (int i = 0; i < samples; i++)
        ns[i] = sample_ns(client, &keys);
    qsort(ns, (size_t)samples, sizeof(*ns), compare);
    printf("{\"samples\": %d, \"p50_us\": %.0f, \"p99_us\": %.0f, \"max_us\": %.0f}\n", samples,
           (double)ns[samples / 2] / 1e3, (double)ns[samples * 99 / 100] / 1e3,
           (double)ns[samples - 1] / 1e3);
    free(ns);
    client_close(client);
    return 0;
}

/*
 * bench_floor: what a machine takes at least from a push to the start of its job, for anybody who
 * waits for the push, claims the job by a script, and hands it to a thread. Bare blocking clients
 * and a script that does no more than it must, on the road that navvy takes:
 *
 *   ping     for comparison: a round trip after PAUSE_MS of silence
 *   shown    the push until the idle wait has answered
 *   claimed  until the script has
 *   started  until another thread runs
 *
 * Usage: bench_floor URL SAMPLES. Its keys begin with navvy-floor. A line of JSON for each.
 */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "redis/client.h"

enum { PAUSE_MS = 10, WAIT_MS = 5000 };

#define QUEUE "navvy-floor"

/* Held by its worker, counted, and its fingerprint claimed. */
static const char claim[] =
    "local element = redis.call('RPOP', KEYS[1]) "
    "redis.call('HSET', KEYS[2], ARGV[1], element) "
    "redis.call('HINCRBY', KEYS[3], 'taken', 1) "
    "return {redis.call('SET', KEYS[4], ARGV[1], 'NX', 'PX', 60000), element}";

struct floor {
    struct endpoint endpoint;
    size_t samples;
    int64_t *ping_ns, *pushed_ns, *shown_ns, *claimed_ns, *started_ns;
    sem_t is_claimed;
};

static struct client *open_client(const struct endpoint *endpoint)
{
    char error[ENDPOINT_ERROR_MAX];
    struct client *client = client_open(endpoint, "bench", WAIT_MS, error);
    if (client == NULL) {
        fprintf(stderr, "bench_floor: %s\n", error);
        exit(1);
    }
    return client;
}

static void must(struct reply *reply)
{
    CHECK(reply != NULL && reply_kind(reply) != REPLY_ERROR && reply_kind(reply) != REPLY_NIL);
    client_reply_free(reply);
}

struct key {
    char text[48];
};

static struct key fingerprint_key(size_t number)
{
    struct key key;
    (void)snprintf(key.text, sizeof key.text, QUEUE ":fp:%zu", number);
    return key;
}

static void *wait_and_claim(void *arg)
{
    struct floor *floor = arg;
    struct client *client = open_client(&floor->endpoint);
    struct reply *sha1 = client_callf(client, "SCRIPT LOAD %s", claim);
    struct slice script = reply_text(sha1);

    CHECK(script.len > 0);
    for (size_t i = 0; i < floor->samples; i++) {
        must(client_callf(client, "BLMOVE " QUEUE " " QUEUE ":stage RIGHT LEFT 4"));
        floor->shown_ns[i] = clock_mono_ns();
        must(client_callf(client,
                          "EVALSHA %b 4 " QUEUE ":stage " QUEUE ":held " QUEUE ":meta %s %lld",
                          &script, fingerprint_key(i).text, (long long)i));
        floor->claimed_ns[i] = clock_mono_ns();
        CHECK(sem_post(&floor->is_claimed) == 0);
    }
    client_reply_free(sha1);
    client_close(client);
    return NULL;
}

static void *start(void *arg)
{
    struct floor *floor = arg;

    for (size_t i = 0; i < floor->samples; i++) {
        while (sem_wait(&floor->is_claimed) != 0)
            continue;
        floor->started_ns[i] = clock_mono_ns();
    }
    return NULL;
}

static void ping(struct floor *floor, struct client *client)
{
    for (size_t i = 0; i < floor->samples; i++) {
        (void)poll(NULL, 0, PAUSE_MS);
        int64_t sent_ns = clock_mono_ns();
        must(client_callf(client, "PING"));
        floor->ping_ns[i] = clock_mono_ns() - sent_ns;
    }
}

/* On a schedule, as `navvy bench` does it: one that is late shows it. */
static void push(struct floor *floor, struct client *client)
{
    int64_t began_ns = clock_mono_ns();

    CHECK(prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL) == 0); /* not 50 us late each time */
    for (size_t i = 0; i < floor->samples; i++) {
        int64_t at_ns = began_ns + (int64_t)(i + 1) * PAUSE_MS * 1000000;
        struct timespec at = {at_ns / 1000000000, at_ns % 1000000000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
            continue;
        floor->pushed_ns[i] = at_ns;
        must(client_callf(client, "LPUSH " QUEUE " %lld", (long long)i));
    }
}

static void remove_keys(struct floor *floor, struct client *client)
{
    for (size_t i = 0; i < floor->samples; i++)
        client_reply_free(client_callf(client, "DEL %s", fingerprint_key(i).text));
    client_reply_free(
        client_callf(client, "DEL " QUEUE " " QUEUE ":stage " QUEUE ":held " QUEUE ":meta"));
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* `since_ns` NULL: these are spans already. */
static void print(const char *what, size_t samples, int64_t *ns, const int64_t *since_ns)
{
    for (size_t i = 0; i < samples && since_ns != NULL; i++)
        ns[i] -= since_ns[i];
    qsort(ns, samples, sizeof *ns, compare);
    printf("{\"until\": \"%s\", \"samples\": %zu, \"p50_us\": %.0f, \"p99_us\": %.0f}\n", what,
           samples, (double)ns[samples / 2] / 1e3, (double)ns[samples * 99 / 100] / 1e3);
}

int main(int argc, char **argv)
{
    static struct floor floor;
    char error[ENDPOINT_ERROR_MAX];
    pthread_t claimer, starter;

    if (argc != 3 || !endpoint_parse(argv[1], &floor.endpoint, error) || atoi(argv[2]) < 1) {
        fprintf(stderr, "usage: bench_floor URL SAMPLES\n");
        return 2;
    }
    floor.samples = (size_t)atoi(argv[2]);
    int64_t *ns = calloc(5 * floor.samples, sizeof *ns);
    CHECK(ns != NULL && sem_init(&floor.is_claimed, 0, 0) == 0);
    int64_t **series[] = {&floor.ping_ns, &floor.pushed_ns, &floor.shown_ns, &floor.claimed_ns,
                          &floor.started_ns};
    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        *series[i] = ns + i * floor.samples;

    struct client *client = open_client(&floor.endpoint);
    ping(&floor, client);
    CHECK(pthread_create(&claimer, NULL, wait_and_claim, &floor) == 0 &&
          pthread_create(&starter, NULL, start, &floor) == 0);
    push(&floor, client);
    CHECK(pthread_join(claimer, NULL) == 0 && pthread_join(starter, NULL) == 0);
    remove_keys(&floor, client);
    print("ping", floor.samples, floor.ping_ns, NULL);
    print("shown", floor.samples, floor.shown_ns, floor.pushed_ns);
    print("claimed", floor.samples, floor.claimed_ns, floor.pushed_ns);
    print("started", floor.samples, floor.started_ns, floor.pushed_ns);
    client_close(client);
    free(ns);
    return 0;
}

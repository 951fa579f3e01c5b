/*
 * bench_ceiling: the most that Redis can do. Drains a queue with the very commands that navvy sends
 * (take by script, a SET for each fingerprint, settle by script), made from constants by a client
 * that does nothing else: no handler, no thread, no SHA-256, no header, no job. The pipe is never
 * empty: two takes are under way, as navvy has them.
 * Usage: bench_ceiling URL QUEUE TTL_MS (0: without fingerprints). Prints jobs/s.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "redis/client.h"
#include "redis/keys.h"

enum { TAKE_JOBS = 512, TAKES = 2, DIGITS = 24, WAIT_MS = 60000, LEASE_MS = 3600000 };

#define WORKER "ceiling-1-00000000000000aa"

/* One take, from its call until its jobs are settled. */
struct take {
    enum { TAKING, CLAIMING, SETTLING, OVER } state;
    uint64_t first;
    size_t jobs, answers;
};

static struct client *client;
static struct queue_keys keys;
static char held[KEY_MAX], sha_take[64], sha_settle[64], ttl[DIGITS];
static bool with_fingerprints;
static uint64_t next_tag = 1;

static struct slice words[TAKE_JOBS + 16];
static char digits[TAKE_JOBS][DIGITS];
static size_t count;

static void word(const char *text)
{
    words[count++] = slice_of(text);
}

static void send_words(void)
{
    CHECK(client_send(client, count, words));
    count = 0;
}

static struct reply *must(struct reply *reply)
{
    if (reply == NULL || reply_kind(reply) == REPLY_ERROR) {
        struct slice why = reply != NULL ? reply_error_text(reply) : slice_of(client_error(client));
        fprintf(stderr, "bench_ceiling: %.*s\n", (int)why.len, why.ptr);
        exit(1);
    }
    return reply;
}

static void load(enum script_id script, char sha[64])
{
    struct reply *reply = must(client_callf(client, "SCRIPT LOAD %s", script_table[script].text));
    (void)snprintf(sha, 64, "%.*s", (int)reply_text(reply).len, reply_text(reply).ptr);
    client_reply_free(reply);
}

static void join(void)
{
    char lease[DIGITS];

    (void)snprintf(lease, sizeof lease, "%d", LEASE_MS);
    word(keys.name[KEY_WORKERS]);
    word(held);
    word(keys.name[KEY_META]);
    word(WORKER);
    word(lease);
    client_reply_free(must(client_script(client, SCRIPT_JOIN, 3, count, words)));
    count = 0;
}

static void send_take(struct take *take)
{
    static const enum queue_key before[] = {KEY_QUEUE, KEY_STAGE, KEY_READY};
    static const enum queue_key after[] = {KEY_WORKERS, KEY_RETRY, KEY_SCHEDULED, KEY_DLQ,
                                           KEY_META};
    char first[DIGITS], jobs[DIGITS];

    *take = (struct take){.state = TAKING, .first = next_tag};
    next_tag += TAKE_JOBS;
    word("EVALSHA");
    word(sha_take);
    word("9");
    for (size_t i = 0; i < 3; i++)
        word(keys.name[before[i]]);
    word(held);
    for (size_t i = 0; i < 5; i++)
        word(keys.name[after[i]]);
    (void)snprintf(first, sizeof first, "%llu", (unsigned long long)take->first);
    (void)snprintf(jobs, sizeof jobs, "%d", TAKE_JOBS);
    word(WORKER);
    word(first);
    word(jobs);
    word("1048576");
    word("100000");
    word("4194304");
    word("");
    word("");
    send_words();
}

/* As long and as scattered as a SHA-256; any 64 digits will do. */
static void random_hex(char hex[KEY_FINGERPRINT_HEX + 1])
{
    static uint64_t state = 88172645463325252u; /* xorshift64, Marsaglia 2003 */

    for (size_t i = 0; i < KEY_FINGERPRINT_HEX; i += 16) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (void)snprintf(hex + i, 17, "%016llx", (unsigned long long)state);
    }
}

static void send_claims(struct take *take)
{
    char key[KEY_MAX], hex[KEY_FINGERPRINT_HEX + 1], claim[sizeof WORKER + DIGITS];

    take->state = CLAIMING;
    for (size_t i = 0; i < take->jobs; i++) {
        random_hex(hex);
        (void)queue_key_fingerprint(&keys, hex, key);
        (void)snprintf(claim, sizeof claim, WORKER ":%llu", (unsigned long long)(take->first + i));
        word("SET");
        word(key);
        word(claim);
        word("NX");
        word("GET");
        word("PX");
        word(ttl);
        send_words();
    }
}

static void send_settle(struct take *take)
{
    take->state = SETTLING;
    word("EVALSHA");
    word(sha_settle);
    word("2");
    word(held);
    word(keys.name[KEY_META]);
    word("done");
    for (size_t i = 0; i < take->jobs; i++) {
        (void)snprintf(digits[i], DIGITS, "%llu", (unsigned long long)(take->first + i));
        word(digits[i]);
    }
    send_words();
}

/* The next step after all answers of the last one. */
static void step(struct take *take, const struct reply *reply)
{
    if (take->state == TAKING) {
        take->jobs = reply_count(reply) - 3;
        take->answers = 0;
        if (take->jobs == 0)
            take->state = OVER;
        else if (with_fingerprints)
            send_claims(take);
        else
            send_settle(take);
    } else if (take->state == CLAIMING) {
        if (++take->answers == take->jobs)
            send_settle(take);
    } else {
        send_take(take);
    }
}

/* Answers come in the order of the calls; takes go round, so their steps do, too. */
static void drain(void)
{
    struct take take[TAKES];

    for (size_t i = 0; i < TAKES; i++)
        send_take(&take[i]);
    for (size_t i = 0, over = 0; over < TAKES; i = (i + 1) % TAKES) {
        if (take[i].state == OVER)
            continue;
        size_t answers = take[i].state == CLAIMING ? take[i].jobs : 1;
        for (size_t j = 0; j < answers; j++) {
            struct reply *reply = must(client_receive(client));
            step(&take[i], reply);
            client_reply_free(reply);
        }
        over += take[i].state == OVER;
    }
}

int main(int argc, char **argv)
{
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_MAX];

    if (argc != 4 || !endpoint_parse(argv[1], &endpoint, error)) {
        fprintf(stderr, "usage: bench_ceiling URL QUEUE TTL_MS\n");
        return 2;
    }
    client = client_open(&endpoint, "ceiling", WAIT_MS, error);
    if (client == NULL) {
        fprintf(stderr, "bench_ceiling: %s\n", error);
        return 1;
    }
    queue_keys_init(&keys, slice_of(argv[2]));
    (void)queue_key_held(&keys, WORKER, held);
    with_fingerprints = strcmp(argv[3], "0") != 0;
    (void)snprintf(ttl, sizeof ttl, "%s", argv[3]);
    load(SCRIPT_TAKE, sha_take);
    load(SCRIPT_SETTLE, sha_settle);
    join();
    struct reply *waiting = must(client_callf(client, "LLEN %s", keys.name[KEY_QUEUE]));
    int64_t began_ns = clock_mono_ns();
    drain();
    double s = (double)(clock_mono_ns() - began_ns) / 1e9;
    printf("%.0f\n", (double)reply_int(waiting) / s);
    client_reply_free(waiting);
    client_close(client);
    return 0;
}

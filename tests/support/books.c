#include "tests/support/books.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "job/record.h"
#include "redis/keys.h"
#include "tests/support/test.h"

enum {
    KNOWN_MAX = 256,
    AUDIT_KEYS = KEY_META + 1,
    WORDS_MAX = 3 + AUDIT_KEYS + 2 * KNOWN_MAX,
    READS_MAX = 100
};

/* What is known of a queue before the snapshot: its keys, and who may hold jobs. */
struct view {
    struct queue_keys keys;
    size_t count;
    char worker[KNOWN_MAX][KEY_MAX];
    char held[KNOWN_MAX][KEY_MAX];
};

/* ---- who holds jobs: also those that no list of workers knows ---- */

static void view_add(struct view *view, struct slice worker)
{
    CHECK(worker.len < KEY_MAX && view->count < KNOWN_MAX);
    for (size_t i = 0; i < view->count; i++) {
        if (slice_equal(slice_of(view->worker[i]), worker))
            return;
    }
    memcpy(view->worker[view->count], worker.ptr, worker.len);
    view->worker[view->count][worker.len] = '\0';
    (void)queue_key_held(&view->keys, view->worker[view->count], view->held[view->count]);
    view->count++;
}

/* `skip` bytes of each text are not the worker's name. Takes the reply. */
static void view_add_all(struct view *view, struct reply *reply, size_t skip)
{
    for (size_t i = 0; i < reply_count(reply); i++) {
        struct slice text = reply_text(reply_at(reply, i));
        view_add(view, (struct slice){text.ptr + skip, text.len - skip});
    }
    client_reply_free(reply);
}

static void view_read(struct view *view, struct redis_server *server, const char *queue)
{
    char prefix[KEY_MAX], pattern[2 * KEY_MAX], *out = pattern;

    *view = (struct view){0};
    queue_keys_init(&view->keys, slice_of(queue));
    size_t len = queue_key_held(&view->keys, "", prefix);
    for (const char *at = prefix; *at != '\0'; at++) {
        if (strchr("*?[]\\^", *at) != NULL)
            *out++ = '\\';
        *out++ = *at;
    }
    memcpy(out, "*", 2);
    view_add_all(view, redis_ask(server, "KEYS %s", pattern), len);
    view_add_all(view, redis_ask(server, "ZRANGE %s 0 -1", view->keys.name[KEY_WORKERS]), 0);
    view_add_all(view, redis_ask(server, "ZRANGE %s 0 -1", view->keys.name[KEY_DEAD]), 0);
}

/* ---- the snapshot ---- */

/* Lists: the queue, stage, ready, DLQ. Zsets: retry, scheduled. */
enum { LISTS = 4, ZSETS = 2 };

/* Behind the text of audit.lua as a function: its answer, and all that is in the lists, zsets and
 * hashes. */
static const char all_of_it[] = " end\n"
                                "local all = {audit()}\n"
                                "for _, i in ipairs({1, 2, 3, 8}) do\n"
                                "  all[#all + 1] = redis.call('LRANGE', KEYS[i], 0, -1)\n"
                                "end\n"
                                "for _, i in ipairs({6, 7}) do\n"
                                "  all[#all + 1] = redis.call('ZRANGE', KEYS[i], 0, -1)\n"
                                "end\n"
                                "for i = 10, #KEYS do\n"
                                "  all[#all + 1] = redis.call('HGETALL', KEYS[i])\n"
                                "end\n"
                                "return all";

/* Audit, lists, zsets, and the hash of each holder; yours. One script, which a full Redis and a
 * replica answer too. */
static struct reply *snapshot(struct redis_server *server, const struct view *view)
{
    static struct slice words[WORDS_MAX];
    struct buf text = {0};
    char keys[24];
    size_t count = 0;

    buf_append_str(&text, "local function audit() ");
    buf_append_str(&text, script_table[SCRIPT_AUDIT].text);
    buf_append_str(&text, all_of_it);
    snprintf(keys, sizeof keys, "%zu", (size_t)AUDIT_KEYS + view->count);
    words[count++] = slice_of("EVAL");
    words[count++] = (struct slice){text.data, text.len};
    words[count++] = slice_of(keys);
    for (int key = 0; key < AUDIT_KEYS; key++)
        words[count++] = slice_of(view->keys.name[key]);
    for (size_t i = 0; i < view->count; i++)
        words[count++] = slice_of(view->held[i]);
    for (size_t i = 0; i < view->count; i++)
        words[count++] = slice_of(view->worker[i]);
    if (!client_send(redis_server_client(server), count, words))
        TEST_FAIL("%s", client_error(server->client));
    buf_free(&text);
    struct reply *reply =
        redis_answered(server, client_receive(server->client), __FILE__, __LINE__);
    return redis_good(reply, __FILE__, __LINE__);
}

/* ---- I2: claim ids, sorted, so that a second one stands beside the first ---- */

struct claims {
    char (*id)[KEY_MAX];
    size_t count, cap;
};

static void claims_add(struct claims *claims, struct slice id)
{
    if (claims->count == claims->cap) {
        claims->cap = claims->cap > 0 ? 2 * claims->cap : 64;
        claims->id = realloc(claims->id, claims->cap * sizeof *claims->id);
        CHECK(claims->id != NULL);
    }
    snprintf(claims->id[claims->count++], KEY_MAX, "%.*s", (int)id.len, id.ptr);
}

/* `held_as`: its claim id if its header names none; absent: then it has no identity yet. */
static void claims_add_element(struct claims *claims, struct slice bytes, struct slice held_as)
{
    static char scratch[RECORD_HEADER_MAX];
    struct record record;
    bool parsed = record_parse(bytes.ptr, bytes.len, scratch, &record) == RECORD_OK;
    struct slice id = parsed && record.claim.len > 0 ? record.claim : held_as;

    if (id.ptr != NULL)
        claims_add(claims, id);
}

static void claims_add_held(struct claims *claims, const char *worker, const struct reply *hash)
{
    for (size_t i = 0; i + 1 < reply_count(hash); i += 2) {
        struct slice tag = reply_text(reply_at(hash, i));
        char id[KEY_MAX + 32];
        int len = snprintf(id, sizeof id, "%s:%.*s", worker, (int)tag.len, tag.ptr);
        claims_add_element(claims, reply_text(reply_at(hash, i + 1)),
                           (struct slice){id, (size_t)len});
    }
}

static int claims_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int64_t claims_twice(struct claims *claims)
{
    int64_t twice = 0;

    if (claims->count > 1)
        qsort(claims->id, claims->count, sizeof *claims->id, claims_compare);
    for (size_t i = 1; i < claims->count; i++) {
        if (strcmp(claims->id[i - 1], claims->id[i]) != 0)
            continue;
        print_error("in two containers: %s\n", claims->id[i]);
        twice++;
    }
    free(claims->id);
    return twice;
}

static void books_list(struct books *books, const struct view *view, const struct reply *all)
{
    struct claims claims = {0};
    size_t at = 1;

    for (size_t i = 0; i < LISTS + ZSETS; i++, at++) {
        const struct reply *list = reply_at(all, at);
        books->elements += (int64_t)reply_count(list);
        for (size_t j = 0; i >= 2 && j < reply_count(list); j++) /* not what producers push */
            claims_add_element(&claims, reply_text(reply_at(list, j)), (struct slice){0});
    }
    for (size_t i = 0; i < view->count; i++, at++) {
        books->elements += (int64_t)reply_count(reply_at(all, at)) / 2;
        claims_add_held(&claims, view->worker[i], reply_at(all, at));
    }
    books->twice = claims_twice(&claims);
}

/* ---- I1 ---- */

static int64_t counter(const struct reply *meta, const char *name)
{
    for (size_t i = 0; i + 1 < reply_count(meta); i += 2) {
        if (slice_equal(reply_text(reply_at(meta, i)), slice_of(name)))
            return reply_int(reply_at(meta, i + 1));
    }
    return 0;
}

static void books_figures(struct books *books, const struct reply *audit)
{
    int64_t *const in_order[] = {&books->queue, &books->stage, &books->ready,
                                 &books->held,  &books->retry, &books->scheduled,
                                 &books->dlq,   &books->alive, &books->dying};
    for (size_t i = 0; i < ARRAY_COUNT(in_order); i++)
        *in_order[i] = reply_int(reply_at(audit, 1 + i));
#define BOOKS_COUNT(name) books->name = counter(reply_at(audit, 10), #name);
    BOOKS_COUNTERS(BOOKS_COUNT)
#undef BOOKS_COUNT
}

struct books books_read(struct redis_server *server, const char *queue)
{
    for (int reads = 0; reads < READS_MAX; reads++) {
        static struct view view;
        struct books books = {0};

        view_read(&view, server, queue);
        struct reply *all = snapshot(server, &view);
        const struct reply *audit = reply_at(all, 0);
        bool complete = slice_equal(reply_text(reply_at(audit, 0)), slice_of("ok"));
        books_figures(&books, audit);
        books_list(&books, &view, all);
        client_reply_free(all);
        if (complete)
            return books;
    }
    TEST_FAIL("the workers of %s change all the time", queue);
}

int64_t books_waiting(const struct books *books)
{
    return books->queue + books->stage + books->ready;
}

bool books_balance(const struct books *books)
{
    int64_t accounted = books->held + books->ready + books->retry + books->dlq + books->done +
                        books->duplicate + books->purged + books->expired;
    int64_t listed = books->queue + books->stage + books->ready + books->held + books->retry +
                     books->scheduled + books->dlq;
    return books->taken == accounted && books->twice == 0 && books->elements == listed;
}

void books_print(const struct books *books)
{
    print_error("waiting: queue %lld stage %lld ready %lld; held %lld retry %lld scheduled %lld "
                "dlq %lld; listed %lld, twice %lld\n",
                (long long)books->queue, (long long)books->stage, (long long)books->ready,
                (long long)books->held, (long long)books->retry, (long long)books->scheduled,
                (long long)books->dlq, (long long)books->elements, (long long)books->twice);
#define BOOKS_PRINT(name) print_error("%s %lld ", #name, (long long)books->name);
    BOOKS_COUNTERS(BOOKS_PRINT)
#undef BOOKS_PRINT
    print_error("alive %lld dying %lld\n", (long long)books->alive, (long long)books->dying);
}

struct books books_must_balance(struct redis_server *server, const char *queue, const char *file,
                                int line)
{
    struct books books = books_read(server, queue);
    if (!books_balance(&books)) {
        books_print(&books);
        test_fail(file, line, "the books of %s do not balance", queue);
    }
    return books;
}

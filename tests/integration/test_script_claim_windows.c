/* claim_windows, windows, and what shift does with fingerprints in windows. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "idempotency/windows.h"
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

enum { TTL_MS = 3600000, LENGTH_MS = 4050000, OLD_MS = 1000000, ITEMS_MAX = 500 };

#define OTHER "other-1-00000000000000bb:9"
#define CLAIM CALL_WORKER ":1"

static const char *agreement = "4050000 0 0"; /* what the caller believes */
static int64_t ttl_ms = TTL_MS, skew_ms;      /* of the caller's clock */
static struct windows_keys keys;

/* Where entries stand by the clock of Redis, which is ours. */
enum place { FAR, NOW, NEXT, AFTER, OLD_NOW, OLD_NEXT };

static void look_at_clock(struct script_call *call)
{
    struct windows windows;
    assert_true(windows_parse(slice_of(agreement), &windows));
    windows_keys(&windows, &call->queue, clock_wall_ms() + skew_ms, &keys);
}

static void agree(struct script_call *call)
{
    redis_run(call->server, "HSET %s windows %s", call_name(call, KEY_META), agreement);
}

static int reset(void **state)
{
    agreement = "4050000 0 0";
    ttl_ms = TTL_MS;
    skew_ms = 0;
    (void)call_reset(state);
    agree(*state);
    return 0;
}

static void windows_words(struct script_call *call)
{
    struct windows windows;
    assert_true(windows_parse(slice_of(agreement), &windows));
    call_text(call, agreement);
    call_int(call, windows.length_ms);
    call_int(call, keys.first);
    call_int(call, windows.old_length_ms);
    call_int(call, keys.old_first);
}

static void claim_words(struct script_call *call, const char *fingerprints[], const char *claims[],
                        size_t count)
{
    look_at_clock(call);
    call_start(call);
    call_key(call, KEY_META);
    for (size_t i = 0; i < WINDOWS_KEYS; i++)
        call_key_named(call, keys.name[i]);
    windows_words(call);
    call_int(call, ttl_ms);
    for (size_t i = 0; i < count; i++)
        call_text(call, fingerprints[i]);
    for (size_t i = 0; i < count; i++)
        call_text(call, claims[i]);
}

/* One claim: who holds it, '' it is ours, "0": nothing was done. Yours. */
static char *claim(struct script_call *call, const char *fingerprint, const char *id)
{
    claim_words(call, &fingerprint, &id, 1);
    struct reply *reply = redis_good(call_run(call, SCRIPT_CLAIM_WINDOWS), __FILE__, __LINE__);
    struct slice text = reply_text(reply_at(reply, 0));
    char *holder = reply_kind(reply) == REPLY_INT ? strdup("0") : strndup(text.ptr, text.len);
    client_reply_free(reply);
    return holder;
}

static void assert_claim(struct script_call *call, const char *fingerprint, const char *id,
                         const char *expected)
{
    char *holder = claim(call, fingerprint, id);
    assert_string_equal(holder, expected);
    free(holder);
}

/* In `place`, held by OTHER for so long yet. */
static void put(struct script_call *call, enum place place, const char *fingerprint, int64_t ms)
{
    look_at_clock(call);
    redis_run(call->server, "EVAL %s 1 %s %s %lld",
              "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' " OTHER "') return 1",
              keys.name[place], fingerprint, (long long)(clock_wall_ms() + ms));
}

/* ---- claim_windows ---- */

static void words(struct script_call *call)
{
    static const char *fingerprints[] = {"one", "two", "one"}, *claims[] = {"w:1", "w:2", "w:3"};
    claim_words(call, fingerprints, claims, 3);
}

static void assert_answers(struct script_call *call, const char *one, const char *two,
                           const char *three)
{
    const char *const expected[] = {one, two, three};
    words(call);
    struct reply *reply = redis_good(call_run(call, SCRIPT_CLAIM_WINDOWS), __FILE__, __LINE__);
    assert_int_equal(reply_count(reply), 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(slice_equal(reply_text(reply_at(reply, i)), slice_of(expected[i])));
    client_reply_free(reply);
}

static void the_first_gets_it_and_an_equal_one_is_told(void **state)
{
    assert_answers(*state, "", "", "w:1");
    assert_answers(*state, "w:1", "w:2", "w:1"); /* a replay finds its own claims */
    (void)assert_books_balance(((struct script_call *)*state)->server, CALL_QUEUE);
}

static void it_stands_in_the_window_that_it_ends_in(void **state)
{
    struct script_call *call = *state;
    struct slice holder;
    int64_t end_ms, before_ms = clock_wall_ms();

    assert_claim(call, "one", "w:1", "");
    int64_t number = before_ms / LENGTH_MS, into = (before_ms + TTL_MS) / LENGTH_MS;
    char *entry = redis_text(call->server, "HGET %s one", keys.name[into > number ? NEXT : NOW]);
    assert_non_null(entry);
    assert_true(windows_entry(slice_of(entry), &end_ms, &holder));
    assert_true(slice_equal(holder, slice_of("w:1")));
    assert_in_range(end_ms, before_ms + TTL_MS, clock_wall_ms() + TTL_MS);
    assert_in_range(redis_int(call->server, "PTTL %s", keys.name[into > number ? NEXT : NOW]),
                    (into + 2) * LENGTH_MS - clock_wall_ms() - 1000,
                    (into + 2) * LENGTH_MS - before_ms + 1000);
    free(entry);
}

static void another_holder_is_found_wherever_it_may_stand(void **state)
{
    struct script_call *call = *state;
    static const enum place places[] = {FAR, NOW, NEXT, OLD_NOW, OLD_NEXT};

    agreement = "4050000 1000000 9999999999999";
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        (void)call_reset(state);
        agree(call);
        put(call, places[i], "one", 60000);
        assert_claim(call, "one", "w:1", OTHER);
        assert_claim(call, "two", "w:2", "");
    }
}

static void an_entry_that_has_ended_counts_for_nothing(void **state)
{
    struct script_call *call = *state;
    for (enum place place = FAR; place <= NEXT; place++) {
        (void)reset(state);
        put(call, place, "one", -1);
        assert_claim(call, "one", "w:1", "");
        assert_claim(call, "one", "w:2", "w:1");
    }
}

/* Across borders of windows: it ends a whole TTL after its claim, and not before. */
static void it_is_held_for_its_ttl_to_the_ms(void **state)
{
    struct script_call *call = *state;
    agreement = "1000 0 0";
    agree(call);
    ttl_ms = 888;
    for (int i = 0; i < 5; i++) {
        int64_t sent_ms = clock_wall_ms();
        char *holder = NULL;
        assert_claim(call, "one", i % 2 == 0 ? "w:1" : "w:2", "");
        int64_t answered_ms = clock_wall_ms(), free_ms;
        do {
            free(holder);
            poll(NULL, 0, EVENTUALLY_PAUSE_MS);
            ttl_ms = 1; /* of who asks */
            holder = claim(call, "one", "w:ask");
            free_ms = clock_wall_ms();
        } while (strcmp(holder, i % 2 == 0 ? "w:1" : "w:2") == 0 &&
                 free_ms < answered_ms + TEST_LIMIT_MS);
        assert_string_equal(holder, "");
        assert_true(free_ms >= sent_ms + 888);
        free(holder);
        ttl_ms = 888;
        EVENTUALLY(clock_wall_ms() > free_ms + 1, TEST_LIMIT_MS); /* the asker's has ended, too */
    }
}

static void whoever_is_wrong_about_the_windows_is_told_and_nothing_is_done(void **state)
{
    struct script_call *call = *state;
    static const struct {
        int windows_ahead;
        const char *agreement, *answer;
    } rows[] = {{0, "4050000 0 0", ""},      {-1, "4050000 0 0", ""},      {1, "4050000 0 0", "0"},
                {-2, "4050000 0 0", "0"},    {9, "4050000 0 0", "0"},      {0, "1000000 0 0", "0"},
                {0, "4050000 1000 99", "0"}, {0, "4050000 1000000 1", "0"}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        (void)reset(state);
        char *before = database_digest(call->server);
        agreement = rows[i].agreement;
        skew_ms = (int64_t)rows[i].windows_ahead * LENGTH_MS;
        assert_claim(call, "one", "w:1", rows[i].answer);
        char *after = database_digest(call->server);
        assert_true((strcmp(before, after) == 0) == (strcmp(rows[i].answer, "0") == 0));
        free(before);
        free(after);
    }
}

static void five_hundred_are_claimed_at_once(void **state)
{
    struct script_call *call = *state;
    static char names[ITEMS_MAX][40];
    const char *texts[ITEMS_MAX];
    for (int i = 0; i < ITEMS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "%032d", i);
        texts[i] = names[i];
    }
    for (int round = 0; round < 2; round++) {
        claim_words(call, texts, texts, ITEMS_MAX);
        struct reply *reply = redis_good(call_run(call, SCRIPT_CLAIM_WINDOWS), __FILE__, __LINE__);
        assert_int_equal(reply_count(reply), ITEMS_MAX);
        for (size_t i = 0; i < ITEMS_MAX; i++)
            assert_true(
                slice_equal(reply_text(reply_at(reply, i)), slice_of(round == 0 ? "" : names[i])));
        client_reply_free(reply);
    }
}

static void one_that_ends_too_late_for_windows_is_far_and_ended_ones_go(void **state)
{
    struct script_call *call = *state;
    char fingerprint[24];

    put(call, FAR, "ended-1", -1);
    put(call, FAR, "ended-2", -1);
    ttl_ms = 3 * (int64_t)LENGTH_MS;
    assert_claim(call, "one", "w:1", "");
    assert_claim(call, "one", "w:2", "w:1");
    assert_int_equal(redis_int(call->server, "HEXISTS %s one", keys.name[FAR]), 1);
    assert_in_range(redis_int(call->server, "PTTL %s", keys.name[FAR]), ttl_ms - 60000, ttl_ms);
    for (int i = 0;
         i < 1000 && redis_int(call->server, "HEXISTS %s ended-1", keys.name[FAR]) +
                             redis_int(call->server, "HEXISTS %s ended-2", keys.name[FAR]) >
                         0;
         i++) {
        snprintf(fingerprint, sizeof fingerprint, "%d", i);
        assert_claim(call, fingerprint, "w:3", "");
    }
    assert_int_equal(redis_int(call->server, "HEXISTS %s ended-1", keys.name[FAR]), 0);
    assert_int_equal(redis_int(call->server, "HEXISTS %s ended-2", keys.name[FAR]), 0);
    assert_claim(call, "one", "w:2", "w:1");
}

static const struct script_case claim_case = {SCRIPT_CLAIM_WINDOWS, agree, words, true};

static void claim_keeps_what_all_scripts_promise(void **state)
{
    assert_refuses_wrong_types(*state, &claim_case, 4);
    assert_replay_is_harmless(*state, &claim_case);
    assert_passes_when_full(*state, &claim_case);
    assert_refused_by_a_replica(*state, &claim_case);
}

/* ---- shift ---- */

static void shift(struct script_call *call, const char *how, const char *id, int64_t expected)
{
    static const enum queue_key fixed[] = {KEY_READY, KEY_RETRY, KEY_DLQ, KEY_META, KEY_CONTROL};

    redis_run(call->server, "HSET %s 1 was", call->held);
    redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
    look_at_clock(call);
    call_start(call);
    call_key_named(call, call->held);
    for (size_t i = 0; i < ARRAY_COUNT(fixed); i++)
        call_key(call, fixed[i]);
    for (size_t i = 0; i < WINDOWS_KEYS; i++)
        call_key_named(call, keys.name[i]);
    call_text(call, "0");
    windows_words(call);
    const char *const item[] = {"1", "ready", "released", "0", "=", how, id, "one"};
    for (size_t i = 0; i < ARRAY_COUNT(item); i++)
        call_text(call, item[i]);
    struct reply *reply = redis_good(call_run(call, SCRIPT_SHIFT), __FILE__, __LINE__);
    if (expected < 0)
        assert_int_equal(reply_kind(reply), REPLY_INT);
    else
        assert_int_equal(reply_int(reply_at(reply, 0)), expected);
    client_reply_free(reply);
}

static int64_t end_in(struct script_call *call, enum place place)
{
    struct slice holder;
    int64_t end_ms;
    char *entry = redis_text(call->server, "HGET %s one", keys.name[place]);
    bool there = windows_entry(slice_of(entry != NULL ? entry : ""), &end_ms, &holder);
    free(entry);
    return there ? end_ms : 0;
}

static void its_holder_alone_deletes_it(void **state)
{
    struct script_call *call = *state;
    for (enum place place = FAR; place <= NEXT; place++) {
        put(call, place, "one", 60000);
        shift(call, "delete", CLAIM, 1);
        assert_true(end_in(call, place) > 0);
        shift(call, "keep", OTHER, 1);
        assert_true(end_in(call, place) > 0);
        shift(call, "delete", OTHER, 1);
        assert_int_equal(end_in(call, place), 0);
    }
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void its_holder_alone_extends_it_and_never_shortens_it(void **state)
{
    struct script_call *call = *state;
    char how[32];

    put(call, NOW, "one", 60000);
    int64_t end_ms = end_in(call, NOW);
    shift(call, "90000000", CLAIM, 1);
    shift(call, "1000", OTHER, 1);
    assert_int_equal(end_in(call, NOW), end_ms);

    int64_t next_ms = (clock_wall_ms() / LENGTH_MS + 1) * LENGTH_MS - clock_wall_ms();
    snprintf(how, sizeof how, "%lld", (long long)(next_ms + 60000));
    shift(call, how, OTHER, 1);
    assert_int_equal(end_in(call, NOW), 0); /* it has moved */
    assert_in_range(end_in(call, NEXT) - clock_wall_ms(), next_ms + 30000, next_ms + 61000);

    shift(call, "900000000", OTHER, 1);
    assert_int_equal(end_in(call, NEXT), 0);
    assert_in_range(end_in(call, FAR) - clock_wall_ms(), 900000000 - 60000, 900000000);
    assert_claim(call, "one", "w:1", OTHER);
}

static void one_that_has_ended_or_stands_nowhere_is_not_made_again(void **state)
{
    struct script_call *call = *state;
    put(call, NOW, "one", -1);
    shift(call, "60000", OTHER, 1);
    assert_claim(call, "one", "w:1", "");
    (void)reset(state);
    shift(call, "60000", OTHER, 1);
    assert_claim(call, "one", "w:1", "");
}

static void a_window_of_another_type_stops_no_shift(void **state)
{
    struct script_call *call = *state;
    look_at_clock(call);
    for (enum place place = FAR; place <= AFTER; place++)
        redis_run(call->server, "SET %s x", keys.name[place]);
    shift(call, "delete", OTHER, 1);
    shift(call, "60000", OTHER, 1);
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void a_shift_with_the_wrong_windows_moves_nothing(void **state)
{
    struct script_call *call = *state;
    skew_ms = 5 * (int64_t)LENGTH_MS;
    shift(call, "delete", OTHER, -1);
    assert_int_equal(redis_int(call->server, "HLEN %s", call->held), 1);
}

/* ---- windows ---- */

static void assert_agreed(struct script_call *call, int64_t wanted_ms, const char *expected)
{
    call_start(call);
    call_key(call, KEY_META);
    call_int(call, wanted_ms);
    struct reply *reply = redis_good(call_run(call, SCRIPT_WINDOWS), __FILE__, __LINE__);
    struct slice text = reply_text(reply_at(reply, 0));
    assert_true(
        slice_equal((struct slice){text.ptr, strnlen(expected, text.len)}, slice_of(expected)));
    assert_in_range(reply_int(reply_at(reply, 1)), clock_wall_ms() - 10000, clock_wall_ms());
    client_reply_free(reply);
}

static void a_length_is_agreed_on_and_changes_only_when_the_one_before_is_over(void **state)
{
    struct script_call *call = *state;
    (void)call_reset(state);
    assert_agreed(call, 0, "");
    assert_agreed(call, OLD_MS, "1000000 0 0");
    assert_agreed(call, 0, "1000000 0 0");
    assert_agreed(call, LENGTH_MS, "4050000 1000000 "); /* until: the end of the next one */
    char *agreed = redis_text(call->server, "HGET %s windows", call_name(call, KEY_META));
    assert_int_equal(strtoll(strrchr(agreed, ' '), NULL, 10),
                     (clock_wall_ms() / OLD_MS + 2) * (int64_t)OLD_MS);
    assert_agreed(call, OLD_MS, agreed);
    free(agreed);
    redis_run(call->server, "HSET %s windows %s", call_name(call, KEY_META), "4050000 1000000 9");
    assert_agreed(call, LENGTH_MS, "4050000 0 0");
}

static void past_words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_META);
    call_key_named(call, "navvy:{jobs}:fpw:1:1");
    call_key_named(call, "navvy:{jobs}:fpw:1:2");
    call_int(call, LENGTH_MS);
    call_int(call, clock_wall_ms() - 1);
    call_int(call, clock_wall_ms() + 60000);
}

static void arrange_past(struct script_call *call)
{
    redis_run(call->server, "HSET navvy:{jobs}:fpw:1:1 a b");
    redis_run(call->server, "HSET navvy:{jobs}:fpw:1:2 a b");
}

static void a_window_goes_when_it_is_over_by_the_clock_of_redis(void **state)
{
    struct script_call *call = *state;
    arrange_past(call);
    past_words(call);
    client_reply_free(redis_good(call_run(call, SCRIPT_WINDOWS), __FILE__, __LINE__));
    assert_int_equal(redis_int(call->server, "EXISTS navvy:{jobs}:fpw:1:1"), 0);
    assert_int_equal(redis_int(call->server, "EXISTS navvy:{jobs}:fpw:1:2"), 1);
}

static const struct script_case windows_case = {SCRIPT_WINDOWS, arrange_past, past_words, false};

static void windows_keeps_what_all_scripts_promise(void **state)
{
    assert_refuses_wrong_types(*state, &windows_case, 3);
    assert_replay_is_harmless(*state, &windows_case);
    assert_passes_when_full(*state, &windows_case);
    assert_refused_by_a_replica(*state, &windows_case);
}

#define CASE(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_first_gets_it_and_an_equal_one_is_told),
        CASE(it_stands_in_the_window_that_it_ends_in),
        CASE(another_holder_is_found_wherever_it_may_stand),
        CASE(an_entry_that_has_ended_counts_for_nothing),
        CASE(it_is_held_for_its_ttl_to_the_ms),
        CASE(whoever_is_wrong_about_the_windows_is_told_and_nothing_is_done),
        CASE(five_hundred_are_claimed_at_once),
        CASE(one_that_ends_too_late_for_windows_is_far_and_ended_ones_go),
        CASE(claim_keeps_what_all_scripts_promise),
        CASE(its_holder_alone_deletes_it),
        CASE(its_holder_alone_extends_it_and_never_shortens_it),
        CASE(one_that_has_ended_or_stands_nowhere_is_not_made_again),
        CASE(a_window_of_another_type_stops_no_shift),
        CASE(a_shift_with_the_wrong_windows_moves_nothing),
        CASE(a_length_is_agreed_on_and_changes_only_when_the_one_before_is_over),
        CASE(a_window_goes_when_it_is_over_by_the_clock_of_redis),
        CASE(windows_keeps_what_all_scripts_promise),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}

/* browse: what it shows of lists, sorted sets and hashes, from both ends, and where it stops. */
#include <stdio.h>
#include <stdlib.h>

#include "job/record.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

enum { READ_MAX = 512 * 1024, SUM = 3, WORDS = 4 };

static void browse_words(struct script_call *call, enum queue_key key, const char *kind, int first,
                         int count, int payload, const char *needle)
{
    call_start(call);
    call_key(call, key);
    call_text(call, kind);
    call_int(call, first);
    call_int(call, count);
    call_int(call, READ_MAX);
    call_int(call, RECORD_HEADER_MAX);
    call_int(call, payload);
    call_text(call, needle);
}

static struct reply *browse(struct script_call *call)
{
    return redis_good(call_run(call, SCRIPT_BROWSE), __FILE__, __LINE__);
}

/* size, looked, then "place score len bytes" of each, as one text; yours. */
static char *said(struct script_call *call)
{
    struct reply *reply = browse(call);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_true(reply_int(reply_at(reply, 0)) > 1600000000000);
    fprintf(out, "%lld %lld", (long long)reply_int(reply_at(reply, 1)),
            (long long)reply_int(reply_at(reply, 2)));
    for (size_t i = SUM; i < reply_count(reply); i++) {
        struct slice word = reply_text(reply_at(reply, i));
        if (reply_kind(reply_at(reply, i)) == REPLY_INT)
            fprintf(out, " %lld", (long long)reply_int(reply_at(reply, i)));
        else
            fprintf(out, " %.*s", (int)word.len, word.ptr);
    }
    fclose(out);
    client_reply_free(reply);
    return text;
}

static void assert_said(struct script_call *call, const char *expected)
{
    char *text = said(call);
    assert_string_equal(text, expected);
    free(text);
}

static void a_list_is_read_from_either_end(void **state)
{
    static const struct {
        int first, count;
        const char *said;
    } rows[] = {
        {0, 0, "5 0"},
        {0, 1, "5 1 0  1 a"},
        {3, 9, "5 2 3  1 d 4  1 e"},
        {5, 9, "5 0"},
        {-1, 2, "5 2 -1  1 e -2  1 d"},
        {-4, 9, "5 2 -4  1 b -5  1 a"},
        {-6, 9, "5 0"},
        {-1, 9, "5 5 -1  1 e -2  1 d -3  1 c -4  1 b -5  1 a"},
    };
    struct script_call *call = *state;
    redis_run(call->server, "RPUSH %s a b c d e", CALL_QUEUE);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        browse_words(call, KEY_QUEUE, "list", rows[i].first, rows[i].count, 9, "");
        assert_said(call, rows[i].said);
    }
}

static void a_sorted_set_is_read_by_rank_with_its_scores(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "ZADD %s 1 a 2.5 b inf c", call_name(call, KEY_RETRY));
    browse_words(call, KEY_RETRY, "zset", 1, 9, 9, "");
    assert_said(call, "3 2 1 2.5 1 b 2 inf 1 c");
}

static void of_a_hash_the_fields_that_are_there(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s 1 a 3 c", call->held);
    call_start(call);
    call_key_named(call, call->held);
    static const char *const words[] = {"hash", "0", "3", "1000", "4608", "9", "", "1", "2", "3"};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        call_text(call, words[i]);
    assert_said(call, "2 3 1  1 a 3  1 c");
}

static void a_key_that_is_not_there_is_empty(void **state)
{
    struct script_call *call = *state;
    browse_words(call, KEY_DLQ, "list", 0, 9, 9, "");
    assert_said(call, "0 0");
}

static void a_header_is_shown_whole_and_a_payload_cut(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "RPUSH %s %s 0123456789 %s", CALL_QUEUE, "navvy/1 id=x\n0123456789",
              "navvy/1 id=without_an_end");
    browse_words(call, KEY_QUEUE, "list", 0, 9, 2, "");
    assert_said(call, "3 3 0  23 navvy/1 id=x\n01 1  10 01 2  25 navvy/1 id=without_an_end");
}

static void a_text_is_looked_for_in_headers_alone(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "RPUSH %s %s %s %s %s", CALL_QUEUE, "navvy/1 id=x.y\nbob", "id=x.y",
              "navvy/1 id=z\nx.y", "navvy/1 id=xzy\n");
    browse_words(call, KEY_QUEUE, "list", 0, 9, 0, "x.y");
    assert_said(call, "4 4 0  18 navvy/1 id=x.y\n");
}

static void no_more_bytes_are_read_than_it_was_told(void **state)
{
    enum { LARGE = 200 * 1024, COUNT = 40 };
    struct script_call *call = *state;
    char *large = malloc(LARGE);
    struct slice bytes = {memset(large, 'x', LARGE), LARGE};

    for (int i = 0; i < COUNT; i++)
        redis_run(call->server, "RPUSH %s %b", CALL_QUEUE, &bytes);
    browse_words(call, KEY_QUEUE, "list", 0, COUNT, 3, "");
    struct reply *reply = browse(call);
    assert_int_equal(reply_int(reply_at(reply, 1)), COUNT);
    assert_in_range(reply_int(reply_at(reply, 2)), 3, 4); /* the first bite */
    assert_int_equal(reply_text(reply_at(reply, 6)).len, 3);
    client_reply_free(reply);
    free(large);
}

static void many_are_looked_at_in_one_call(void **state)
{
    struct script_call *call = *state;
    for (int i = 0; i < 1200; i++)
        redis_run(call->server, "RPUSH %s %lld", CALL_QUEUE, (long long)i);
    browse_words(call, KEY_QUEUE, "list", -1, 1000, 10, "");
    struct reply *reply = browse(call);
    assert_int_equal(reply_int(reply_at(reply, 2)), 1000);
    for (int i = 0; i < 1000; i++) {
        size_t at = SUM + (size_t)i * WORDS;
        assert_int_equal(reply_int(reply_at(reply, at)), -1 - i);
        assert_int_equal(reply_int(reply_at(reply, at + 3)), 1199 - i);
    }
    client_reply_free(reply);
}

static void words(struct script_call *call)
{
    browse_words(call, KEY_QUEUE, "list", 0, 9, 9, "");
}

static void arrange(struct script_call *call)
{
    redis_run(call->server, "RPUSH %s a b", CALL_QUEUE);
}

static const struct script_case browse_case = {SCRIPT_BROWSE, arrange, words, true};

static void it_changes_nothing_and_so_passes_everywhere(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    words(call);
    char *before = database_digest(call->server);
    assert_said(call, "2 2 0  1 a 1  1 b");
    database_fill(call->server);
    assert_said(call, "2 2 0  1 a 1  1 b");
    database_unfill(call->server);
    redis_run(call->server, "REPLICAOF 127.0.0.1 1");
    assert_said(call, "2 2 0  1 a 1  1 b");
    char *after = database_digest(call->server);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void a_key_of_another_type_refuses_it(void **state)
{
    assert_refuses_wrong_types(*state, &browse_case, 1);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_list_is_read_from_either_end),
        CASE(a_sorted_set_is_read_by_rank_with_its_scores),
        CASE(of_a_hash_the_fields_that_are_there),
        CASE(a_key_that_is_not_there_is_empty),
        CASE(a_header_is_shown_whole_and_a_payload_cut),
        CASE(a_text_is_looked_for_in_headers_alone),
        CASE(no_more_bytes_are_read_than_it_was_told),
        CASE(many_are_looked_at_in_one_call),
        CASE(it_changes_nothing_and_so_passes_everywhere),
        CASE(a_key_of_another_type_refuses_it),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}

/* link: greeting, calls in order, scripts, and every point at which an owner may free or reset. */
#include "tests/integration/link_rig.h"

enum { PIPELINE_CALLS = 100000, CHAIN_CALLS = 1000 };

/* ---- greeting ---- */

/* True if the line of CLIENT LIST that is named navvy-test has `part`. */
static bool client_list_has(struct rig *rig, const char *part)
{
    struct reply *reply = redis_ask(rig->server, "CLIENT LIST");
    const char *line = strstr(reply_text(reply).ptr, "name=navvy-test ");
    const char *end = line ? strchr(line, '\n') : NULL;
    const char *found = line ? strstr(line, part) : NULL;
    bool has = found != NULL && end != NULL && found < end;
    client_reply_free(reply);
    return has;
}

static void greeting_gives_user_database_and_name(void **state)
{
    struct rig *rig = *state;
    redis_run(rig->server, "ACL SETUSER bob on >secret ~* +@all");
    snprintf(rig->endpoint.user, sizeof rig->endpoint.user, "bob");
    snprintf(rig->endpoint.password, sizeof rig->endpoint.password, "secret");
    rig->endpoint.db = 3;
    rig_link_up(rig);
    assert_true(client_list_has(rig, "db=3 "));
    assert_true(client_list_has(rig, "user=bob "));
}

static void password_alone_is_of_the_default_user(void **state)
{
    struct rig *rig = *state;
    redis_run(rig->server, "CONFIG SET requirepass secret");
    snprintf(rig->endpoint.password, sizeof rig->endpoint.password, "secret");
    rig_link_up(rig);
    assert_true(client_list_has(rig, "user=default "));
}

static void refused_name_does_no_harm(void **state)
{
    struct rig *rig = *state;
    redis_run(rig->server, "ACL SETUSER bob on >secret ~* +@all -client");
    snprintf(rig->endpoint.user, sizeof rig->endpoint.user, "bob");
    snprintf(rig->endpoint.password, sizeof rig->endpoint.password, "secret");
    rig_link_up(rig);
    assert_false(client_list_has(rig, "user=bob "));
    assert_int_equal(rig->downs, 0);
}

static void wrong_password_is_denied_until_it_is_right(void **state)
{
    struct rig *rig = *state;
    redis_run(rig->server, "ACL SETUSER bob on >other ~* +@all");
    snprintf(rig->endpoint.user, sizeof rig->endpoint.user, "bob");
    snprintf(rig->endpoint.password, sizeof rig->endpoint.password, "secret");
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->denials == 2);
    assert_int_equal(rig->ups, 0);
    assert_non_null(strstr(rig->why, "WRONGPASS"));
    redis_run(rig->server, "ACL SETUSER bob >secret");
    TURN_UNTIL(rig, rig->ups == 1);
}

static void missing_password_is_denied(void **state)
{
    struct rig *rig = *state;
    redis_run(rig->server, "CONFIG SET requirepass secret");
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->denials == 1 && rig->downs == 1);
    assert_non_null(strstr(rig->why, "NOAUTH"));
}

static void database_out_of_range_is_down_with_words(void **state)
{
    struct rig *rig = *state;
    rig->endpoint.db = 9999;
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->downs == 2);
    assert_non_null(strstr(rig->why, "out of range"));
    assert_int_equal(rig->denials, 0);
}

/* ---- calls ---- */

static void call_is_refused_while_down(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    assert_false(rig_call(rig, &answer, 0, "PING"));
    TURN_UNTIL(rig, rig->ups == 1);
    assert_int_equal(link_rtt_us(rig->link) >= 0, 1);
    assert_true(rig_call(rig, &answer, 0, "PING"));
    assert_int_equal(answer.count, 0); /* never from inside the call */
    TURN_UNTIL(rig, answer.count == 1);
    assert_int_equal(answer.nulls, 0);
    assert_true(link_rtt_us(rig->link) > 0);
}

static void pipelined_calls_are_answered_once_and_in_order(void **state)
{
    struct rig *rig = *state;
    struct answer *answers = calloc(PIPELINE_CALLS, sizeof *answers);
    rig_link_up(rig);
    for (int i = 0; i < PIPELINE_CALLS; i++)
        assert_true(rig_call(rig, &answers[i], 0, "INCR counter"));
    assert_int_equal(link_pending(rig->link), PIPELINE_CALLS);
    TURN_UNTIL(rig, link_pending(rig->link) == 0);
    for (int i = 0; i < PIPELINE_CALLS; i++) {
        assert_int_equal(answers[i].count, 1);
        assert_int_equal(answers[i].number, i + 1);
    }
    free(answers);
}

static void error_replies_are_passed_on(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    rig_link_up(rig);
    redis_run(rig->server, "SET text x");
    assert_true(rig_call(rig, &answer, 0, "LPUSH text y"));
    TURN_UNTIL(rig, answer.count == 1);
    assert_int_equal(answer.error, ERROR_WRONG_TYPE);
    assert_true(link_is_up(rig->link));
}

struct chain {
    struct rig *rig;
    int answered;
};

static void on_chain(const struct reply *reply, void *arg)
{
    struct chain *chain = arg;
    const struct slice ping = slice_of("PING");
    assert_non_null(reply);
    if (++chain->answered < CHAIN_CALLS)
        assert_true(link_call(chain->rig->link, on_chain, chain, 0, 1, &ping));
}

static void reply_may_call_again(void **state)
{
    struct rig *rig = *state;
    struct chain chain = {.rig = rig};
    const struct slice ping = slice_of("PING");
    rig_link_up(rig);
    assert_true(link_call(rig->link, on_chain, &chain, 0, 1, &ping));
    TURN_UNTIL(rig, chain.answered == CHAIN_CALLS);
}

/* ---- scripts ---- */

/* How often `command` was called, by INFO commandstats. */
static int calls_of(struct rig *rig, const char *command)
{
    char label[64];
    struct reply *reply = redis_ask(rig->server, "INFO commandstats");
    snprintf(label, sizeof label, "cmdstat_%s:calls=", command);
    const char *at = strstr(reply_text(reply).ptr, label);
    int calls = at ? atoi(at + strlen(label)) : 0;
    client_reply_free(reply);
    return calls;
}

static enum error_class run_script(struct rig *rig)
{
    struct answer answer = {0};
    const struct slice keys[] = {slice_of("k1"), slice_of("k2")};
    assert_true(link_script(rig->link, SCRIPT_AUDIT, on_reply, &answer, 2, 2, keys));
    TURN_UNTIL(rig, answer.count == 1);
    return answer.error;
}

static void unknown_script_is_passed_on_and_then_sent_as_text_once(void **state)
{
    struct rig *rig = *state;
    rig_link_up(rig);
    for (int round = 1; round <= 2; round++) {
        assert_int_equal(run_script(rig), ERROR_NO_SCRIPT);
        assert_int_equal(calls_of(rig, "eval"), round - 1);
        assert_int_not_equal(run_script(rig), ERROR_NO_SCRIPT);
        assert_int_equal(calls_of(rig, "eval"), round);
        assert_int_not_equal(run_script(rig), ERROR_NO_SCRIPT);
        assert_int_equal(calls_of(rig, "eval"), round); /* known from now on */
        redis_run(rig->server, "SCRIPT FLUSH");
    }
}

/* ---- reset and free ---- */

static void reset_answers_with_null_in_the_next_turn(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    rig_link_up(rig);
    assert_true(rig_call(rig, &answer, 0, "BLPOP nothing 0"));
    link_reset(rig->link, "a test wants it");
    assert_false(link_is_up(rig->link));
    assert_int_equal(answer.count + rig->downs, 0);
    link_reset(rig->link, "twice");
    TURN_UNTIL(rig, rig->downs == 1);
    assert_int_equal(answer.nulls, 1);
    assert_string_equal(rig->why, "a test wants it");
    TURN_UNTIL(rig, rig->ups == 2);
    assert_int_equal(answer.count, 1);
}

static void on_reply_reset(const struct reply *reply, void *arg)
{
    struct rig *rig = arg;
    if (reply != NULL)
        link_reset(rig->link, "from a reply");
}

static void reply_may_reset(void **state)
{
    struct rig *rig = *state;
    struct answer after[3] = {{0}};
    const struct slice ping = slice_of("PING");
    rig_link_up(rig);
    assert_true(link_call(rig->link, on_reply_reset, rig, 0, 1, &ping));
    for (int i = 0; i < 3; i++) /* their replies come in the same read */
        assert_true(rig_call(rig, &after[i], 0, "PING"));
    TURN_UNTIL(rig, rig->ups == 2);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(after[i].count, 1);
        assert_int_equal(after[i].nulls, 1);
    }
    assert_int_equal(rig->downs, 1);
    assert_string_equal(rig->why, "from a reply");
}

static void free_answers_with_null(void **state)
{
    struct rig *rig = *state;
    struct answer answers[100] = {{0}};
    rig_link_up(rig);
    for (int i = 0; i < 100; i++)
        assert_true(rig_call(rig, &answers[i], 0, "PING"));
    rig_free_link(rig);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(answers[i].count, 1);
        assert_int_equal(answers[i].nulls, 1);
    }
    rig_turn(rig);
    assert_int_equal(rig->downs, 0);
}

static void on_reply_free(const struct reply *reply, void *arg)
{
    struct rig *rig = arg;
    if (rig->link != NULL)
        rig_free_link(rig);
    (void)reply;
}

static void reply_may_free(void **state)
{
    struct rig *rig = *state;
    struct answer after = {0};
    const struct slice ping = slice_of("PING");
    rig_link_up(rig);
    assert_true(link_call(rig->link, on_reply_free, rig, 0, 1, &ping));
    assert_true(rig_call(rig, &after, 0, "PING"));
    TURN_UNTIL(rig, after.count == 1);
    assert_int_equal(after.nulls, 1);
    assert_int_equal(rig->downs, 0);
}

static void null_reply_may_free(void **state)
{
    struct rig *rig = *state;
    struct answer after = {0};
    const struct slice ping = slice_of("PING");
    rig_link_up(rig);
    assert_true(link_call(rig->link, on_reply_free, rig, 0, 1, &ping));
    assert_true(rig_call(rig, &after, 0, "PING"));
    link_reset(rig->link, "a test wants it");
    TURN_UNTIL(rig, after.count == 1);
    assert_int_equal(after.nulls, 1);
    assert_int_equal(rig->downs, 0);
}

static void owner_may_free_when_told_of_up_or_down(void **state)
{
    struct rig *rig = *state;
    rig->free_when_up = true;
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->ups == 1);
    assert_null(rig->link);

    rig->free_when_up = false;
    rig->free_when_down = true;
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->ups == 2);
    link_reset(rig->link, "a test wants it");
    TURN_UNTIL(rig, rig->downs == 1);
    assert_null(rig->link);
}

static void link_that_was_not_started_is_freed(void **state)
{
    struct rig *rig = *state;
    const struct link_events events = {on_up, on_down, on_denied};
    const struct link_options options = {&rig->endpoint, "idle", 1, 1};
    struct link *link = link_new(rig->base, &options, &events, rig);
    struct answer answer = {0};
    assert_non_null(link);
    assert_false(link_is_up(link));
    assert_false(link_call(link, on_reply, &answer, 0, 1, &(struct slice){"PING", 4}));
    link_reset(link, "nothing to reset");
    rig_turn(rig);
    assert_int_equal(rig->ups + rig->downs, 0);
    link_free(link);
    link_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(greeting_gives_user_database_and_name),
        RIG_TEST(password_alone_is_of_the_default_user),
        RIG_TEST(refused_name_does_no_harm),
        RIG_TEST(wrong_password_is_denied_until_it_is_right),
        RIG_TEST(missing_password_is_denied),
        RIG_TEST(database_out_of_range_is_down_with_words),
        RIG_TEST(call_is_refused_while_down),
        RIG_TEST(pipelined_calls_are_answered_once_and_in_order),
        RIG_TEST(error_replies_are_passed_on),
        RIG_TEST(reply_may_call_again),
        RIG_TEST(unknown_script_is_passed_on_and_then_sent_as_text_once),
        RIG_TEST(reset_answers_with_null_in_the_next_turn),
        RIG_TEST(reply_may_reset),
        RIG_TEST(free_answers_with_null),
        RIG_TEST(reply_may_free),
        RIG_TEST(null_reply_may_free),
        RIG_TEST(owner_may_free_when_told_of_up_or_down),
        RIG_TEST(link_that_was_not_started_is_freed),
    };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}

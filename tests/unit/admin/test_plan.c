/* plan: what a bulk task may be told, and that nothing else is heeded half. And its rate. */
#include "admin/task/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/task/gate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool read_plan(const char *text, struct task_plan *plan, char why[PLAN_FAULT_MAX])
{
    static const char *const besides[] = {"dry_run", NULL};
    json_t *object = json_loads(text, JSON_ALLOW_NUL, NULL);
    assert_non_null(object);
    bool good = plan_read(plan, object, besides, why);
    json_decref(object);
    return good;
}

static void everything_can_be_said(void **state)
{
    (void)state;
    struct task_plan plan;
    char why[PLAN_FAULT_MAX];
    assert_true(read_plan("{\"action\":\"retry\",\"select\":{\"reason\":\"poison\",\"error\":\"e\","
                          "\"signature\":\"s <n>\",\"type\":\"t\",\"match_base64\":\"/2E=\","
                          "\"older_ms\":5,\"younger_ms\":9,\"ids\":[\"w:1\",\"w:2\"]},"
                          "\"limit\":7,\"rate\":\"600/m\",\"dry_run\":false,"
                          "\"canary\":{\"jobs\":10,\"stop_if_fail_percent\":20}}",
                          &plan, why));
    assert_int_equal(plan.fate, DLQ_FATE_RETRY);
    assert_string_equal(plan.select.reason, "poison");
    assert_string_equal(plan.select.signature, "s <n>");
    assert_string_equal(plan.select.match, "\xff"
                                           "a");
    assert_int_equal(plan.select.id_count, 2);
    assert_string_equal(plan.select.ids[1], "w:2");
    assert_int_equal(plan.limit, 7);
    assert_int_equal(plan.rate.jobs, 600);
    assert_int_equal(plan.rate.per_ms, 60000);
    assert_int_equal(plan.canary_jobs, 10);
    assert_int_equal(plan.stop_percent, 20);
    assert_int_equal(plan.canary_wait_ms, PLAN_CANARY_WAIT_MS);

    /* As it is kept, it reads back the same. */
    json_t *kept = plan_json(&plan);
    struct task_plan back;
    assert_true(plan_read(&back, kept, NULL, why));
    json_t *again = plan_json(&back);
    assert_true(json_equal(kept, again));
    json_decref(kept);
    json_decref(again);
    plan_free(&back);
    plan_free(&plan);
}

static void an_empty_choice_means_all_and_a_missing_one_nothing(void **state)
{
    (void)state;
    struct task_plan plan;
    char why[PLAN_FAULT_MAX];
    struct buf text = {0};
    assert_true(read_plan("{\"action\":\"drop\",\"select\":{}}", &plan, why));
    assert_false(dlq_select_given(&plan.select));
    plan_filter_text(&plan, &text);
    assert_string_equal(text.data, "all");
    buf_free(&text);
    plan_free(&plan);
    assert_true(read_plan("{\"action\":\"drop\",\"select\":{\"type\":\"a\",\"older_ms\":null},"
                          "\"limit\":null,\"rate\":50,\"canary\":null}",
                          &plan, why));
    assert_int_equal(plan.rate.jobs, 50);
    plan_filter_text(&plan, &text);
    assert_string_equal(text.data, "type=\"a\"");
    buf_free(&text);
    plan_free(&plan);
}

#define DROP(select) "{\"action\":\"drop\",\"select\":" select "}"
#define RETRY(more) "{\"action\":\"retry\",\"select\":{}," more "}"

static void what_is_not_understood_is_refused(void **state)
{
    static const char *const rows[] = {
        "{}",
        "[]",
        "{\"action\":\"retry\"}",
        "{\"action\":\"purge\",\"select\":{}}",
        "{\"action\":1,\"select\":{}}",
        "{\"action\":\"drop\",\"select\":{},\"limitt\":5}",
        DROP("null"),
        DROP("[]"),
        DROP("\"all\""),
        DROP("{\"reson\":\"poison\"}"),
        DROP("{\"reason\":\"bad luck\"}"),
        DROP("{\"reason\":5}"),
        DROP("{\"error\":[\"a\"]}"),
        DROP("{\"error\":\"a\\u0000b\"}"),
        DROP("{\"error\":\"a\",\"error_base64\":\"YQ==\"}"),
        DROP("{\"error_base64\":\"%%\"}"),
        DROP("{\"error_base64\":\"\"}"),
        DROP("{\"error_base64\":\"YQBi\"}"), /* a NUL in it */
        DROP("{\"older_ms\":0}"),
        DROP("{\"older_ms\":-1}"),
        DROP("{\"older_ms\":1.5}"),
        DROP("{\"older_ms\":\"1h\"}"),
        DROP("{\"younger_ms\":9223372036854775807}"),
        DROP("{\"ids\":[]}"),
        DROP("{\"ids\":\"w:1\"}"),
        DROP("{\"ids\":[1]}"),
        DROP("{\"ids\":[\"\"]}"),
        RETRY("\"limit\":0"),
        RETRY("\"limit\":\"5\""),
        RETRY("\"rate\":0"),
        RETRY("\"rate\":-5"),
        RETRY("\"rate\":\"50\""),
        RETRY("\"rate\":\"50/d\""),
        RETRY("\"rate\":\"1000001/s\""),
        RETRY("\"canary\":{}"),
        RETRY("\"canary\":{\"jobs\":0}"),
        RETRY("\"canary\":{\"jobs\":1001}"),
        RETRY("\"canary\":{\"jobs\":5,\"stop_if_fail_percent\":101}"),
        RETRY("\"canary\":{\"jobs\":5,\"wait_ms\":10}"),
        RETRY("\"canary\":{\"jobs\":5,\"x\":1}"),
        "{\"action\":\"drop\",\"select\":{},\"canary\":{\"jobs\":5}}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct task_plan plan;
        char why[PLAN_FAULT_MAX] = "";
        if (read_plan(rows[i], &plan, why))
            fail_msg("%s was taken", rows[i]);
        assert_true(strlen(why) > 0);
    }
}

static void texts_and_ids_have_a_limit(void **state)
{
    (void)state;
    char *text = malloc(PLAN_TEXT_MAX + 2), why[PLAN_FAULT_MAX];
    assert_non_null(text);
    for (size_t len = PLAN_TEXT_MAX; len <= PLAN_TEXT_MAX + 1; len++) {
        memset(text, 'a', len);
        text[len] = '\0';
        struct task_plan plan;
        json_t *object = json_pack("{s:s,s:{s:s}}", "action", "drop", "select", "match", text);
        bool taken = plan_read(&plan, object, NULL, why);
        assert_int_equal(taken, len == PLAN_TEXT_MAX);
        if (taken)
            plan_free(&plan);
        json_decref(object);
    }
    free(text);
    for (size_t count = PLAN_IDS_MAX; count <= PLAN_IDS_MAX + 1; count++) {
        struct task_plan plan;
        json_t *ids = json_array();
        for (size_t i = 0; i < count; i++)
            json_array_append_new(ids, json_string("w:1"));
        json_t *object = json_pack("{s:s,s:{s:o}}", "action", "drop", "select", "ids", ids);
        bool taken = plan_read(&plan, object, NULL, why);
        assert_int_equal(taken, count == PLAN_IDS_MAX);
        if (taken)
            plan_free(&plan);
        json_decref(object);
    }
}

static void rates_read_back(void **state)
{
    static const char *const rates[] = {"1/s", "50/s", "1000000/s", "600/m", "1/h"};
    static const char *const none[] = {"",     "/s",    "50",        "50/",   "50/d", "0/s",
                                       "-1/s", "1.5/s", "1000001/s", "50/ss", " 50/s"};
    struct plan_rate rate;
    char text[PLAN_RATE_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT(rates); i++) {
        assert_true(plan_rate_read(rates[i], &rate));
        assert_string_equal(plan_rate_text(&rate, text), rates[i]);
    }
    for (size_t i = 0; i < COUNT(none); i++)
        assert_false(plan_rate_read(none[i], &rate));
}

/* How many pass in so many ms, asked every `step_ms`. */
static size_t passed_in(struct plan_rate rate, int64_t ms, int64_t step_ms)
{
    struct gate gate = {.rate = rate};
    size_t passed = 0;
    for (int64_t now_ms = 1000; now_ms <= 1000 + ms; now_ms += step_ms) {
        size_t open = gate_open(&gate, now_ms);
        gate_passed(&gate, open);
        passed += open;
    }
    return passed;
}

static void a_gate_keeps_its_rate_however_often_it_is_asked(void **state)
{
    static const struct {
        struct plan_rate rate;
        int64_t ms, step_ms;
        size_t passed;
    } rows[] = {
        {{50, 1000}, 0, 1, 1},          {{50, 1000}, 10000, 1, 501},
        {{50, 1000}, 10000, 7, 500},    {{50, 1000}, 10000, 1000, 501},
        {{1, 1000}, 10000, 3, 10},      {{10, 3600000}, 3600000, 20, 11},
        {{600, 60000}, 60000, 20, 601}, {{1000000, 1000}, 1000, 1, 1000001},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t passed = passed_in(rows[i].rate, rows[i].ms, rows[i].step_ms);
        if (passed > rows[i].passed + 1 || passed + 1 < rows[i].passed)
            fail_msg("row %zu: %zu", i, passed);
    }
    struct gate all = {.rate = {0, 0}};
    assert_true(gate_open(&all, 5) == SIZE_MAX);
}

static void what_was_missed_is_not_made_up_for(void **state)
{
    (void)state;
    struct gate gate = {.rate = {50, 1000}};
    gate_passed(&gate, gate_open(&gate, 1000));
    assert_int_equal(gate_open(&gate, 3600000), 50);
    gate_passed(&gate, 50);
    assert_int_equal(gate_open(&gate, 3600000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_can_be_said),
        cmocka_unit_test(an_empty_choice_means_all_and_a_missing_one_nothing),
        cmocka_unit_test(what_is_not_understood_is_refused),
        cmocka_unit_test(texts_and_ids_have_a_limit),
        cmocka_unit_test(rates_read_back),
        cmocka_unit_test(a_gate_keeps_its_rate_however_often_it_is_asked),
        cmocka_unit_test(what_was_missed_is_not_made_up_for),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}

/* The doctor's judgements of facts that no test can make a Redis have. */
#include <stdio.h>
#include <string.h>

#include "admin/doctor/checks.h"
#include "admin/doctor/quote.h"
#include "tests/support/test.h"

struct row {
    doctor_judge *judge;
    const char *info;
    enum severity severity; /* 0: silent */
    const char *says;
};

static const struct doctor_check some_check = {"some", "", "", NULL};

static struct facts facts_of(const char *info)
{
    static const struct config config;
    struct facts facts = {.config = &config, .cli = "redis-cli", .options = ""};

    buf_append_str(&facts.info, info);
    return facts;
}

static void judge(doctor_judge *ask, const struct facts *facts, enum severity severity,
                  const char *says)
{
    struct findings findings = {.check = &some_check};

    ask(facts, &findings);
    if (severity == 0) {
        assert_int_equal(findings.count, 0);
    } else {
        assert_int_equal(findings.count, 1);
        assert_int_equal(findings.item[0].severity, severity);
        assert_non_null(strstr(findings.item[0].what.data, says));
        assert_true(findings.item[0].mend.len > 0);
    }
    findings_free(&findings);
}

static void what_info_says_is_judged(void **state)
{
    static const struct row rows[] = {
        {judge_version, "redis_version:6.2.7\r\n", SEVERITY_CRITICAL, "too old"},
        {judge_version, "redis_version:7.0.0\r\n", 0, ""},
        {judge_version, "", 0, ""},
        {judge_loading, "loading:1\r\nloading_eta_seconds:12\r\n", SEVERITY_CRITICAL, "12 s to go"},
        {judge_loading, "loading:0\r\n", 0, ""},
        {judge_aof, "aof_last_write_status:err\r\n", SEVERITY_CRITICAL, "append-only file failed"},
        {judge_aof, "aof_last_bgrewrite_status:err\r\n", SEVERITY_WARNING, "rewrite"},
        {judge_aof, "aof_delayed_fsync:3\r\n", SEVERITY_WARNING, "3 times"},
        {judge_aof, "aof_last_write_status:ok\r\naof_delayed_fsync:0\r\n", 0, ""},
        {judge_fork_time, "latest_fork_usec:500001\r\n", SEVERITY_WARNING, "500 ms"},
        {judge_fork_time, "latest_fork_usec:500000\r\n", 0, ""},
        {judge_clients, "connected_clients:1\r\nmaxclients:100\r\nrejected_connections:7\r\n",
         SEVERITY_WARNING, "7 connections were refused"},
        {judge_clients, "connected_clients:79\r\nmaxclients:100\r\n", 0, ""},
        {judge_clients, "connected_clients:80\r\nmaxclients:100\r\n", SEVERITY_WARNING, "80 of"},
        {judge_memory, "used_memory:80\r\nmaxmemory:0\r\ntotal_system_memory:100\r\n",
         SEVERITY_WARNING, "of the machine"},
        {judge_memory, "used_memory:79\r\nmaxmemory:100\r\n", 0, ""},
        {judge_memory, "used_memory:95\r\nmaxmemory:100\r\n", SEVERITY_CRITICAL, "95 %"},
        {judge_replicas,
         "connected_slaves:1\r\nslave0:ip=10.0.0.2,port=1,state=online,offset=5,lag=0\r\n"
         "master_repl_offset:10485765\r\n",
         0, ""},
        {judge_replicas,
         "connected_slaves:1\r\nslave0:ip=10.0.0.2,port=1,state=online,offset=5,lag=0\r\n"
         "master_repl_offset:10485766\r\n",
         SEVERITY_WARNING, "10485761 bytes behind"},
        {judge_replicas,
         "connected_slaves:1\r\nslave0:ip=10.0.0.2,port=1,state=wait_bgsave,offset=0,lag=0\r\n"
         "master_repl_offset:0\r\n",
         SEVERITY_WARNING, "not online"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct facts facts = facts_of(rows[i].info);
        judge(rows[i].judge, &facts, rows[i].severity, rows[i].says);
        facts_free(&facts);
    }
}

static void clocks_that_differ_are_found(void **state)
{
    struct facts facts = facts_of("");

    (void)state;
    facts.clock_ahead_ms = 1000;
    judge(judge_clock, &facts, 0, "");
    facts.clock_ahead_ms = -1001;
    judge(judge_clock, &facts, SEVERITY_WARNING, "1001 ms behind");
    facts.clock_ahead_ms = 60001;
    judge(judge_clock, &facts, SEVERITY_CRITICAL, "60001 ms ahead of");
    facts_free(&facts);
}

static void slow_round_trips_are_found(void **state)
{
    struct facts facts = facts_of("");

    (void)state;
    facts.rtt_us = 10000;
    judge(judge_round_trip, &facts, 0, "");
    facts.rtt_us = 10001;
    judge(judge_round_trip, &facts, SEVERITY_WARNING, "10.0 ms");
    facts_free(&facts);
}

static void a_trend_counts_if_it_ends_within_an_hour(void **state)
{
    struct facts facts = facts_of("used_memory:1000\r\nmaxmemory:10000000000\r\n");

    (void)state;
    facts.look_ms = 1000;
    facts.grown_bytes = 1000000; /* full in three hours */
    judge(judge_trend, &facts, 0, "");
    facts.grown_bytes = 10000000;
    judge(judge_trend, &facts, SEVERITY_WARNING, "reached in 1000 s");
    facts.look_ms = 0;
    judge(judge_trend, &facts, 0, "");
    facts_free(&facts);
}

static void the_worst_come_first(void **state)
{
    struct findings findings = {.check = &some_check};

    (void)state;
    finding_add(&findings, SEVERITY_NOTE, NULL, "a");
    finding_add(&findings, SEVERITY_CRITICAL, "q\xff\n", "b\x1b[0m%s", "\xff");
    finding_mend(&findings, "one");
    finding_mend(&findings, "two");
    finding_add(&findings, SEVERITY_CRITICAL, NULL, "c");
    findings_sort(&findings);
    assert_string_equal(findings.item[0].what.data, "b\\x1b[0m\\xff");
    assert_string_equal(findings.item[0].subject.data, "q\\xff\\x0a");
    assert_string_equal(findings.item[0].mend.data, "one\ntwo");
    assert_string_equal(findings.item[1].what.data, "c");
    assert_string_equal(findings.item[2].what.data, "a");
    assert_int_equal(findings_count(&findings, SEVERITY_CRITICAL), 2);
    findings_free(&findings);
}

static void words_are_quoted_if_they_must_be(void **state)
{
    static const struct {
        const char *word, *quoted;
    } rows[] = {{"email", "email"},
                {"", "''"},
                {"navvy:{a}:dlq", "'navvy:{a}:dlq'"},
                {"it's", "'it'\\''s'"},
                {"$(x) `y`", "'$(x) `y`'"},
                {"/run/redis.sock", "/run/redis.sock"}};
    char out[QUOTED_MAX];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        quote_shell(rows[i].word, out);
        assert_string_equal(out, rows[i].quoted);
    }
}

/* What docs/protocol.md grants a worker is what the doctor asks for, and nothing else. */
static void the_rights_are_those_of_the_protocol(void **state)
{
#define RIGHT_WORD(name, call) " +" name
    static const char rights[] = RIGHTS(RIGHT_WORD), windows[] = RIGHTS_WINDOWS(RIGHT_WORD);
    struct buf page = {0};
    char block[4096];
    (void)state;
    FILE *file = fopen(NAVVY_SOURCE_DIR "/docs/protocol.md", "r");
    assert_non_null(file);
    for (size_t got; (got = fread(block, 1, sizeof(block), file)) > 0;)
        buf_append(&page, block, got);
    fclose(file);
    char *line = strstr(page.data, "ACL SETUSER navvy ");
    assert_non_null(line);
    line[strcspn(line, "\n")] = ' ';
    char *end = strchr(line + strlen("ACL SETUSER navvy "), '\n');
    *end = '\0';
    char *save;
    for (char *word = strtok_r(strstr(line, "-@all") + 5, " ", &save);
         word != NULL && word[0] == '+'; word = strtok_r(NULL, " ", &save)) {
        if (strcmp(word, "+select") == 0) /* the doctor's own connection has done that */
            continue;
        if (strstr(rights, word) == NULL)
            fail_msg("%s is in docs/protocol.md, and not in admin/doctor/rights.h", word);
    }
    assert_string_equal(windows, " +unlink +hrandfield");
    buf_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_info_says_is_judged),
        cmocka_unit_test(clocks_that_differ_are_found),
        cmocka_unit_test(slow_round_trips_are_found),
        cmocka_unit_test(a_trend_counts_if_it_ends_within_an_hour),
        cmocka_unit_test(the_worst_come_first),
        cmocka_unit_test(words_are_quoted_if_they_must_be),
        cmocka_unit_test(the_rights_are_those_of_the_protocol),
    };
    return cmocka_run_group_tests_name("doctor_checks", tests, NULL, NULL);
}

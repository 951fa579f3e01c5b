/* names: which queues may be named how (FAULTS 37), and what a worker and its claims are called. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "job/claim_id.h"
#include "job/queue_name.h"

static void a_queue_name_is_refused_or_keeps_one_slot(void **state)
{
    (void)state;
    static const struct {
        struct slice name;
        const char *fault; /* NULL: allowed */
        bool has_tag;
    } rows[] = {
        {{"email", 5}, NULL, false},      {{"e", 1}, NULL, false},
        {{"a b/c:d", 7}, NULL, false},    {{"gr\xc3\xbc\xff", 5}, NULL, false},
        {{"{t}q", 4}, NULL, true},        {{"{t1}:email", 10}, NULL, true},
        {{"email:{t}", 9}, NULL, true},   {{"a}b{t}", 6}, NULL, true},
        {{"{{t}}", 5}, NULL, true},       {{"{a", 2}, NULL, false},
        {{"navvy", 5}, NULL, false},      {{"xnavvy:", 7}, NULL, false},
        {{"navvy:", 5}, NULL, false},     {{"navvyx", 6}, NULL, false},
        {{"{t}q", 3}, "hash tag", false}, {{"{tag}", 5}, "hash tag", false},
        {{"{}", 2}, "brace", false},      {{"{}}x", 4}, "brace", false},
        {{"}", 1}, "brace", false},       {{"{", 1}, NULL, false},
        {{"{t}}", 4}, NULL, true},        {{"x{t}", 4}, NULL, true},
        {{"\x1f", 1}, "control", false},  {{" ", 1}, NULL, false},
        {{"", 0}, "is empty", false},     {{"x{}y", 4}, "brace", false},
        {{"{}{t}", 5}, "brace", false},   {{"a}b", 3}, "brace", false},
        {{"a}b{", 4}, "brace", false},    {{"a\0b", 3}, "control", false},
        {{"a\n", 2}, "control", false},   {{"\x7f", 1}, "control", false},
        {{"navvy:", 6}, "navvy:", false}, {{"navvy:{email}:dlq", 17}, "navvy:", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *fault = queue_name_fault(rows[i].name);
        if ((fault == NULL) != (rows[i].fault == NULL) ||
            (fault != NULL && strstr(fault, rows[i].fault) == NULL))
            fail_msg("%.*s: %s", (int)rows[i].name.len, rows[i].name.ptr,
                     fault ? fault : "allowed");
        if (fault == NULL)
            assert_int_equal(queue_name_has_tag(rows[i].name), rows[i].has_tag);
    }
}

static void a_queue_name_has_a_largest_length(void **state)
{
    (void)state;
    char name[200];

    memset(name, 'q', sizeof name);
    assert_null(queue_name_fault((struct slice){name, QUEUE_NAME_MAX}));
    assert_non_null(queue_name_fault((struct slice){name, QUEUE_NAME_MAX + 1}));
    assert_non_null(queue_name_fault((struct slice){name, sizeof name}));
}

static void a_worker_id_is_one_bare_word(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        int pid;
        uint64_t random;
        const char *id;
    } rows[] = {
        {"web1", 4711, 0x9f, "web1-4711-000000000000009f"},
        {"web-1.example_x", 1, UINT64_MAX, "web_1.example_x-1-ffffffffffffffff"},
        {"", 1, 0, "_-1-0000000000000000"},
        {"x", 1, 0, "x-1-0000000000000000"},
        {"azAZ09._", 1, 0, "azAZ09._-1-0000000000000000"},
        {"`{@[/:,^", 1, 0, "________-1-0000000000000000"}, /* their neighbours */
        {"a b=\"\n\xc3\xbc:", 1, 0, "a_b______-1-0000000000000000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char id[WORKER_ID_MAX];
        worker_id_format(id, rows[i].host, rows[i].pid, rows[i].random);
        assert_string_equal(id, rows[i].id);
    }
}

static void a_claim_id_is_the_worker_and_the_tag_in_decimal(void **state)
{
    (void)state;
    static const struct {
        uint64_t tag;
        const char *claim;
    } rows[] = {
        {0, "w-1-ff:0"},     {1, "w-1-ff:1"},
        {9, "w-1-ff:9"},     {10, "w-1-ff:10"},
        {99, "w-1-ff:99"},   {UINT64_C(10000000000000000000), "w-1-ff:10000000000000000000"},
        {100, "w-1-ff:100"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char claim[CLAIM_ID_MAX];
        assert_int_equal(claim_id_format(claim, "w-1-ff", rows[i].tag), strlen(rows[i].claim));
        assert_string_equal(claim, rows[i].claim);
    }
}

static void the_longest_claim_id_is_whole(void **state)
{
    (void)state;
    char host[300], worker[WORKER_ID_MAX], claim[CLAIM_ID_MAX];

    memset(host, 'h', sizeof host);
    host[sizeof host - 1] = 0;
    worker_id_format(worker, host, INT_MIN, UINT64_MAX);
    assert_string_equal(worker + 63, "--2147483648-ffffffffffffffff"); /* the host is cut */
    size_t len = claim_id_format(claim, worker, UINT64_MAX);
    assert_true(len < CLAIM_ID_MAX);
    assert_int_equal(len, strlen(claim));
    assert_memory_equal(claim, worker, strlen(worker));
    assert_string_equal(claim + strlen(worker), ":18446744073709551615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_name_is_refused_or_keeps_one_slot),
        cmocka_unit_test(a_queue_name_has_a_largest_length),
        cmocka_unit_test(a_worker_id_is_one_bare_word),
        cmocka_unit_test(a_claim_id_is_the_worker_and_the_tag_in_decimal),
        cmocka_unit_test(the_longest_claim_id_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

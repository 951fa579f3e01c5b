/* keys: the names, and that every key of a queue has the cluster slot of the queue itself. */
#include "redis/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16

/* CRC16 of the cluster specification (XMODEM: polynomial 1021, from 0). */
static uint16_t crc16(struct slice bytes)
{
    unsigned crc = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned)(unsigned char)bytes.ptr[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
    }
    return (uint16_t)crc;
}

/* The part between the first '{' and the next '}', if it is not empty; else the whole key. */
static unsigned slot(const char *key, size_t len)
{
    struct slice hashed = {key, len};
    const char *open = memchr(key, '{', len);
    const char *close = open ? memchr(open, '}', len - (size_t)(open - key)) : NULL;
    if (close != NULL && close > open + 1)
        hashed = (struct slice){open + 1, (size_t)(close - open - 1)};
    return crc16(hashed) % 16384;
}

static void slot_function_agrees_with_the_specification(void **state)
{
    (void)state;
    assert_int_equal(crc16(slice_of("123456789")), 0x31C3);
    assert_int_equal(slot("foo", 3), 12182);
    assert_int_equal(slot("{user1000}.following", 20), slot("{user1000}.followers", 20));
    assert_int_equal(slot("foo{}{bar}", 10), crc16(slice_of("foo{}{bar}")) % 16384);
}

static void names_are_as_published(void **state)
{
    (void)state;
    struct queue_keys keys;
    char key[KEY_MAX];

    queue_keys_init(&keys, slice_of("email"));
    assert_string_equal(keys.name[KEY_QUEUE], "email");
    assert_string_equal(keys.name[KEY_STAGE], "navvy:{email}:stage");
    assert_string_equal(keys.name[KEY_READY], "navvy:{email}:ready");
    assert_string_equal(keys.name[KEY_WORKERS], "navvy:{email}:workers");
    assert_string_equal(keys.name[KEY_DEAD], "navvy:{email}:dead");
    assert_string_equal(keys.name[KEY_RETRY], "navvy:{email}:retry");
    assert_string_equal(keys.name[KEY_SCHEDULED], "navvy:{email}:scheduled");
    assert_string_equal(keys.name[KEY_DLQ], "navvy:{email}:dlq");
    assert_string_equal(keys.name[KEY_META], "navvy:{email}:meta");
    assert_string_equal(keys.name[KEY_CONTROL], "navvy:{email}:control");
    assert_string_equal(keys.name[KEY_STATUS], "navvy:{email}:status");
    assert_string_equal(keys.name[KEY_JOURNAL], "navvy:{email}:journal");
    assert_string_equal(keys.name[KEY_TASKS], "navvy:{email}:tasks");
    assert_int_equal(queue_key_task(&keys, "9f", key), strlen("navvy:{email}:task:9f"));
    assert_string_equal(key, "navvy:{email}:task:9f");
    size_t len = queue_key_held(&keys, "web1-4711-9f", key);
    assert_int_equal(len, strlen(key));
    assert_string_equal(key, "navvy:{email}:held:web1-4711-9f");
    len = queue_key_fingerprint(&keys, HEX64, key);
    assert_int_equal(len, strlen(key));
    assert_string_equal(key, "navvy:{email}:fp:" HEX64);

    queue_keys_init(&keys, slice_of("{t1}:email"));
    assert_string_equal(keys.name[KEY_RETRY], "navvy:{t1}:email:retry");
}

static void assert_one_slot(struct slice queue)
{
    struct queue_keys keys;
    char key[KEY_MAX];
    size_t len;

    queue_keys_init(&keys, queue);
    unsigned want = slot(queue.ptr, queue.len);
    for (int i = 0; i < KEY_COUNT; i++) {
        assert_int_equal(keys.len[i], strlen(keys.name[i]));
        assert_int_equal(slot(keys.name[i], keys.len[i]), want);
    }
    len = queue_key_held(&keys, "host-1-{x}", key);
    assert_int_equal(slot(key, len), want);
    len = queue_key_fingerprint(&keys, HEX64, key);
    assert_int_equal(slot(key, len), want);
}

static void every_key_has_the_slot_of_its_queue(void **state)
{
    (void)state;
    static const char *const names[] = {
        "email", "{t1}:email",        "a{b", "a{b}c", "{t}{u}", "a:{b{c}d", "{{a}",
        "a b",   "\xc3\xa9t\xc3\xa9", "x",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (queue_name_fault(slice_of(names[i])) == NULL)
            assert_one_slot(slice_of(names[i]));
    }
    /* These three must be among the allowed. */
    assert_one_slot(slice_of("email"));
    assert_one_slot(slice_of("{t1}:email"));
    assert_one_slot(slice_of("a{b"));
}

static void the_longest_parts_fit(void **state)
{
    (void)state;
    char queue[QUEUE_NAME_MAX], worker[WORKER_ID_MAX], key[KEY_MAX];
    struct queue_keys keys;

    memset(queue, 'q', sizeof queue);
    memset(worker, 'w', sizeof worker);
    worker[sizeof worker - 1] = '\0';
    assert_one_slot((struct slice){queue, sizeof queue});
    queue_keys_init(&keys, (struct slice){queue, sizeof queue});
    assert_int_equal(queue_key_held(&keys, worker, key),
                     strlen("navvy:{}:held:") + sizeof queue + sizeof worker - 1);
}

/* A queue's name is not a format. */
static void percent_signs_are_letters(void **state)
{
    (void)state;
    struct queue_keys keys;
    char key[KEY_MAX];
    queue_keys_init(&keys, slice_of("100%s%n"));
    (void)queue_key_held(&keys, "%d", key);
    assert_string_equal(key, "navvy:{100%s%n}:held:%d");
}

static void a_meta_key_names_its_queue(void **state)
{
    (void)state;
    static const char *const queues[] = {"email", "{t1}:email", "a:meta", "x{t}y", "a*b", "{a}{b}"};
    for (size_t i = 0; i < sizeof queues / sizeof queues[0]; i++) {
        struct queue_keys keys;
        struct slice queue = {0};
        queue_keys_init(&keys, slice_of(queues[i]));
        struct slice meta = {keys.name[KEY_META], keys.len[KEY_META]};
        assert_true(queue_of_meta_key(meta, &queue));
        assert_true(slice_equal(queue, slice_of(queues[i])));
    }
}

static void other_keys_name_no_queue(void **state)
{
    (void)state;
    static const char *const others[] = {
        "navvy::meta", "navvy:{}:meta", "navvy:x:meta", "navvy:meta", "", "navvy:{email}:metal",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct slice queue = {0};
        if (queue_of_meta_key(slice_of(others[i]), &queue))
            fail_msg("%s", others[i]);
    }
}

static void a_result_is_named_by_the_producers_id_or_else_by_the_claim_id(void **state)
{
    (void)state;
    static const struct {
        const char *id, *claim, *key;
    } rows[] = {
        {"order-17", "w-1-9f:3", "navvy:{q}:result:order-17"},
        {"order:17", "w-1-9f:3", "navvy:{q}:result:order:17"},
        {"", "w-1-9f:3", "navvy:{q}:result:w-1-9f:3"},
        {"two words", "w-1-9f:3", "navvy:{q}:result:w-1-9f:3"},
        {"a:meta", "w-1-9f:3", "navvy:{q}:result:w-1-9f:3"},
        {"", "meta", "navvy:{q}:result:unnamed"}, /* a claim id that somebody made up */
    };
    struct queue_keys keys;
    char key[KEY_MAX];

    queue_keys_init(&keys, slice_of("q"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = queue_key_result(&keys, slice_of(rows[i].id), slice_of(rows[i].claim), key);
        assert_string_equal(key, rows[i].key);
        assert_int_equal(len, strlen(key));
        assert_int_equal(slot(key, len), slot("q", 1));
    }
}

/* `{t1}:result` and `{t1}:result:x` are names of queues, too. */
static void no_result_is_a_key_of_another_queue(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "meta",      "dlq",   "x:meta",  "held:w-1-9f", "x:fp:y",  "result:17", "stage",
        "a:ready:b", "x:dlq", "workers", "dead",        "retry:1", "scheduled", "x:result"};
    static const char *const allowed[] = {"meta-1", "Meta", "x:metal", ":", "a::b", "{x}", "100%s"};

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (result_id_fault(slice_of(refused[i])) == NULL)
            fail_msg("%s", refused[i]);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (result_id_fault(slice_of(allowed[i])) != NULL)
            fail_msg("%s", allowed[i]);
}

static void an_id_that_names_a_result_has_its_limits(void **state)
{
    (void)state;
    char id[RESULT_ID_MAX + 1], queue[QUEUE_NAME_MAX], key[KEY_MAX];
    struct queue_keys keys;

    memset(id, 'i', sizeof id);
    memset(queue, 'q', sizeof queue);
    queue_keys_init(&keys, (struct slice){queue, sizeof queue});
    assert_int_equal(
        queue_key_result(&keys, (struct slice){id, RESULT_ID_MAX}, slice_of("w:1"), key),
        strlen("navvy:{}:result:") + sizeof queue + RESULT_ID_MAX);
    assert_non_null(result_id_fault((struct slice){id, RESULT_ID_MAX + 1}));
    assert_non_null(result_id_fault((struct slice){"a\0b", 3}));
    assert_non_null(result_id_fault((struct slice){"a\x7f", 2}));
    assert_non_null(result_id_fault((struct slice){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slot_function_agrees_with_the_specification),
        cmocka_unit_test(names_are_as_published),
        cmocka_unit_test(every_key_has_the_slot_of_its_queue),
        cmocka_unit_test(the_longest_parts_fit),
        cmocka_unit_test(a_meta_key_names_its_queue),
        cmocka_unit_test(other_keys_name_no_queue),
        cmocka_unit_test(percent_signs_are_letters),
        cmocka_unit_test(a_result_is_named_by_the_producers_id_or_else_by_the_claim_id),
        cmocka_unit_test(no_result_is_a_key_of_another_queue),
        cmocka_unit_test(an_id_that_names_a_result_has_its_limits),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}

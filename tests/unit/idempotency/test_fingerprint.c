/* fingerprint: the published vectors, what makes two jobs the same work, and what a call costs. */
#include "idempotency/fingerprint.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { FIELD_BYTES_MAX = 1024, VECTORS_MIN = 10 };

static long allocations, living; /* of OpenSSL */
static long allocations_max = LONG_MAX;

static void *count_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (allocations == allocations_max)
        return NULL;
    allocations++;
    living++;
    return malloc(size);
}

static void *count_realloc(void *block, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (allocations == allocations_max)
        return NULL;
    allocations++;
    living += block == NULL;
    return realloc(block, size);
}

static void count_free(void *block, const char *file, int line)
{
    (void)file, (void)line;
    living -= block != NULL;
    free(block);
}

static int setup(void **state)
{
    *state = fingerprinter_new();
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    fingerprinter_free(*state);
    return 0;
}

/* "-" is no bytes. */
static struct slice decode_hex(const char *hex, char out[FIELD_BYTES_MAX])
{
    size_t len = 0;
    unsigned byte;

    if (strcmp(hex, "-") == 0)
        return (struct slice){"", 0};
    for (; sscanf(hex + 2 * len, "%2x", &byte) == 1; len++) {
        assert_true(len < FIELD_BYTES_MAX);
        out[len] = (char)byte;
    }
    assert_int_equal(hex[2 * len], 0);
    return (struct slice){out, len};
}

static void check_vector(struct fingerprinter *fingerprinter, const char *line)
{
    char queue[2 * FIELD_BYTES_MAX + 1], type[2 * FIELD_BYTES_MAX + 1], what[2];
    char value[2 * FIELD_BYTES_MAX + 1], want[KEY_FINGERPRINT_HEX + 1];
    char bytes[3][FIELD_BYTES_MAX], hex[KEY_FINGERPRINT_HEX + 1];

    assert_int_equal(
        sscanf(line, "%2048s %2048s %1[kp] %2048s %64s", queue, type, what, value, want), 5);
    struct slice by = decode_hex(value, bytes[2]);
    struct slice ignored = slice_of("what a key makes irrelevant");
    bool by_key = what[0] == 'k';
    fingerprint_hex(fingerprinter, decode_hex(queue, bytes[0]), decode_hex(type, bytes[1]),
                    by_key ? by : (struct slice){0}, by_key ? ignored : by, hex);
    if (strcmp(hex, want) != 0)
        fail_msg("%s%s instead", line, hex);
}

static void the_published_vectors_hold(void **state)
{
    char line[8 * FIELD_BYTES_MAX];
    int vectors = 0;
    FILE *file = fopen(NAVVY_SOURCE_DIR "/docs/fingerprints.txt", "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#')
            continue;
        check_vector(*state, line);
        vectors++;
    }
    fclose(file);
    assert_true(vectors >= VECTORS_MIN);
}

static void each_part_and_its_border_matters(void **state)
{
    static const struct {
        const char *queue, *type, *key, *payload;
    } rows[] = {
        {"q", NULL, NULL, "x"}, {"q", NULL, NULL, "y"}, {"p", NULL, NULL, "x"},
        {"q", "x", NULL, ""},   {"q", "x", NULL, "x"},  {"qx", NULL, NULL, ""},
        {"q", NULL, "x", ""},   {"q", NULL, "", "x"},   {"q", NULL, NULL, "px"},
        {"q", "p", NULL, "x"},  {"", "q", NULL, "x"},   {"", NULL, NULL, ""},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    char hex[ROWS][KEY_FINGERPRINT_HEX + 1];

    for (size_t i = 0; i < ROWS; i++) {
        fingerprint_hex(*state, slice_of(rows[i].queue), slice_of(rows[i].type),
                        slice_of(rows[i].key), slice_of(rows[i].payload), hex[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(hex[i], hex[j]);
    }
}

static void no_type_is_the_empty_type_and_a_key_hides_the_payload(void **state)
{
    char a[KEY_FINGERPRINT_HEX + 1], b[KEY_FINGERPRINT_HEX + 1];
    struct slice queue = slice_of("q"), none = {0}, key = slice_of("k");

    fingerprint_hex(*state, queue, none, none, slice_of("x"), a);
    fingerprint_hex(*state, queue, slice_of(""), none, slice_of("x"), b);
    assert_string_equal(a, b);
    fingerprint_hex(*state, queue, none, key, slice_of("x"), a);
    fingerprint_hex(*state, queue, none, key, slice_of("y"), b);
    assert_string_equal(a, b);
}

/* OpenSSL 3.0 makes its inner context anew at each start, one small block; later ones keep it. */
static void a_call_leaves_nothing_behind_and_fetches_nothing(void **state)
{
    enum { CALLS = 1000 };
    char first[KEY_FINGERPRINT_HEX + 1], again[KEY_FINGERPRINT_HEX + 1];
    struct slice queue = slice_of("q"), none = {0};

    assert_true(allocations > 0); /* they are counted */
    fingerprint_hex(*state, queue, none, none, slice_of("x"), first);
    long allocations_before = allocations, living_before = living;
    for (int i = 0; i < CALLS; i++) {
        fingerprint_hex(*state, queue, none, none, slice_of(i % 2 ? "x" : "another"), again);
        assert_int_equal(strcmp(first, again) == 0, i % 2);
    }
    assert_int_equal(living, living_before);
    assert_true(allocations - allocations_before <= CALLS);
}

static void without_memory_there_is_none_and_nothing_is_left(void **state)
{
    (void)state;
    struct fingerprinter *fingerprinter = NULL;
    long more = -1;
    long living_before = living;

    while (fingerprinter == NULL && more < 1000) { /* one allocation succeeds more each time */
        assert_int_equal(living, living_before);
        allocations_max = allocations + ++more;
        fingerprinter = fingerprinter_new();
        allocations_max = LONG_MAX;
    }
    assert_non_null(fingerprinter);
    assert_true(more > 0);
    fingerprinter_free(fingerprinter);
    assert_int_equal(living, living_before);
    fingerprinter_free(NULL);
}

static size_t put_part(unsigned char *out, const char *bytes, size_t len)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(len >> (56 - 8 * i));
    memcpy(out + 8, bytes, len);
    return 8 + len;
}

/* The same by one call over all bytes, for payloads around every size at which they might be cut.
 */
static void of_any_length_it_is_the_digest_of_all_parts_in_a_row(void **state)
{
    static unsigned char all[3000];
    static char payload[2000];
    char hex[KEY_FINGERPRINT_HEX + 1], want[KEY_FINGERPRINT_HEX + 1];
    unsigned char digest[32];

    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (char)(i * 7);
    for (size_t len = 0; len <= sizeof payload; len++) {
        size_t end = put_part(all, "navvy/fp/1", 10);
        end += put_part(all + end, "q", 1);
        end += put_part(all + end, "", 0);
        end += put_part(all + end, "p", 1);
        end += put_part(all + end, payload, len);
        assert_int_equal(EVP_Digest(all, end, digest, NULL, EVP_sha256(), NULL), 1);
        for (size_t i = 0; i < sizeof digest; i++)
            (void)snprintf(want + 2 * i, 3, "%02x", digest[i]);
        fingerprint_hex(*state, slice_of("q"), (struct slice){0}, (struct slice){0},
                        (struct slice){payload, len}, hex);
        assert_string_equal(hex, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_published_vectors_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(each_part_and_its_border_matters, setup, teardown),
        cmocka_unit_test_setup_teardown(no_type_is_the_empty_type_and_a_key_hides_the_payload,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_leaves_nothing_behind_and_fetches_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_any_length_it_is_the_digest_of_all_parts_in_a_row, setup,
                                        teardown),
        cmocka_unit_test(without_memory_there_is_none_and_nothing_is_left),
    };
    if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) != 1)
        return EXIT_FAILURE;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

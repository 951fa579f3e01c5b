/* claim: what each answer to the claim of a fingerprint means, and which jobs ask at all. */
#include "idempotency/claim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void each_answer_has_one_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *holder; /* NULL: nil */
        bool force;
        uint32_t attempt, deliveries;
        enum claim_verdict verdict;
    } rows[] = {
        {NULL, false, 0, 0, CLAIM_NEW},
        {NULL, true, 3, 3, CLAIM_NEW},
        {"me:1", false, 0, 0, CLAIM_OWN}, /* its worker died, or its answer was lost */
        {"me:1", false, 0, 5, CLAIM_OWN},
        {"me:1", true, 2, 5, CLAIM_OWN},
        {"other:1", false, 0, 0, CLAIM_DUPLICATE},
        {"other:1", false, 0, 5, CLAIM_DUPLICATE}, /* delivered, but never judged */
        {"me:12", false, 0, 0, CLAIM_DUPLICATE},
        {"me:", false, 0, 0, CLAIM_DUPLICATE},
        {"", false, 0, 0, CLAIM_DUPLICATE},
        {"other:1", false, 1, 1, CLAIM_OVERRIDE}, /* was promised its retry */
        {"other:1", true, 0, 1, CLAIM_OVERRIDE},  /* requeued by a person */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record record = {
            .force = rows[i].force, .attempt = rows[i].attempt, .deliveries = rows[i].deliveries};
        assert_int_equal(claim_judge(&record, slice_of("me:1"), slice_of(rows[i].holder)),
                         rows[i].verdict);
    }
}

static void a_job_claims_as_its_queue_says(void **state)
{
    (void)state;
    static const struct {
        int64_t ttl_ms;
        enum fingerprint_of by;
        const char *key;
        bool wanted;
    } rows[] = {
        {0, FINGERPRINT_PAYLOAD, NULL, false}, {0, FINGERPRINT_PAYLOAD, "k", false},
        {0, FINGERPRINT_KEY, "k", false},      {1, FINGERPRINT_PAYLOAD, NULL, true},
        {1, FINGERPRINT_PAYLOAD, "k", true},   {1, FINGERPRINT_KEY, NULL, false},
        {1, FINGERPRINT_KEY, "k", true},       {1, FINGERPRINT_KEY, "", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct queue_conf queue = {.idempotency_ttl_ms = rows[i].ttl_ms,
                                   .idempotency_by = rows[i].by};
        struct record record = {.key = slice_of(rows[i].key)};
        assert_int_equal(claim_wanted(&queue, &record), rows[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_has_one_meaning),
        cmocka_unit_test(a_job_claims_as_its_queue_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

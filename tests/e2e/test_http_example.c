/* examples/handlers/http, as docs/handlers.md says to try it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/process.h"

#define EXAMPLE NAVVY_SOURCE_DIR "/examples/handlers/http"

static struct process *receiver;
static char port[32];

/* Its first line has been there whole. */
static bool listens(void)
{
    char *output = process_output(receiver);
    int number = 0;
    bool whole = strchr(output, '\n') != NULL && sscanf(output, "listening on %d", &number) == 1;

    (void)snprintf(port, sizeof port, "PORT=%d", number);
    free(output);
    return whole;
}

static int start_receiver(void **state)
{
    static const char *const argv[] = {"python3", EXAMPLE "/receiver.py", "0", NULL};
    (void)state;
    receiver = process_start(argv, NULL, NULL);
    EVENTUALLY(listens(), 20000);
    return 0;
}

static int stop_receiver(void **state)
{
    (void)state;
    process_free(receiver);
    return 0;
}

static int try_job(const char *payload, char **output)
{
    const char *const argv[] = {NAVVY_BIN, "try",   "--config", EXAMPLE "/navvy.yaml",
                                "mail",    payload, NULL};
    const char *const env[] = {port, "http_proxy", NULL};
    return process_run(argv, env, NULL, output);
}

static void each_payload_has_the_outcome_that_the_example_promises(void **state)
{
    static const struct {
        const char *payload;
        int status;
        const char *words[2];
    } rows[] = {
        {"{\"to\":\"bob\"}", 0, {"done", "sent to bob"}},
        {"not JSON", 1, {"permanent", "/mail: no JSON object with a `to`"}},
        {"[]", 1, {"permanent", "HTTP 400 from http://127.0.0.1:"}},
        {"{\"to\":\"busy\"}", 1, {"retry", "HTTP 503 from http://127.0.0.1:"}},
        {"{\"to\":\"asleep\"}", 1, {"snooze", "at no cost"}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *output;
        int status = try_job(rows[i].payload, &output);
        for (size_t j = 0; j < ARRAY_COUNT(rows[i].words); j++) {
            if (status != rows[i].status || strstr(output, rows[i].words[j]) == NULL)
                fail_msg("%s ended with %d, not \"%s\":\n%s", rows[i].payload, status,
                         rows[i].words[j], output);
        }
        free(output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_payload_has_the_outcome_that_the_example_promises,
                                        start_receiver, stop_receiver),
    };
    return cmocka_run_group_tests_name("http_example", tests, NULL, NULL);
}

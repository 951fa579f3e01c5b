#include "tests/support/diagnosis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli.h"
#include "tests/support/test.h"

/* The configuration stays: what it tells to do names it. */
json_t *diagnose(struct redis_server *server, const char *config, const char *url)
{
    char path[FOLDER_FILE_MAX];
    const char *argv[] = {
        NAVVY_BIN, "doctor", "--json", "--look", "0", "--redis", url ? url : server->url,
        NULL,      NULL,     NULL};
    size_t options = ARRAY_COUNT(argv) - 3;

    if (config != NULL) {
        folder_write(&server->folder, "navvy.yaml", 0644, config);
        argv[options] = "--config";
        argv[options + 1] = folder_file(&server->folder, "navvy.yaml", path);
    }
    struct cli run = cli_end(process_start(argv, NULL, NULL));
    json_t *diagnosis = json_loads(run.out, 0, NULL);
    if (diagnosis == NULL)
        TEST_FAIL("navvy doctor ended with %d: %s%s", run.code, run.out, run.err);
    assert_string_equal(run.err, "");
    assert_int_equal(run.code, json_is_true(json_object_get(diagnosis, "fine")) ? 0 : 1);
    cli_free(&run);
    return diagnosis;
}

const json_t *diagnosis_of(const json_t *diagnosis, const char *check, const char *queue)
{
    const json_t *findings = json_object_get(diagnosis, "findings");

    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        const char *of = json_string_value(json_object_get(finding, "queue"));
        if (strcmp(json_text_at(finding, "check"), check) == 0 &&
            (queue == NULL || (of != NULL && strcmp(of, queue) == 0)))
            return finding;
    }
    return NULL;
}

/* As a person would paste it; navvy is the one that is tested. */
static void run_commands(const json_t *finding)
{
    const json_t *commands = json_object_get(finding, "do");

    assert_true(json_array_size(commands) > 0);
    for (size_t i = 0; i < json_array_size(commands); i++) {
        const char *line = json_string_value(json_array_get(commands, i));
        const char *const argv[] = {"sh",      "-c", "PATH=$(dirname \"$0\"):$PATH; eval \"$1\"",
                                    NAVVY_BIN, line, NULL};
        char *output = NULL;
        int status = process_run(argv, NULL, NULL, &output);
        /* redis-cli ends with 0, whatever Redis says */
        if (status != 0 || strncmp(output, "ERR", 3) == 0 || strncmp(output, "NOAUTH", 6) == 0)
            TEST_FAIL("`%s` ended with %d: %s", line, status, output);
        free(output);
    }
}

void assert_diagnosed(struct redis_server *server, const char *config, const char *check,
                      const char *severity, const char *says, bool mends)
{
    json_t *diagnosis = diagnose(server, config, NULL);
    const json_t *finding = diagnosis_of(diagnosis, check, NULL);

    if (finding == NULL)
        TEST_FAIL("%s says nothing", check);
    assert_string_equal(json_text_at(finding, "severity"), severity);
    if (strstr(json_text_at(finding, "what"), says) == NULL)
        TEST_FAIL("%s says: %s", check, json_text_at(finding, "what"));
    if (mends)
        run_commands(finding);
    json_decref(diagnosis);
    if (!mends)
        return;
    diagnosis = diagnose(server, config, NULL);
    if (diagnosis_of(diagnosis, check, NULL) != NULL)
        TEST_FAIL("%s is not mended", check);
    json_decref(diagnosis);
}

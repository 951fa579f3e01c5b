#include "tests/support/cli.h"

#include <stdlib.h>

#include "tests/support/test.h"

struct process *cli_start_words(struct redis_server *server, const char *input,
                                const char *const words[])
{
    static const char *const env[] = {"NAVVY_CONFIG", "NAVVY_REDIS_URL", "REDIS_URL", NULL};
    const char *argv[CLI_WORDS_MAX + 4] = {NAVVY_BIN};
    size_t count = 1;

    for (; *words != NULL; words++) {
        assert_true(count <= CLI_WORDS_MAX);
        argv[count++] = *words;
    }
    if (server != NULL) {
        argv[count++] = "--redis";
        argv[count++] = server->url;
    }
    return process_start(argv, env, input);
}

struct cli cli_end(struct process *process)
{
    struct cli run = {.code = process_wait(process, CLI_LIMIT_MS)};
    run.out = process_output(process);
    run.err = process_errors(process);
    process_free(process);
    return run;
}

struct cli cli_run_words(struct redis_server *server, const char *input, const char *const words[])
{
    return cli_end(cli_start_words(server, input, words));
}

void cli_free(struct cli *run)
{
    free(run->out);
    free(run->err);
    *run = (struct cli){0};
}

static void must_end_with(const struct cli *run, int code, const char *verb)
{
    if (run->code != code)
        TEST_FAIL("navvy %s ended with %d, not %d: %s%s", verb, run->code, code, run->out,
                  run->err);
}

void cli_must_words(struct redis_server *server, int code, const char *input,
                    const char *const words[])
{
    struct cli run = cli_run_words(server, input, words);
    must_end_with(&run, code, words[0]);
    cli_free(&run);
}

json_t *cli_json_words(struct redis_server *server, int code, const char *const words[])
{
    struct cli run = cli_run_words(server, NULL, words);
    must_end_with(&run, code, words[0]);
    json_t *value = json_loads(run.out, JSON_ALLOW_NUL, NULL);
    if (value == NULL)
        TEST_FAIL("navvy %s printed no JSON: %s", words[0], run.out);
    cli_free(&run);
    return value;
}

json_int_t json_int_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        TEST_FAIL("there is no number %s", key);
    return json_integer_value(value);
}

const char *json_text_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        TEST_FAIL("there is no text %s", key);
    return json_string_value(value);
}

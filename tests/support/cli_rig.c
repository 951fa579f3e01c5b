#include "tests/support/cli_rig.h"

#include <string.h>

#include "tests/support/test.h"

struct redis_server *server;

int start_server(void **state)
{
    (void)state;
    server = redis_server_start(NULL);
    return 0;
}

int stop_server(void **state)
{
    (void)state;
    redis_server_free(server);
    return 0;
}

int clean(void **state)
{
    (void)state;
    redis_run(server, "FLUSHALL");
    return 0;
}

void assert_says(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        TEST_FAIL("\"%s\" is not in:\n%s", words, text);
}

void enqueue_words(int code, const char *input, const char *says, const char *const words[])
{
    struct cli run = cli_run_words(server, input, words);

    if (run.code != code)
        TEST_FAIL("ended with %d, not %d: %s", run.code, code, run.err);
    assert_says(run.err, says);
    cli_free(&run);
}

struct cli shell(const char *line)
{
    const char *const words[] = {"sh", "-c", line, NAVVY_BIN, server->url, NULL};
    return cli_end(process_start(words, NULL, NULL));
}

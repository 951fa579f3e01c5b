/*
 * cli: one run of `navvy VERB ...` against a test's Redis, to its end.
 *
 *     struct cli run = cli_run(server, NULL, "dlq", "list", "email", "--json");
 *     assert_int_equal(run.code, 0);
 *     cli_free(&run);
 */
#ifndef SUPPORT_CLI_H
#define SUPPORT_CLI_H

#include <jansson.h>

#include "tests/support/process.h"
#include "tests/support/redis_server.h"

enum { CLI_WORDS_MAX = 16, CLI_LIMIT_MS = 120000 };

struct cli {
    int code;
    char *out, *err; /* terminated */
};

/* `input`: its stdin, NULL for none. `server` NULL: for words that need no Redis. */
#define cli_run(server, input, ...)                                                                \
    cli_run_words(server, input, (const char *const[]){__VA_ARGS__, NULL})
struct cli cli_run_words(struct redis_server *server, const char *input, const char *const words[]);
void cli_free(struct cli *run);

/* Waits for the end of one that was started; frees the process. */
struct cli cli_end(struct process *process);

/* The same without waiting for the end; for process_wait() and process_free(). */
#define cli_start(server, ...)                                                                     \
    cli_start_words(server, NULL, (const char *const[]){__VA_ARGS__, NULL})
struct process *cli_start_words(struct redis_server *server, const char *input,
                                const char *const words[]);

/* Runs it, fails the test unless it ends with `code`, and returns stdout as JSON, yours. */
#define cli_json(server, code, ...)                                                                \
    cli_json_words(server, code, (const char *const[]){__VA_ARGS__, NULL})
json_t *cli_json_words(struct redis_server *server, int code, const char *const words[]);

/* Runs it and fails the test unless it ends with `code`. */
#define cli_must(server, code, ...)                                                                \
    cli_must_words(server, code, NULL, (const char *const[]){__VA_ARGS__, NULL})
void cli_must_words(struct redis_server *server, int code, const char *input,
                    const char *const words[]);

/* Fields of a JSON object; a missing one fails the test. */
json_int_t json_int_at(const json_t *object, const char *key);
const char *json_text_at(const json_t *object, const char *key);

#endif

/*
 * loading: a configuration from a text, and what was wrong with it. In the errors the file is
 * called F, wherever it really was.
 */
#ifndef UNIT_CONFIG_LOADING_H
#define UNIT_CONFIG_LOADING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/option.h"
#include "tests/support/test.h"

enum { LOADING_PATH_MAX = 64 };

/* A queue that needs nothing, for files that are about something else. */
#define ONE_QUEUE "queues: { q: { handler: { builtin: noop } } }\n"

/* A temporary file of `len` bytes; the caller unlinks it. */
static inline const char *temporary_file(const void *bytes, size_t len, char out[LOADING_PATH_MAX])
{
    (void)snprintf(out, LOADING_PATH_MAX, "/tmp/navvy-config-XXXXXX");
    int fd = mkstemp(out);
    assert_int_not_equal(fd, -1);
    assert_true(write(fd, bytes, len) == (ssize_t)len);
    assert_int_equal(close(fd), 0);
    return out;
}

static inline void call_it_f(struct buf *errors, const char *path)
{
    size_t len = strlen(path);
    for (char *at = errors->data; at != NULL && (at = strstr(at, path)) != NULL;) {
        memmove(at + 1, at + len, strlen(at + len) + 1);
        *at++ = 'F';
        errors->len -= len - 1;
    }
}

static inline struct config *load_bytes(const void *bytes, size_t len, const char *redis_url,
                                        struct buf *errors)
{
    char path[LOADING_PATH_MAX];
    struct config_source source = {.path = temporary_file(bytes, len, path),
                                   .redis_url = redis_url};
    struct config *config = config_load(&source, errors);
    call_it_f(errors, path);
    (void)unlink(path);
    return config;
}

/* Loads, or fails the test with the faults. */
static inline struct config *load(const char *text)
{
    struct buf errors = {0};
    struct config *config = load_bytes(text, strlen(text), NULL, &errors);
    if (config == NULL)
        fail_msg("%s", errors.data);
    assert_int_equal(errors.len, 0);
    buf_free(&errors);
    return config;
}

/* Must not load, and must say exactly this. */
static inline void assert_faults(const char *text, const char *faults)
{
    struct buf errors = {0};
    struct config *config = load_bytes(text, strlen(text), NULL, &errors);
    if (config != NULL)
        fail_msg("this is accepted: %s", text);
    assert_string_equal(errors.data, faults);
    buf_free(&errors);
}

static inline void forget_environment(void)
{
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].env != NULL)
            assert_int_equal(unsetenv(option_table[i].env), 0);
    }
    assert_int_equal(unsetenv("REDIS_URL"), 0);
}

/* For cmocka: each test begins without what another one, or the caller, left in the environment. */
static inline int clean_environment(void **state)
{
    (void)state;
    forget_environment();
    return 0;
}

#endif

/*
 * fuzz_config: any bytes are loaded as a configuration.
 *
 *   refused: there is at least one fault, one line each, at most so many, no control bytes
 *   loaded: what is shown of it loads again with equal result, and shows the same
 *
 * A broken promise is a CHECK.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "config/option.h"
#include "config/yaml_file.h"

enum {
    FAULTS_BETWEEN_MAX = 8, /* of the login and the pool: they come behind the file's own */
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* From a file in memory, so that nothing is left behind. */
static struct config *load(const void *bytes, size_t len, struct buf *errors)
{
    char path[32];
    int fd = memfd_create("fuzz_config", MFD_CLOEXEC);

    CHECK(fd != -1);
    CHECK(len == 0 || write(fd, bytes, len) == (ssize_t)len);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct config *config = config_load(&(struct config_source){.path = path}, errors);
    (void)close(fd);
    return config;
}

static void check_faults(const struct buf *errors)
{
    size_t lines = 0;

    CHECK(errors->len > 0 && errors->data[errors->len - 1] == '\n');
    for (size_t i = 0; i < errors->len; i++) {
        unsigned char c = (unsigned char)errors->data[i];
        CHECK(c == '\n' || (c >= ' ' && c != 0x7f));
        lines += c == '\n';
    }
    CHECK(lines <= YAML_FAULTS_MAX + 1 + FAULTS_BETWEEN_MAX);
}

/* Secrets are not: they are shown as stars. */
static void check_equal(enum option_scope scope, const void *left, const void *right)
{
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == scope && option->type != OPTION_URL && option->type != OPTION_SECRET &&
            option->type != OPTION_HEADERS)
            CHECK(option_equal(option, left, right));
    }
}

static void check_handler(const struct handler_conf *left, const struct handler_conf *right)
{
    CHECK(left->kind == right->kind);
    CHECK(slice_equal(slice_of(left->type), slice_of(right->type)));
    check_equal(OPTION_HANDLER, left, right);
}

static void check_same(const struct config *left, const struct config *right)
{
    check_equal(OPTION_GLOBAL, left, right);
    CHECK(left->queue_count > 0 && left->queue_count == right->queue_count);
    for (size_t i = 0; i < left->queue_count; i++) {
        const struct queue_conf *a = &left->queues[i], *b = &right->queues[i];
        CHECK(slice_equal(slice_of(a->name), slice_of(b->name)));
        CHECK(a->handler.kind != HANDLER_NONE || a->route_count > 0);
        CHECK(a->route_count == b->route_count);
        check_equal(OPTION_QUEUE, a, b);
        check_handler(&a->handler, &b->handler);
        for (size_t j = 0; j < a->route_count; j++)
            check_handler(&a->routes[j], &b->routes[j]);
    }
}

static void check_shown(const struct config *config)
{
    struct buf shown = {0}, errors = {0}, again = {0};

    config_render(config, &shown);
    CHECK(!shown.failed);
    struct config *back = load(shown.data, shown.len, &errors);
    if (back == NULL)
        fprintf(stderr, "%s%s", shown.data, errors.data);
    CHECK(back != NULL);
    check_same(config, back);
    config_render(back, &again);
    CHECK(
        slice_equal((struct slice){shown.data, shown.len}, (struct slice){again.data, again.len}));
    config_free(back);
    buf_free(&shown);
    buf_free(&errors);
    buf_free(&again);
}

static void forget_environment(void)
{
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].env != NULL)
            (void)unsetenv(option_table[i].env);
    }
    (void)unsetenv("REDIS_URL");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf errors = {0};

    forget_environment();
    struct config *config = load(bytes, len, &errors);
    if (config == NULL)
        check_faults(&errors);
    else
        check_shown(config);
    config_free(config);
    buf_free(&errors);
    return 0;
}

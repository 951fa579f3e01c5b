/*
 * plugged: the errand of a job whose handler is a plugin of tests/plugins, opened as a worker does.
 */
#ifndef TESTS_UNIT_HANDLER_PLUGGED_H
#define TESTS_UNIT_HANDLER_PLUGGED_H

#include "tests/unit/handler/errand.h"

#include <dlfcn.h>
#include <stdio.h>

#include "handler/registry.h"
#include "tests/plugins/behave.h"

enum { ANSWER_MAX = 64 * 1024, PATH_TEXT_MAX = 512 };

static struct config plugged_config;
static struct buf plugged_errors;

/* The file of a plugin of tests/plugins; for one use at a time. */
static inline char *plugin_path(const char *name)
{
    static char path[PATH_TEXT_MAX];
    snprintf(path, sizeof path, "%s/%s.so", TEST_PLUGINS, name);
    return path;
}

static inline struct config *plugged_as(char *path, const char *options)
{
    errand.queue.name = (char *)(uintptr_t) "email";
    errand.queue.handler = (struct handler_conf){
        .kind = HANDLER_PLUGIN,
        .plugin = path,
        .plugin_options = (char *)(uintptr_t)options,
        .answer_bytes_max = ANSWER_MAX,
    };
    plugged_config.queues = &errand.queue;
    plugged_config.queue_count = 1;
    return &plugged_config;
}

/* What is said when a plugin will not open; "" if it does. Then it is closed again. */
static inline const char *refusal(char *path, const char *options)
{
    static char text[HANDLER_ERROR_MAX + PATH_TEXT_MAX];

    struct config *config = plugged_as(path, options);
    buf_reset(&plugged_errors);
    bool fine = registry_open(config, &plugged_errors);
    snprintf(text, sizeof text, "%s", plugged_errors.len > 0 ? plugged_errors.data : "");
    assert_int_equal(fine, text[0] == 0);
    if (fine)
        registry_release(config);
    registry_close(0);
    return text;
}

static inline void plug(const char *name, const char *options)
{
    if (!registry_open(plugged_as(plugin_path(name), options), &plugged_errors))
        fail_msg("%s", plugged_errors.data);
}

static inline void unplug(void)
{
    registry_release(&plugged_config);
    registry_close(0);
}

/* What the plugin behave has seen so far. */
static inline struct behave_seen *seen(void)
{
    void *handle = dlopen(plugin_path("behave"), RTLD_NOW | RTLD_NOLOAD);
    struct behave_seen *found = handle != NULL ? dlsym(handle, "behave_seen") : NULL;

    assert_non_null(found);
    dlclose(handle); /* our own count of it */
    return found;
}

static inline const char *error(void)
{
    return errand.job.result.error != NULL ? errand.job.result.error : "(none)";
}

static inline enum job_outcome behave(const char *words)
{
    errand_payload(words, strlen(words));
    return errand_run();
}

static inline int plugged_teardown(void **state)
{
    plugged_config = (struct config){0};
    buf_free(&plugged_errors);
    return errand_teardown(state);
}

#define PLUGGED_TEST(f) cmocka_unit_test_setup_teardown(f, errand_setup, plugged_teardown)

#endif

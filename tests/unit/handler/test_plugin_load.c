/* plugin_load: what is no plugin, or will not start, is refused with a reason; and reloads. */
#include "tests/unit/handler/plugged.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"

#define OPTION "queues.email.handler.plugin: "

static char folder[64];

static char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void copy(const char *from, const char *to)
{
    char bytes[65536];
    size_t got;
    FILE *in = fopen(from, "re"), *out = fopen(to, "we");

    assert_non_null(in);
    assert_non_null(out);
    while ((got = fread(bytes, 1, sizeof bytes, in)) > 0)
        assert_int_equal(fwrite(bytes, 1, got, out), got);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void assert_refused(char *path, const char *options, const char *reason)
{
    char start[PATH_TEXT_MAX + sizeof OPTION + 2];
    char kept[PATH_TEXT_MAX];

    snprintf(kept, sizeof kept, "%s", path);
    const char *text = refusal(kept, options);
    snprintf(start, sizeof start, OPTION "%s: ", kept);
    if (strncmp(text, start, strlen(start)) != 0 || strstr(text, reason) == NULL)
        fail_msg("\"%s\" is not \"%s%s\"", text, start, reason);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void what_is_no_plugin_is_refused_with_the_reason(void **state)
{
    (void)state;
    const struct {
        const char *name, *reason;
    } rows[] = {
        {"not_there", "No such file or directory"},
        {"no_symbol", "is no plugin, it has no symbol navvy_plugin"},
        {"abi_0", "was made for ABI 0 of navvy/handler.h, and this navvy has ABI 1"},
        {"abi_2", "was made for ABI 2 of navvy/handler.h, and this navvy has ABI 1"},
        {"function", "is no plugin, its navvy_plugin is no struct"},
        {"size_0", "its struct navvy_plugin says that it has 0 bytes, not 56 to 4096"},
        {"size_small", "its struct navvy_plugin says that it has 55 bytes, not 56 to 4096"},
        {"size_large", "its struct navvy_plugin says that it has 4097 bytes, not 56 to 4096"},
        {"size_later_used", "it was made for a newer one"},
        {"no_handle", "has no handle(), so it is no handler"},
        {"trace_a", "it is a middleware, and belongs in the list of that name"},
        {"unresolved", "undefined symbol: navvy_nobody_has_this"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(plugin_path(rows[i].name), NULL, rows[i].reason);
}

static void a_file_that_is_no_object_is_refused_with_the_reason(void **state)
{
    (void)state;
    FILE *file = fopen(in_folder("text.so"), "we");
    assert_non_null(file);
    fputs("#!/bin/sh\n# something that was never meant to be an object, and is long enough\n",
          file);
    fclose(file);
    assert_int_equal(close(open(in_folder("empty.so"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644)), 0);
    assert_int_equal(mkfifo(in_folder("fifo.so"), 0644), 0);
    assert_int_equal(symlink("loop.so", in_folder("loop.so")), 0);

    assert_refused(in_folder("text.so"), NULL, "invalid ELF header");
    assert_refused(in_folder("empty.so"), NULL, "file too short");
    assert_refused(in_folder("fifo.so"), NULL, "is not a file");
    assert_refused(in_folder("loop.so"), NULL, strerror(ELOOP));
    assert_refused(folder, NULL, "is not a file");
    assert_refused((char *)(uintptr_t) "/bin/sh", NULL, "");
    assert_refused((char *)(uintptr_t) "behave.so", NULL,
                   "has no / in it; write ./NAME for a file in the working folder");
    assert_refused((char *)(uintptr_t) "", NULL, "has no / in it");
}

static void the_header_may_be_newer_if_nothing_new_is_wanted(void **state)
{
    (void)state;
    assert_string_equal(refusal(plugin_path("size_later"), NULL), "");
    assert_string_equal(refusal(plugin_path("plain"), NULL), "");
    plug("plain", NULL); /* without init(), fini() and a name */
    assert_int_equal(errand_run(), JOB_DONE);
    unplug();
}

static void an_init_that_fails_is_refused_with_what_it_says(void **state)
{
    (void)state;
    assert_refused(plugin_path("behave"), "refuse=no_such_server", "so: no_such_server\n");
    assert_refused(plugin_path("behave"), "refuse=", "its init() failed and said nothing");
    assert_refused(plugin_path("behave"), "silent", "its init() failed and said nothing");
    assert_refused(plugin_path("behave"), "overflow", "so: xxxxxxxx");
    assert_int_equal(seen()->inits, seen()->finis); /* no fini() without an init() */
}

static void the_route_at_fault_is_named(void **state)
{
    (void)state;
    struct handler_conf route = {
        .type = (char *)(uintptr_t) "mail", .kind = HANDLER_PLUGIN, .plugin = plugin_path("abi_2")};
    struct config *config = plugged_as(NULL, NULL);

    errand.queue.handler = (struct handler_conf){.kind = HANDLER_BUILTIN};
    errand.queue.routes = &route;
    errand.queue.route_count = 1;
    assert_false(registry_open(config, &plugged_errors));
    assert_non_null(strstr(plugged_errors.data, "queues.email.routes.mail.plugin: "));
}

static void check_looks_and_starts_nothing(void **state)
{
    (void)state;
    int inits = seen()->inits;

    assert_true(registry_check(plugged_as(plugin_path("behave"), "silent"), &plugged_errors));
    assert_int_equal(plugged_errors.len, 0);
    assert_int_equal(seen()->inits, inits);
    assert_false(registry_check(plugged_as(plugin_path("abi_2"), NULL), &plugged_errors));
    assert_non_null(strstr(plugged_errors.data, OPTION));
    assert_non_null(strstr(plugged_errors.data, "ABI 2"));
}

/* --- reloads ------------------------------------------------------------------------------- */

/* A configuration of its own, as a reload reads it. */
static struct config *config_again(struct queue_conf *queue, struct config *config,
                                   const char *options)
{
    *queue = errand.queue;
    queue->handler.plugin_options = (char *)(uintptr_t)options;
    queue->handler.opened = NULL;
    *config = (struct config){.queues = queue, .queue_count = 1};
    return config;
}

static void equal_options_share_an_instance_and_others_get_their_own(void **state)
{
    (void)state;
    struct queue_conf same_queue, other_queue;
    struct config same, other;
    int inits = seen()->inits, finis = seen()->finis;

    plug("behave", "one");
    assert_int_equal(seen()->inits, inits + 1);
    assert_string_equal(seen()->options, "one");
    assert_string_equal(seen()->queue, "email");
    assert_true(registry_open(config_again(&same_queue, &same, "one"), &plugged_errors));
    assert_int_equal(seen()->inits, inits + 1);
    assert_true(registry_open(config_again(&other_queue, &other, "two"), &plugged_errors));
    assert_int_equal(seen()->inits, inits + 2);

    registry_release(&same); /* the first one still uses it */
    assert_int_equal(seen()->finis, finis);
    (void)behave("facts");
    assert_non_null(memmem(errand.job.result.bytes, errand.job.result.len, "options=one", 11));
    unplug();
    assert_int_equal(seen()->finis, finis + 1);
    errand.job.conf = &other_queue;
    job_result_clear(&errand.job);
    handler_run(&errand.job, &errand.stopper);
    assert_non_null(memmem(errand.job.result.bytes, errand.job.result.len, "options=two", 11));
    registry_release(&other);
    assert_int_equal(seen()->finis, finis + 2);
    registry_close(0);
}

static void a_reload_that_fails_leaves_the_old_instance(void **state)
{
    (void)state;
    struct queue_conf queue;
    struct config config;
    int finis = seen()->finis;

    plug("behave", "one");
    assert_false(registry_open(config_again(&queue, &config, "refuse=x"), &plugged_errors));
    assert_int_equal(seen()->finis, finis);
    assert_int_equal(behave(""), JOB_DONE);
    unplug();
}

/* What is logged meanwhile goes to this file. */
static int stderr_kept = -1;

static void listen_to_the_log(void)
{
    fflush(stderr);
    stderr_kept = dup(STDERR_FILENO);
    int fd = open(in_folder("log"), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(stderr_kept >= 0 && fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
    log_init(LOG_INFO, LOG_TEXT);
}

static const char *what_was_logged(void)
{
    static char text[8192];

    dup2(stderr_kept, STDERR_FILENO);
    close(stderr_kept);
    log_init(LOG_INFO, LOG_TEXT);
    FILE *file = fopen(in_folder("log"), "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static void a_file_that_changed_is_told_of_at_a_reload(void **state)
{
    (void)state;
    struct queue_conf queue;
    struct config config;
    char path[128];

    snprintf(path, sizeof path, "%s", in_folder("mine.so"));
    copy(plugin_path("plain"), path);
    assert_true(registry_open(plugged_as(path, NULL), &plugged_errors));
    listen_to_the_log();
    assert_true(registry_open(config_again(&queue, &config, NULL), &plugged_errors));
    registry_release(&config);
    assert_string_equal(what_was_logged(), "");

    copy(plugin_path("no_handle"), in_folder("new.so"));
    assert_int_equal(rename(in_folder("new.so"), path), 0);
    const char *const options[] = {NULL, "other"}; /* the same instance, another one */
    for (size_t i = 0; i < 2; i++) {
        listen_to_the_log();
        assert_true(registry_open(config_again(&queue, &config, options[i]), &plugged_errors));
        registry_release(&config);
        const char *text = what_was_logged();
        assert_non_null(strstr(text, "mine.so"));
        assert_non_null(strstr(text, "changed on disk; what was loaded stays"));
        assert_non_null(strstr(text, "restart navvy to load the new one"));
        assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1); /* one line */
    }
    assert_int_equal(errand_run(), JOB_DONE);
    unplug();
}

static void a_line_of_a_plugin_names_plugin_queue_and_job(void **state)
{
    (void)state;
    plug("behave", NULL);
    listen_to_the_log();
    (void)behave("log=half_of_it\n\x1b[0m");
    const char *text = what_was_logged();
    assert_non_null(strstr(text, "warn plugin queue=email id=web1-4711-9f:17 plugin=behave "
                                 "text="));
    assert_non_null(strstr(text, "half_of_it"));
    assert_null(strchr(text, 0x1b));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    unplug();
}

static int folder_setup(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/navvy-plugin-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return 1;
    errand_setup(state);
    (void)refusal(plugin_path("behave"), NULL); /* loaded: seen() finds it */
    return 0;
}

static int folder_teardown(void **state)
{
    static const char *const names[] = {"text.so", "empty.so", "fifo.so", "loop.so",
                                        "mine.so", "new.so",   "log"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(in_folder(names[i]));
    rmdir(folder);
    return plugged_teardown(state);
}

int main(void)
{
#define LOAD_TEST(f) cmocka_unit_test_setup_teardown(f, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        LOAD_TEST(what_is_no_plugin_is_refused_with_the_reason),
        LOAD_TEST(a_file_that_is_no_object_is_refused_with_the_reason),
        LOAD_TEST(the_header_may_be_newer_if_nothing_new_is_wanted),
        LOAD_TEST(an_init_that_fails_is_refused_with_what_it_says),
        LOAD_TEST(the_route_at_fault_is_named),
        LOAD_TEST(check_looks_and_starts_nothing),
        LOAD_TEST(equal_options_share_an_instance_and_others_get_their_own),
        LOAD_TEST(a_reload_that_fails_leaves_the_old_instance),
        LOAD_TEST(a_file_that_changed_is_told_of_at_a_reload),
        LOAD_TEST(a_line_of_a_plugin_names_plugin_queue_and_job),
    };
    return cmocka_run_group_tests_name("plugin_load", tests, NULL, NULL);
}

/* limits: each one is felt, its breach is named, and what cannot be had is said when the handler
 * is opened. */
#include "tests/unit/handler/script.h"

#include <sys/resource.h>

#include "handler/limits.h"

#define MIB (1024UL * 1024)

static char no_such[] = "/nonexistent/folder", no_folder[] = "/etc/passwd", root_folder[] = "/";
static char nobody[] = "nobody", no_user[] = "navvy-no-such-user";

static bool is_root(void)
{
    return geteuid() == 0;
}

/* --- when it is opened ------------------------------------------------------------------------ */

static void what_cannot_be_had_is_refused_when_the_handler_is_opened(void **state)
{
    (void)state;
    char pair[] = "A=b", path[] = "PATH", *pairs[] = {path, pair, NULL};
    const struct {
        struct limits_conf conf;
        const char *error;
    } rows[] = {
        {{.folder = no_such}, "limits.folder: /nonexistent/folder: No such file or directory"},
        {{.folder = no_folder}, "limits.folder: /etc/passwd: Not a directory"},
        {{.user = no_user}, "limits.user: navvy-no-such-user: there is no such user"},
        {{.env = pairs}, "limits.env: \"A=b\" is more than a variable's name"},
        {{.cpu_ms = 1500}, "limits.cpu: is in whole seconds, as in 2s"},
    };
    char text[HANDLER_ERROR_MAX] = "";

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(limits_new(&rows[i].conf, text));
        assert_string_equal(text, rows[i].error);
        assert_false(limits_check(&rows[i].conf, text));
    }
}

/* What fits is in no way special; one more is. */
static void more_than_the_worker_itself_has_is_refused(void **state)
{
    (void)state;
    struct rlimit own;
    char text[HANDLER_ERROR_MAX] = "";

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &own), 0);
    if (own.rlim_max >= UINT32_MAX)
        skip();
    struct limits_conf conf = {.files = (uint32_t)own.rlim_max};
    assert_true(limits_check(&conf, text));
    conf.files++;
    assert_false(limits_check(&conf, text));
    assert_memory_equal(text, "limits.files: ", 14);
    assert_non_null(strstr(text, "more than the worker itself may have"));
}

static void another_user_takes_root(void **state)
{
    (void)state;
    char root[] = "root", text[HANDLER_ERROR_MAX] = "";
    const struct limits_conf conf = {.user = root};
    bool was_root = is_root();

    if (was_root)
        assert_int_equal(seteuid(65534), 0);
    bool fine = limits_check(&conf, text);
    if (was_root)
        assert_true(seteuid(0) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0);
    assert_false(fine);
    assert_string_equal(text, "limits.user: root: only root can run programs as another user");
}

static void the_workers_own_user_needs_nothing(void **state)
{
    (void)state;
    char root[] = "root", text[HANDLER_ERROR_MAX] = "";
    const struct limits_conf conf = {.user = root};

    if (!is_root())
        skip();
    struct limits *same = limits_new(&conf, text);
    assert_non_null(same);
    assert_false(same->other_user);
    limits_free(same);
}

/* --- how they are felt ------------------------------------------------------------------------ */

/* What the script prints, with these limits. */
static const char *printed(struct limits_conf conf, const char *text)
{
    limits = conf;
    errand.queue.result_ttl_ms = 60000;
    if (script(text) != JOB_DONE)
        fail_msg("%s: %s", text, error());
    return result();
}

static void amounts_are_set(void **state)
{
    (void)state;
    assert_string_equal(printed((struct limits_conf){.memory_bytes = 256 * MIB}, "ulimit -v"),
                        "262144\n");
    assert_string_equal(printed((struct limits_conf){.cpu_ms = 7000}, "ulimit -S -t; ulimit -H -t"),
                        "7\n8\n");
    assert_string_equal(printed((struct limits_conf){.files = 9}, "ulimit -n; ulimit -H -n"),
                        "9\n9\n");
    assert_string_equal(printed((struct limits_conf){.files = 9, .cpu_ms = 7000}, "ulimit -t"),
                        "7\n");
}

static void niceness_is_added_to_the_workers_own(void **state)
{
    (void)state;
    char want[16];
    int own = getpriority(PRIO_PROCESS, 0);

    if (own > 12)
        skip();
    snprintf(want, sizeof(want), "%d\n", own + 7);
    assert_string_equal(printed((struct limits_conf){.nice = 7}, "nice"), want);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), own);
    assert_string_equal(printed((struct limits_conf){.nice = 19}, "nice"), "19\n");
}

static void the_folder_is_where_it_runs(void **state)
{
    (void)state;
    char want[80];

    snprintf(want, sizeof(want), "%s\n", folder);
    assert_string_equal(printed((struct limits_conf){.folder = folder}, "pwd"), want);
}

static void a_relative_program_is_looked_up_where_the_worker_is(void **state)
{
    (void)state;
    char *argv[] = {strdup("./here"), NULL};
    int was = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = open(path_of("here"), O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

    assert_int_equal(write(fd, "#!/bin/sh\npwd\n", 14), 14);
    close(fd);
    assert_int_equal(chdir(folder), 0);
    limits.folder = root_folder;
    errand.queue.result_ttl_ms = 60000;
    program(argv);
    enum job_outcome outcome = errand_run();
    assert_int_equal(fchdir(was), 0);
    close(was);
    free(argv[0]);
    assert_int_equal(outcome, JOB_DONE);
    assert_string_equal(result(), "/\n");
}

static void a_folder_that_went_away_is_a_failure_that_names_it(void **state)
{
    (void)state;
    char *argv[] = {strdup("/bin/true"), NULL};
    char gone[128];
    struct buf errors = {0};

    snprintf(gone, sizeof(gone), "%s/gone", folder);
    assert_int_equal(mkdir(gone, 0700), 0);
    limits.folder = gone;
    program(argv);
    assert_true(registry_open_queue(&errand.queue, &errors));
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(rmdir(gone), 0);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_string_equal(error(),
                        "cannot start /bin/true: limits.folder: No such file or directory");
    registry_release_queue(&errand.queue);
    free(argv[0]);
}

static void only_named_variables_are_inherited(void **state)
{
    (void)state;
    char path[] = "PATH", extra[] = "NAVVY_TEST_EXTRA", missing[] = "NAVVY_TEST_MISSING";
    char *names[] = {path, extra, missing, NULL};

    assert_int_equal(setenv("NAVVY_TEST_EXTRA", "a=b", 1), 0);
    assert_int_equal(setenv("NAVVY_TEST_EXTRA_2", "x", 1), 0);
    const char *seen = printed((struct limits_conf){.env = names},
                               "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= |"
                               "grep -o '^[^=]*' | sort | tr '\\n' ' '");
    assert_string_equal(seen, "NAVVY_ANSWER_FD NAVVY_ATTEMPT NAVVY_CLAIM NAVVY_DELIVERY NAVVY_ID "
                              "NAVVY_QUEUE NAVVY_TEST_EXTRA PATH ");
    assert_string_equal(
        printed((struct limits_conf){.env = names}, "printf %s \"$NAVVY_TEST_EXTRA\""), "a=b");
    unsetenv("NAVVY_TEST_EXTRA");
    unsetenv("NAVVY_TEST_EXTRA_2");
}

/* --- another user ----------------------------------------------------------------------------- */

static void another_user_is_its_groups_and_home_too(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    const struct limits_conf conf = {.user = nobody};
    assert_string_equal(printed(conf, "id -un; id -G | tr ' ' '\\n' | grep -c '^0$'; "
                                      "echo $USER $LOGNAME; [ $HOME = ~nobody ] && echo home"),
                        "nobody\n0\nnobody nobody\nhome\n");
    assert_string_equal(printed(conf, "grep ^Cap /proc/self/status | grep -c -v 0000000000000000"
                                      " | sed s/1/bound/"),
                        "bound\n"); /* the bounding set alone is left */
    assert_int_equal(getuid(), 0);
    assert_int_equal(prctl(PR_GET_DUMPABLE), 1); /* never was the process that changed its user */
}

static void a_folder_must_be_open_to_the_user(void **state)
{
    (void)state;
    if (!is_root())
        skip();
    limits = (struct limits_conf){.user = nobody, .folder = folder}; /* which is ours alone */
    assert_int_equal(script("exit 0"), JOB_RETRY);
    assert_string_equal(error(), "cannot start /bin/sh: limits.folder: Permission denied");
}

/* --- how they are breached -------------------------------------------------------------------- */

static void expect_error(const char *text, const char *part)
{
    assert_int_equal(script(text), JOB_RETRY);
    if (strstr(error(), part) == NULL)
        fail_msg("%s: %s", text, error());
}

static void too_much_cpu_is_a_failure_that_names_the_limit(void **state)
{
    (void)state;
    const char *what = "used more than its cpu limit of 1s";

    limits.cpu_ms = 1000;
    assert_int_equal(script("while :; do :; done"), JOB_RETRY);
    assert_string_equal(error(), what);
    expect_error("trap '' XCPU; echo busy >&2; while :; do :; done", what); /* KILL, later */
    expect_error("sh -c 'while :; do :; done'; exit $?", what);
    assert_int_equal(script("exit 0"), JOB_DONE);
    assert_int_equal(script("kill -KILL $$"), JOB_RETRY);
    assert_string_equal(error(), "killed by signal 9 (Killed)");
}

static void too_much_memory_is_a_failure_that_names_the_limit(void **state)
{
    (void)state;
    const char *note = "; its address space was limited to 64MiB";

    limits.memory_bytes = 64 * MIB;
    expect_error("exec 2>&1; exec tail -n 1 </dev/zero", note); /* all of it is one line */
    expect_error("tail -n 1 </dev/zero; exit 3", note);
    expect_error("kill -SEGV $$", note);
    assert_int_equal(script("exit 3"), JOB_RETRY);
    assert_string_equal(error(), "exit status 3"); /* nothing speaks for it */
    assert_int_equal(script("echo '{\"outcome\":\"retry\",\"error\":\"no memory\"}' >&3"),
                     JOB_RETRY);
    assert_string_equal(error(), "no memory");
}

static void too_little_memory_to_begin_with_is_named_too(void **state)
{
    (void)state;
    limits.memory_bytes = 16 * 1024;
    assert_int_equal(script("exit 0"), JOB_RETRY);
    assert_non_null(strstr(error(), "16KiB"));
}

static void too_many_files_are_refused_to_the_program(void **state)
{
    (void)state;
    limits.files = 6;
    assert_int_equal(script("exec 4</dev/null 5</dev/null"), JOB_DONE);
    assert_int_equal(script("exec 4</dev/null 5</dev/null; cat /dev/null"), JOB_RETRY);
    if (strstr(error(), "Too many open files") == NULL && strstr(error(), "Error 24") == NULL)
        fail_msg("%s", error());
}

static void a_long_error_keeps_the_limit_at_its_end(void **state)
{
    (void)state;
    const char *note = "; its address space was limited to 64MiB";

    limits.memory_bytes = 64 * MIB;
    assert_int_equal(script("head -c 5000 /dev/zero | tr '\\0' x >&2; kill -ABRT $$"), JOB_RETRY);
    size_t len = strlen(error());
    assert_int_equal(len, RECORD_ERROR_MAX);
    assert_string_equal(error() + len - strlen(note), note);
}

int main(void)
{
#define EXEC_TEST(f) cmocka_unit_test_setup_teardown(f, script_setup, script_teardown)
    const struct CMUnitTest tests[] = {
        EXEC_TEST(what_cannot_be_had_is_refused_when_the_handler_is_opened),
        EXEC_TEST(more_than_the_worker_itself_has_is_refused),
        EXEC_TEST(another_user_takes_root),
        EXEC_TEST(the_workers_own_user_needs_nothing),
        EXEC_TEST(amounts_are_set),
        EXEC_TEST(niceness_is_added_to_the_workers_own),
        EXEC_TEST(the_folder_is_where_it_runs),
        EXEC_TEST(a_relative_program_is_looked_up_where_the_worker_is),
        EXEC_TEST(a_folder_that_went_away_is_a_failure_that_names_it),
        EXEC_TEST(only_named_variables_are_inherited),
        EXEC_TEST(another_user_is_its_groups_and_home_too),
        EXEC_TEST(a_folder_must_be_open_to_the_user),
        EXEC_TEST(too_much_cpu_is_a_failure_that_names_the_limit),
        EXEC_TEST(too_much_memory_is_a_failure_that_names_the_limit),
        EXEC_TEST(too_little_memory_to_begin_with_is_named_too),
        EXEC_TEST(too_many_files_are_refused_to_the_program),
        EXEC_TEST(a_long_error_keeps_the_limit_at_its_end),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}

/* The verbs, their help, and the man page tell the same story. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli_rig.h"
#include "tests/support/test.h"

enum { VERBS_MAX = 40, VERB_MAX = 32 };

struct verbs {
    size_t count;
    char name[VERBS_MAX][VERB_MAX];
};

/* The rows of a list of verbs: two blanks and a word. */
static void read_verbs(struct verbs *verbs, const char *text)
{
    verbs->count = 0;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, "  ", 2) == 0 && line[2] >= 'a' && line[2] <= 'z') {
            assert_true(verbs->count < VERBS_MAX);
            assert_int_equal(sscanf(line, " %31[a-z]", verbs->name[verbs->count]), 1);
            verbs->count++;
        }
}

static char *navvy(int code, char **err, const char *a, const char *b)
{
    const char *const words[] = {a, a != NULL ? b : NULL, NULL};
    struct cli run = cli_run_words(NULL, NULL, words);

    assert_int_equal(run.code, code);
    if (err != NULL)
        *err = run.err;
    else
        free(run.err);
    return run.out;
}

static void every_way_to_ask_for_help_gives_the_same_list(void **state)
{
    (void)state;
    char *list = navvy(0, NULL, "help", NULL);
    static const char *const ways[] = {NULL, "--help", "-h", "-?"};

    assert_says(list, "  run ");
    assert_says(list, "navvy dev");
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        char *other = navvy(0, NULL, ways[i], NULL);
        assert_string_equal(other, list);
        free(other);
    }
    free(list);
}

/* "Usage:" comes from argp, the examples from us. */
static void every_verb_has_a_help_with_examples(void **state)
{
    struct verbs verbs;
    (void)state;
    char *list = navvy(0, NULL, "help", NULL);

    read_verbs(&verbs, list);
    assert_true(verbs.count >= 7);
    for (size_t i = 0; i < verbs.count; i++) {
        if (strcmp(verbs.name[i], "help") == 0)
            continue;
        char *help = navvy(0, NULL, verbs.name[i], "--help");
        assert_says(help, "Usage: navvy ");
        char *same = navvy(0, NULL, "help", verbs.name[i]);
        assert_string_equal(help, same);
        if (strcmp(verbs.name[i], "dlq") != 0) /* a list of verbs of its own */
            assert_says(help, "Example");
        free(help);
        free(same);
    }
    free(list);
}

/* mdoc writes --json as `Fl -json` or `Fl j , -json`. */
static void assert_in_page(const char *page, const char *verb, const char *option)
{
    char first[64], second[64];

    snprintf(first, sizeof(first), "Fl -%s", option);
    snprintf(second, sizeof(second), ", -%s", option);
    if (strstr(page, first) == NULL && strstr(page, second) == NULL)
        TEST_FAIL("docs/man/navvy.1 does not know --%s of `navvy %s`", option, verb);
}

static void check_options(const char *page, const char *verb)
{
    char *help = navvy(0, NULL, verb, "--help");

    for (const char *at = strstr(help, "  --"); at != NULL; at = strstr(at + 1, "  --")) {
        char option[32] = "";
        assert_int_equal(sscanf(at, "  --%31[a-z-]", option), 1);
        if (strcmp(option, "usage") != 0)
            assert_in_page(page, verb, option);
    }
    free(help);
}

static void the_man_page_knows_every_verb_and_its_options(void **state)
{
    struct verbs verbs;
    (void)state;
    char *list = navvy(0, NULL, "help", NULL);
    char *page = file_text(NAVVY_SOURCE_DIR "/docs/man/navvy.1");

    read_verbs(&verbs, list);
    assert_says(page, ".Sh EXIT STATUS");
    for (size_t i = 0; i < verbs.count; i++) {
        char words[64];
        snprintf(words, sizeof(words), "Cm %s", verbs.name[i]);
        assert_says(page, words);
        if (strcmp(verbs.name[i], "help") != 0)
            check_options(page, verbs.name[i]);
    }
    free(page);
    free(list);
}

static void the_man_page_and_help_of_run_name_every_signal(void **state)
{
    static const char *const signals[] = {"TERM", "INT", "QUIT", "TSTP", "CONT", "HUP", "USR1"};
    (void)state;
    char *page = file_text(NAVVY_SOURCE_DIR "/docs/man/navvy.1");
    char *help = navvy(0, NULL, "run", "--help");

    for (size_t i = 0; i < ARRAY_COUNT(signals); i++) {
        assert_says(page, signals[i]);
        assert_says(help, signals[i]);
    }
    free(page);
    free(help);
}

static void an_unknown_word_is_a_usage_fault_and_names_the_nearest(void **state)
{
    static const struct {
        const char *word, *says;
    } rows[] = {
        {"rnu", "did you mean `navvy run`?"},
        {"enqeue", "did you mean `navvy enqueue`?"},
        {"enq", "did you mean `navvy enqueue`?"},
        {"vers", "did you mean `navvy version`?"},
        {"quark-and-something-very-long-indeed", "lists the verbs"},
        {"", "lists the verbs"},
        {"--config", "options come after the verb"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *err = NULL;
        char *out = navvy(2, &err, rows[i].word, NULL);
        assert_string_equal(out, "");
        assert_says(err, rows[i].says);
        free(out);
        free(err);
    }
}

static void an_unknown_option_of_a_verb_is_a_usage_fault(void **state)
{
    char *err = NULL;
    (void)state;
    free(navvy(2, &err, "version", "--bogus"));
    assert_says(err, "--bogus");
    assert_says(err, "navvy version --help");
    free(err);
}

static void version_names_the_libraries(void **state)
{
    (void)state;
    char *text = navvy(0, NULL, "version", NULL);
    char *same = navvy(0, NULL, "--version", NULL);

    assert_true(strncmp(text, "navvy 0.", 8) == 0);
    assert_says(text, "(hiredis ");
    assert_says(text, "libevent ");
    assert_says(text, "OpenSSL ");
    assert_string_equal(text, same);
    free(text);
    free(same);

    json_t *object = cli_json(NULL, 0, "version", "--json");
    static const char *const keys[] = {"navvy", "hiredis", "libevent", "openssl"};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        assert_true(strlen(json_text_at(object, keys[i])) >= 3);
    json_decref(object);
}

static void output_that_cannot_be_written_is_a_failure(void **state)
{
    static const char *const words[] = {"sh", "-c", "exec \"$0\" version >/dev/full", NAVVY_BIN,
                                        NULL};
    static const char *const closed[] = {"sh", "-c", "exec \"$0\" version >&-", NAVVY_BIN, NULL};
    (void)state;
    assert_int_equal(process_run(words, NULL, NULL, NULL), 1);
    assert_int_equal(process_run(closed, NULL, NULL, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_ask_for_help_gives_the_same_list),
        cmocka_unit_test(every_verb_has_a_help_with_examples),
        cmocka_unit_test(the_man_page_knows_every_verb_and_its_options),
        cmocka_unit_test(the_man_page_and_help_of_run_name_every_signal),
        cmocka_unit_test(an_unknown_word_is_a_usage_fault_and_names_the_nearest),
        cmocka_unit_test(an_unknown_option_of_a_verb_is_a_usage_fault),
        cmocka_unit_test(version_names_the_libraries),
        cmocka_unit_test(output_that_cannot_be_written_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * documents: navvy.yaml(5) and packaging/navvy.yaml against the option table. Both name every
 * option, with its default and its range, and no option that there is not.
 */
#include "base/units.h"
#include "tests/unit/config/loading.h"

#define MANUAL NAVVY_SOURCE_DIR "/docs/man/navvy.yaml.5"
#define SAMPLE NAVVY_SOURCE_DIR "/packaging/navvy.yaml"

static char *file_text(const char *path)
{
    struct buf text = {0};
    char block[4096];
    size_t got;
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        buf_append(&text, block, got);
    assert_int_equal(fclose(file), 0);
    assert_false(text.failed);
    assert_true(text.len > 0);
    return text.data;
}

static void append_choices(struct buf *out, const char *const *choices)
{
    for (size_t i = 0; choices[i] != NULL; i++)
        buf_printf(out, "%s%s", i > 0 ? ", " : "", choices[i]);
}

/* What may be given, in words; empty: anything. */
static struct buf allowed(const struct option *option)
{
    char min[UNITS_TEXT_MAX], max[UNITS_TEXT_MAX];
    struct buf out = {0};

    buf_append_str(&out, "");
    if (option->type == OPTION_BOOL)
        buf_append_str(&out, "true, false");
    else if (option->type == OPTION_PERCENT)
        buf_printf(&out, "%g%% to %g%%", option->min, option->max);
    else if (option->type == OPTION_JITTER)
        buf_append_str(&out, "none, full, 0% to 100%");
    else if (option->type == OPTION_CHOICE)
        append_choices(&out, option->choices);
    else if (option->type == OPTION_DURATION || option->type == OPTION_DURATIONS)
        buf_printf(&out, "%s to %s", units_format_duration((int64_t)option->min, min),
                   units_format_duration((int64_t)option->max, max));
    else if (option->type == OPTION_BYTES)
        buf_printf(&out, "%s to %s", units_format_bytes((uint64_t)option->min, min),
                   units_format_bytes((uint64_t)option->max, max));
    else if (option->max > 0)
        buf_printf(&out, "%.0f to %.0f", option->min, option->max);
    return out;
}

static const struct option *find_anywhere(const char *path)
{
    const struct option *option = option_find(OPTION_GLOBAL, path);
    if (option == NULL)
        option = option_find(OPTION_QUEUE, path);
    return option != NULL ? option : option_find(OPTION_HANDLER, path);
}

/* The option's part of the manual, up to the next one; yours. */
static char *manual_part(const char *manual, const struct option *option)
{
    char head[128];
    (void)snprintf(head, sizeof head, "\n.It Va %s\n", option->path);
    const char *start = strstr(manual, head);
    if (start == NULL)
        fail_msg("the manual does not know %s", option->path);
    const char *next = strstr(start + strlen(head), "\n.It "), *end = strstr(start, "\n.El");
    if (next == NULL || (end != NULL && end < next))
        next = end;
    assert_non_null(next);
    assert_null(strstr(start + strlen(head), head)); /* once */
    char *part = strndup(start, (size_t)(next + 1 - start));
    assert_non_null(part);
    return part;
}

static void assert_says(const char *part, const char *what, bool wanted, const char *path)
{
    if ((strstr(part, what) != NULL) != wanted)
        fail_msg("%s: the manual %s \"%s\"", path, wanted ? "does not say" : "says", what);
}

static void the_manual_says_what_the_table_says(void **state)
{
    (void)state;
    char *manual = file_text(MANUAL), line[256];
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        struct buf range = allowed(option);
        char *part = manual_part(manual, option);

        (void)snprintf(line, sizeof line, "\nDefault: %s.\n",
                       option->initial != NULL ? option->initial : "none");
        assert_says(part, line, true, option->path);
        (void)snprintf(line, sizeof line, "\nAllowed: %s.\n", range.data);
        assert_says(part, range.len > 0 ? line : "\nAllowed:", range.len > 0, option->path);
        (void)snprintf(line, sizeof line, "\nEnvironment:\n.Ev %s .\n",
                       option->env != NULL ? option->env : "");
        assert_says(part, option->env != NULL ? line : "\nEnvironment:", option->env != NULL,
                    option->path);
        assert_says(part, "\nRestart.\n", !option->reloadable, option->path);
        buf_free(&range);
        free(part);
    }
    free(manual);
}

static void the_manual_names_no_option_that_is_none(void **state)
{
    (void)state;
    static const char item[] = "\n.It Va ";
    char *manual = file_text(MANUAL), name[128];
    size_t count = 0;

    for (const char *at = manual; (at = strstr(at, item)) != NULL; count++) {
        at += strlen(item);
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\n"), at);
        if (find_anywhere(name) == NULL)
            fail_msg("the manual names %s, which is no option", name);
    }
    assert_int_equal(count, OPTION_COUNT_OF_ALL);
    free(manual);
}

enum { SAMPLE_DEPTH_MAX = 8, SAMPLE_WORD_MAX = 64 };

/* Where in the sample one is: the keys above, and how far each is indented. */
struct sample {
    char keys[SAMPLE_DEPTH_MAX][SAMPLE_WORD_MAX];
    size_t indents[SAMPLE_DEPTH_MAX], depth;
    bool seen[OPTION_COUNT_OF_ALL];
};

/* "redis.url"; of a queue or of `defaults` the path below it, with "handler" of a handler. NULL: a
 * queue itself, its `handler`, `defaults` or `queues`. */
static const char *sample_path(const struct sample *sample, char out[256], enum option_scope *scope)
{
    bool queues = strcmp(sample->keys[0], "queues") == 0;
    bool defaults = strcmp(sample->keys[0], "defaults") == 0;
    size_t from = queues ? 2 : defaults ? 1 : 0, len = 0;
    bool handler = queues && sample->depth > from && strcmp(sample->keys[from], "handler") == 0;

    *scope = handler ? OPTION_HANDLER : queues || defaults ? OPTION_QUEUE : OPTION_GLOBAL;
    for (size_t i = from; i < sample->depth; i++)
        len += (size_t)snprintf(out + len, 256 - len, "%s%s", i > from ? "." : "", sample->keys[i]);
    return sample->depth > from + handler ? out : NULL;
}

/* "value   # range"; does it say what is allowed? Where an option is shown again it need not. */
static bool check_sample_value(const struct option *option, const char *text)
{
    const char *comment = strstr(text, " #");
    size_t len = comment != NULL ? (size_t)(comment - text) : strlen(text);
    struct buf range = allowed(option);

    while (len > 0 && text[len - 1] == ' ')
        len--;
    if (option->initial != NULL &&
        !slice_equal((struct slice){text, len}, slice_of(option->initial)))
        fail_msg("%s: the sample shows \"%.*s\", the default is %s", option->path, (int)len, text,
                 option->initial);
    if (comment != NULL && strstr(comment, range.data) == NULL)
        fail_msg("%s: the sample allows \"%s\", the table \"%s\"", option->path, comment,
                 range.data);
    bool told = comment != NULL || range.len == 0;
    buf_free(&range);
    return told;
}

static void read_sample_key(struct sample *sample, size_t indent, const char *key, size_t key_len,
                            const char *value)
{
    char path[256];
    enum option_scope scope;

    while (sample->depth > 0 && sample->indents[sample->depth - 1] >= indent)
        sample->depth--;
    assert_true(sample->depth < SAMPLE_DEPTH_MAX && key_len < SAMPLE_WORD_MAX);
    sample->indents[sample->depth] = indent;
    (void)snprintf(sample->keys[sample->depth++], SAMPLE_WORD_MAX, "%.*s", (int)key_len, key);

    if (sample_path(sample, path, &scope) == NULL)
        return;
    const struct option *option = option_find(scope, path);
    if (option == NULL && !option_is_section(scope, path))
        fail_msg("the sample names %s, which is no option", path);
    if (option == NULL)
        return;
    bool told = check_sample_value(option, value);
    sample->seen[option - option_table] |= told;
}

/* "  key: value" or "  #key: value"; what has a blank behind its '#' is prose. */
static void read_sample_line(struct sample *sample, const char *line)
{
    size_t indent = strspn(line, " ");
    const char *key = line + indent + (line[indent] == '#');
    size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz_");

    if (len > 0 && key[len] == ':' && (key[len + 1] == ' ' || key[len + 1] == 0))
        read_sample_key(sample, indent, key, len, key + len + 1 + strspn(key + len + 1, " "));
}

static void the_sample_shows_every_option_with_its_default(void **state)
{
    (void)state;
    struct sample sample = {0};
    char *text = file_text(SAMPLE), *rest = text;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        read_sample_line(&sample, line);
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (!sample.seen[i])
            fail_msg("the sample does not show %s and what it may be", option_table[i].path);
    }
    free(text);
}

static void the_sample_loads_as_it_is_and_changes_no_default(void **state)
{
    (void)state;
    char *text = file_text(SAMPLE);
    struct config *sample = load(text), *plain = load(ONE_QUEUE);

    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        const void *left = option->scope == OPTION_GLOBAL ? (void *)sample : sample->queues;
        const void *right = option->scope == OPTION_GLOBAL ? (void *)plain : plain->queues;
        if (strncmp(option->path, "handler.", strlen("handler.")) != 0 &&
            !option_equal(option, left, right))
            fail_msg("the sample changes %s", option->path);
    }
    config_free(sample);
    config_free(plain);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_manual_says_what_the_table_says),
        cmocka_unit_test(the_manual_names_no_option_that_is_none),
        cmocka_unit_test(the_sample_shows_every_option_with_its_default),
        cmocka_unit_test(the_sample_loads_as_it_is_and_changes_no_default),
    };
    forget_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The metrics in the documents, the dashboard and the rules are those that there are. */
#include "admin/http/metrics_text.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *read_document(const char *name)
{
    char path[512];
    struct buf text = {0};
    char bytes[4096];
    size_t got;

    (void)snprintf(path, sizeof path, NAVVY_SOURCE_DIR "/%s", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        buf_append(&text, bytes, got);
    (void)fclose(file);
    assert_true(text.len > 0 && !text.failed);
    return text.data;
}

static bool is_name_byte(char byte)
{
    return islower((unsigned char)byte) || isdigit((unsigned char)byte) || byte == '_';
}

/* Also as one of the series of a histogram. */
static bool is_metric(struct slice name)
{
    static const char *const suffixes[] = {"", "_bucket", "_sum", "_count"};
    char text[128];

    for (int id = 0; id < METRIC_COUNT; id++) {
        bool is_histogram = strcmp(metric_table[id].type, "histogram") == 0;
        for (size_t i = 0; i < (is_histogram ? 4 : 1); i++) {
            (void)snprintf(text, sizeof text, "%s%s", metric_table[id].name, suffixes[i]);
            if (slice_equal(slice_of(text), name))
                return true;
        }
    }
    return false;
}

/* How many metrics it names; each of them must be one. */
static size_t check_names(const char *document)
{
    char *text = read_document(document);
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, "navvy_")) != NULL; count++) {
        struct slice name = {at, 0};
        while (is_name_byte(at[name.len]))
            name.len++;
        bool is_prefix = at[name.len] == '.'; /* navvy_fleet_... */
        if (!is_prefix && !is_metric(name))
            fail_msg("%s: there is no metric %.*s", document, (int)name.len, name.ptr);
        at += name.len;
    }
    free(text);
    return count;
}

static void what_watches_us_asks_for_metrics_that_there_are(void **state)
{
    (void)state;
    assert_true(check_names("packaging/grafana/navvy.json") > 20);
    assert_true(check_names("packaging/prometheus/alerts.yml") > 20);
    assert_true(check_names("packaging/prometheus/alerts_test.yml") > 20);
    assert_true(check_names("examples/keda/scaledobject.yaml") > 0);
}

static void the_manual_has_each_metric_word_for_word(void **state)
{
    (void)state;
    char *text = read_document("docs/operations.md");

    for (int id = 0; id < METRIC_COUNT; id++) {
        const struct metric *metric = &metric_table[id];
        char row[512];
        (void)snprintf(row, sizeof row, "\n| `%s` | %s | %s | %s |\n", metric->name, metric->type,
                       metric->labels, metric->help);
        if (strstr(text, row) == NULL)
            fail_msg("docs/operations.md lacks this row:%s", row);
    }
    free(text);
}

static void the_manual_has_no_other_metric(void **state)
{
    (void)state;
    char *text = read_document("docs/operations.md");
    size_t rows = 0;

    for (const char *at = text; (at = strstr(at, "\n| `navvy_")) != NULL; at += 4) {
        const char *name = at + 4;
        const char *end = strchr(name, '`');
        assert_non_null(end);
        rows +=
            strncmp(end, "` | ", 4) == 0 && is_metric((struct slice){name, (size_t)(end - name)});
    }
    assert_int_equal(rows, METRIC_COUNT);
    free(text);
}

static void each_alert_is_tested(void **state)
{
    (void)state;
    char *rules = read_document("packaging/prometheus/alerts.yml");
    char *cases = read_document("packaging/prometheus/alerts_test.yml");
    size_t alerts = 0;

    for (const char *at = rules; (at = strstr(at, "- alert: ")) != NULL; alerts++) {
        char sample[128];
        at += strlen("- alert: ");
        (void)snprintf(sample, sizeof sample, "{alertname=\"%.*s\"}", (int)strcspn(at, "\n"), at);
        if (strstr(cases, sample) == NULL)
            fail_msg("alerts_test.yml has no case in which it fires: %s", sample);
    }
    assert_true(alerts > 15);
    free(cases);
    free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_watches_us_asks_for_metrics_that_there_are),
        cmocka_unit_test(the_manual_has_each_metric_word_for_word),
        cmocka_unit_test(the_manual_has_no_other_metric),
        cmocka_unit_test(each_alert_is_tested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "admin/doctor/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "admin/doctor/checks.h"

enum { INDENT = 8 };

static const char *text(const struct buf *buf)
{
    return buf->len > 0 ? buf->data : "";
}

/* Its lines, each behind the same margin; they were made safe when they were found. */
static void print_lines(const char *label, const char *lines)
{
    for (const char *at = lines; *at != '\0'; label = "") {
        size_t len = strcspn(at, "\n");
        printf("  %-*s", INDENT - 2, label);
        (void)fwrite(at, 1, len, stdout);
        putchar('\n');
        at += len + (at[len] == '\n');
    }
}

static void print_finding(const struct finding *finding)
{
    printf("%s  %s", severity_name(finding->severity), finding->check->name);
    if (finding->subject.len > 0)
        printf("  queue %s", finding->subject.data);
    putchar('\n');
    print_lines("what", text(&finding->what));
    print_lines("why", finding->check->why);
    print_lines("do", text(&finding->mend));
    putchar('\n');
}

static size_t count_checks(void)
{
    size_t count = 0;

    while (doctor_checks[count].name != NULL)
        count++;
    return count;
}

void report_print(const struct facts *facts, const struct findings *findings, const char *where)
{
    struct slice version = facts_info(facts, "redis_version");

    printf("%s: version %.*s, %zu queues, %" PRId64 " keys looked at, round trip %.2f ms\n\n",
           where, (int)version.len, version.ptr ? version.ptr : "?", facts->queue_count,
           facts->keys_seen, (double)facts->rtt_us / 1000);
    for (size_t i = 0; i < findings->count; i++)
        print_finding(&findings->item[i]);
    if (facts->unread.len > 0) {
        puts("Not looked at:");
        print_lines("", facts->unread.data);
        putchar('\n');
    }
    if (findings->count == 0)
        printf("%zu checks, and nothing found.\n", count_checks());
    else
        printf("%zu checks: %zu critical, %zu warnings, %zu notes.\n", count_checks(),
               findings_count(findings, SEVERITY_CRITICAL),
               findings_count(findings, SEVERITY_WARNING), findings_count(findings, SEVERITY_NOTE));
}

static json_t *lines_json(const char *lines)
{
    json_t *array = json_array();

    for (const char *at = lines; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        json_array_append_new(array, json_stringn(at, len));
        at += len + (at[len] == '\n');
    }
    return array;
}

static json_t *finding_json(const struct finding *finding)
{
    return json_pack("{s:s, s:s, s:s?, s:s, s:s, s:o}", "check", finding->check->name, "severity",
                     severity_name(finding->severity), "queue",
                     finding->subject.len > 0 ? finding->subject.data : NULL, "what",
                     text(&finding->what), "why", finding->check->why, "do",
                     lines_json(text(&finding->mend)));
}

bool report_json(const struct facts *facts, const struct findings *findings, const char *where)
{
    json_t *array = json_array(), *checks = json_array();

    for (size_t i = 0; i < findings->count; i++)
        json_array_append_new(array, finding_json(&findings->item[i]));
    for (const struct doctor_check *check = doctor_checks; check->name != NULL; check++)
        json_array_append_new(checks, json_string(check->name));
    bool fine = findings_count(findings, SEVERITY_CRITICAL) == 0 &&
                findings_count(findings, SEVERITY_WARNING) == 0;
    json_t *all =
        json_pack("{s:b, s:s, s:I, s:I, s:I, s:o, s:o, s:o}", "fine", fine, "redis", where,
                  "queues", (json_int_t)facts->queue_count, "keys", (json_int_t)facts->keys_seen,
                  "rtt_us", (json_int_t)facts->rtt_us, "checks", checks, "findings", array,
                  "unread", lines_json(text(&facts->unread)));
    bool made = all != NULL && json_dumpf(all, stdout, JSON_COMPACT) == 0;
    putchar('\n');
    json_decref(all);
    return made;
}

void report_checks(void)
{
    for (const struct doctor_check *check = doctor_checks; check->name != NULL; check++) {
        puts(check->name);
        print_lines("reads", check->reads);
        print_lines("why", check->why);
    }
}

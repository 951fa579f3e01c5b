#include "admin/doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

enum { TEXT_MAX = 2048, FINDINGS_MAX = 1000 };

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {
        [SEVERITY_NOTE] = "note",
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_CRITICAL] = "critical",
    };
    return names[severity];
}

static void append_safe(struct buf *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t left = strlen(text);

    while (left > 0) {
        uint32_t point = 0;
        size_t len = utf8_decode(at, left, &point);
        if (len > 0 && point >= ' ' && (point < 0x7f || point > 0x9f))
            buf_append(out, at, len);
        else
            buf_printf(out, "\\x%02x", *at);
        len = len > 0 ? len : 1;
        at += len;
        left -= len;
    }
}

PRINTF_LIKE(2, 0) static void append_text(struct buf *out, const char *fmt, va_list args)
{
    char text[TEXT_MAX];

    vsnprintf(text, sizeof(text), fmt, args);
    append_safe(out, text);
}

void finding_add(struct findings *findings, enum severity severity, const char *subject,
                 const char *fmt, ...)
{
    struct finding *items = NULL;

    if (findings->count < FINDINGS_MAX)
        items = realloc(findings->item, (findings->count + 1) * sizeof(*items));
    if (items == NULL) {
        findings->failed = true;
        return;
    }
    findings->item = items;
    struct finding *finding = &items[findings->count++];
    *finding = (struct finding){.check = findings->check, .severity = severity};
    append_safe(&finding->subject, subject ? subject : "");
    va_list args;
    va_start(args, fmt);
    append_text(&finding->what, fmt, args);
    va_end(args);
}

void finding_mend(struct findings *findings, const char *fmt, ...)
{
    if (findings->failed || findings->count == 0)
        return;
    struct buf *mend = &findings->item[findings->count - 1].mend;
    va_list args;
    if (mend->len > 0)
        buf_append_str(mend, "\n");
    va_start(args, fmt);
    append_text(mend, fmt, args);
    va_end(args);
}

void findings_sort(struct findings *findings)
{
    for (size_t i = 1; i < findings->count; i++) {
        struct finding moved = findings->item[i];
        size_t at = i;
        for (; at > 0 && findings->item[at - 1].severity < moved.severity; at--)
            findings->item[at] = findings->item[at - 1];
        findings->item[at] = moved;
    }
}

size_t findings_count(const struct findings *findings, enum severity severity)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->item[i].severity == severity;
    return count;
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        buf_free(&findings->item[i].subject);
        buf_free(&findings->item[i].what);
        buf_free(&findings->item[i].mend);
    }
    free(findings->item);
    *findings = (struct findings){0};
}

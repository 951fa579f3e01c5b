#include "handler/stderr_log.h"

static void keep(struct stderr_log *log, const char *bytes, size_t len)
{
    size_t room = sizeof(log->line) - log->len;
    size_t part = len < room ? len : room;

    memcpy(log->line + log->len, bytes, part);
    log->len += part;
}

void stderr_log_end(struct stderr_log *log, const struct stderr_about *about)
{
    struct slice line = {log->line, log->len};

    while (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    log->len = 0;
    if (line.len > 0 && about->pid != 0)
        LOG_OF(about->log, log->level, "stderr", LOG_S("id", about->claim),
               LOG_I("child", about->pid), LOG_B("line", line));
    else if (line.len > 0)
        LOG_OF(about->log, log->level, "stderr", LOG_S("id", about->claim), LOG_B("line", line));
}

void stderr_log_take(struct stderr_log *log, const struct stderr_about *about, const char *bytes,
                     size_t len)
{
    tail_append(&log->tail, bytes, len);
    if (!log_scope_has(about->log, (int)log->level))
        return;
    while (len > 0) {
        const char *end = memchr(bytes, '\n', len);
        size_t part = end != NULL ? (size_t)(end - bytes) : len;

        keep(log, bytes, part);
        if (end != NULL) {
            stderr_log_end(log, about);
            part++;
        }
        bytes += part;
        len -= part;
    }
}

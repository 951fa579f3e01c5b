#include "admin/dlq_line.h"

#include "admin/base64.h"
#include "base/buf.h"

bool dlq_line_write(FILE *out, const char *queue, const struct dead_job *job)
{
    struct buf record = {0};
    json_t *line = dead_job_json(job);

    base64_encode(&record, job->bytes);
    bool whole = line != NULL && !record.failed && json_set_bytes(line, "queue", slice_of(queue)) &&
                 json_object_set_new(line, "record",
                                     json_stringn(record.len ? record.data : "", record.len)) == 0;
    whole = whole && json_dumpf(line, out, JSON_COMPACT) == 0 && putc('\n', out) != EOF;
    json_decref(line);
    buf_free(&record);
    return whole;
}

/* Any bytes: what is read is what is written again, and what is none changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "job/traceparent.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1); /* so that ASan sees a step too far */
    struct trace_context context = {1, 2, 3, false}, back;
    char text[TRACEPARENT_LEN + 1];

    CHECK(copy != NULL);
    if (len > 0)
        memcpy(copy, bytes, len);
    (void)tracestate_fits((struct slice){copy, len});
    if (traceparent_parse((struct slice){copy, len}, &context)) {
        CHECK((context.trace_high | context.trace_low) != 0 && context.span != 0);
        CHECK(traceparent_parse(slice_of(traceparent_format(&context, text)), &back));
        CHECK(memcmp(text + 2, copy + 2, 51) == 0); /* but for version and flags */
        CHECK(back.trace_high == context.trace_high && back.trace_low == context.trace_low);
        CHECK(back.span == context.span && back.sampled == context.sampled);
    } else {
        CHECK(context.trace_high == 1 && context.trace_low == 2 && context.span == 3);
    }
    free(copy);
    return 0;
}

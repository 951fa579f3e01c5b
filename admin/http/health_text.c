#include "admin/http/health_text.h"

#include <string.h>

static uint32_t faults_shown(const struct health *health)
{
    return health->fault_count < HEALTH_FAULTS_MAX ? health->fault_count : HEALTH_FAULTS_MAX;
}

void health_text(const struct health *health, bool about_life, struct buf *out)
{
    if (about_life) {
        buf_append_str(out, health_is_live(health) ? "live\n" : "not live\n");
        if (!health_is_live(health))
            buf_printf(out, "%s\n", health->stuck);
        return;
    }
    buf_append_str(out, health_is_ready(health) ? "ready\n" : "not ready\n");
    for (uint32_t i = 0; i < faults_shown(health); i++) {
        const char *words = health->fault[i].words;
        if (i == 0 || strcmp(words, health->fault[i - 1].words) != 0) /* of several workers */
            buf_printf(out, "%s\n", words);
    }
    if (health->fault_count > HEALTH_FAULTS_MAX)
        buf_printf(out, "and %u more\n", health->fault_count - HEALTH_FAULTS_MAX);
}

static json_t *text_or_null(const char *text)
{
    return text[0] != 0 ? json_string(text) : json_null();
}

static json_t *fault_json(const struct health_fault *fault)
{
    return json_pack("{s:s,s:o,s:o,s:s}", "name", fault->name, "queue", text_or_null(fault->queue),
                     "worker", text_or_null(fault->worker), "words", fault->words);
}

json_t *health_json(const struct health *health, bool about_life)
{
    json_t *faults = json_array();

    for (uint32_t i = 0; !about_life && i < faults_shown(health); i++)
        (void)json_array_append_new(faults, fault_json(&health->fault[i]));
    if (about_life && !health_is_live(health))
        (void)json_array_append_new(
            faults, json_pack("{s:s,s:s}", "name", "stuck", "words", health->stuck));
    return json_pack("{s:b,s:i,s:i,s:o}", about_life ? "live" : "ready",
                     about_life ? health_is_live(health) : health_is_ready(health), "workers",
                     (int)health->workers, "leased", (int)health->leased, "faults", faults);
}

#include "tests/support/admin_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

static const char listens[] = "\"msg\":\"listen\",\"address\":\"";

bool admin_address(const struct process *process, char out[ASK_ADDRESS_MAX])
{
    char *errors = process_errors(process);
    const char *found = NULL;

    for (const char *at = errors; (at = strstr(at, listens)) != NULL; at++) {
        if (strstr(at, "\",\"err\"") == NULL || strchr(at, '\n') < strstr(at, "\",\"err\""))
            found = at;
    }
    if (found != NULL)
        (void)snprintf(out, ASK_ADDRESS_MAX, "%.*s", (int)strcspn(found + strlen(listens), "\""),
                       found + strlen(listens));
    free(errors);
    return found != NULL;
}

static struct admin_rig *start(const char *redis_url, const char *settings, const char *listen)
{
    struct admin_rig *rig = calloc(1, sizeof *rig);
    char path[FOLDER_FILE_MAX], variable[FOLDER_FILE_MAX + 64];
    struct buf text = {0};

    assert_non_null(rig);
    folder_init(&rig->folder);
    buf_printf(&text, "redis: { url: \"%s\" }\nlog: { format: json }\n%s", redis_url, settings);
    if (strstr(settings, "queues:") == NULL)
        buf_append_str(&text, "\nqueues: { jobs: { handler: { builtin: noop } } }\n");
    folder_write(&rig->folder, "navvy.yaml", 0644, text.data);
    buf_free(&text);
    if (listen != NULL)
        (void)snprintf(variable, sizeof variable, "NAVVY_ADMIN_LISTEN=%s", listen);
    else
        (void)snprintf(variable, sizeof variable, "NAVVY_ADMIN_LISTEN=unix:%s/admin.sock",
                       rig->folder.path);
    const char *const argv[] = {NAVVY_BIN, "admin", "--config",
                                folder_file(&rig->folder, "navvy.yaml", path), NULL};
    const char *const env[] = {variable,       "REDIS_URL", "NAVVY_REDIS_URL", "NAVVY_ADMIN_TOKEN",
                               "NAVVY_CONFIG", NULL};
    rig->process = process_start(argv, env, NULL);
    EVENTUALLY(admin_address(rig->process, rig->address) || process_ended(rig->process),
               TEST_LIMIT_MS);
    if (process_ended(rig->process))
        TEST_FAIL("navvy admin ended with %d", rig->process->status);
    return rig;
}

struct admin_rig *admin_rig_start(const char *redis_url, const char *settings)
{
    return start(redis_url, settings, NULL);
}

struct admin_rig *admin_rig_start_with_port(const char *redis_url, const char *settings)
{
    return start(redis_url, settings, "127.0.0.1:0");
}

void admin_rig_free(struct admin_rig *rig)
{
    if (rig == NULL)
        return;
    process_free(rig->process);
    folder_fini(&rig->folder);
    free(rig);
}

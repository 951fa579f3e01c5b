#include "tests/support/worker_process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

static const char ledger_text[] =
    "#!/bin/sh\n"
    "payload=$(cat)\n"
    "cd \"${0%/*}\" || exit 75\n"
    "line=\"$payload $NAVVY_CLAIM $NAVVY_DELIVERY $NAVVY_ATTEMPT\"\n"
    "echo \"$line START\" >>ledger\n"
    "case $payload in\n"
    "wait-*) until [ -e go ] || [ ! -e handler ]; do sleep 0.02; done ;;\n"
    "fail-*) echo 'told to fail' >&2; exit 75 ;;\n"
    "crash-*) echo \"last words of $PPID\" >>/proc/$PPID/fd/2; kill -SEGV $PPID\n"
    "    while kill -0 $PPID 2>&-; do sleep 0.02; done; exit 75 ;;\n"
    "group-*|leave-*)\n"
    "    sh -c 'echo $$ >beside; until [ -e go ] || [ ! -e handler ]; do sleep 0.02; done' &\n"
    "    case $payload in group-*) wait ;; esac ;;\n"
    "path-*) echo \"$line $PATH\" >>ledger ;;\n"
    "never-*) echo 'told to fail for good' >&2; exit 65 ;;\n"
    "esac\n"
    "echo \"$line END\" >>ledger\n";

void ledger_init(struct ledger *ledger)
{
    folder_init(&ledger->folder);
    (void)folder_file(&ledger->folder, "handler", ledger->program);
    (void)folder_file(&ledger->folder, "ledger", ledger->file);
    (void)folder_file(&ledger->folder, "go", ledger->go);
    folder_write(&ledger->folder, "handler", 0755, ledger_text);
}

void ledger_fini(struct ledger *ledger)
{
    folder_fini(&ledger->folder);
}

void ledger_go(const struct ledger *ledger)
{
    folder_write(&ledger->folder, "go", 0644, "");
}

size_t ledger_count(const struct ledger *ledger, const char *payload, const char *end)
{
    char *text = file_text(ledger->file);
    char *rest = text;
    size_t count = 0;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        count += strstr(line, payload) == line && (end == NULL || strstr(line, end) != NULL);
    free(text);
    return count;
}

void worker_rewrite(struct worker_process *worker, const char *url, const struct ledger *ledger,
                    const char *settings)
{
    struct buf text = {0};
    const char *mark;

    buf_printf(&text, "redis: { url: \"%s\" }\nlog: { level: debug, format: json }\n", url);
    for (const char *at = settings; *at != 0; at = mark) {
        mark = strstr(at, "%s");
        mark = mark != NULL ? mark : at + strlen(at);
        buf_append(&text, at, (size_t)(mark - at));
        if (*mark != 0) {
            buf_append_str(&text, ledger->program);
            mark += 2;
        }
    }
    folder_write(&worker->folder, "navvy.yaml", 0644, text.data);
    buf_free(&text);
}

struct worker_process *worker_launch(const char *url, const struct ledger *ledger,
                                     const char *settings, const char *fault)
{
    struct worker_process *worker = calloc(1, sizeof(*worker));
    char path[FOLDER_FILE_MAX], plan[FOLDER_FILE_MAX + 64];

    assert_non_null(worker);
    folder_init(&worker->folder);
    worker_rewrite(worker, url, ledger, settings);
    (void)snprintf(plan, sizeof plan, "NAVVY_FAULT=%s", fault != NULL ? fault : "none");
    const char *view = strstr(settings, "admin:") != NULL ? "NAVVY_ADMIN_LISTEN" /* the file's */
                                                          : "NAVVY_ADMIN_LISTEN=off";
    const char *const argv[] = {NAVVY_BIN, "run", "--config",
                                folder_file(&worker->folder, "navvy.yaml", path), NULL};
    /* One process, which can be stopped and killed by its pid, unless processes are the matter;
     * then a SIGSEGV is one, and not a sanitizer's report. */
    const char *const alone[] = {plan, "REDIS_URL", "NAVVY_REDIS_URL", "NAVVY_PROCESSES=0", NULL};
    const char *const gang[] = {plan,
                                "REDIS_URL",
                                "NAVVY_REDIS_URL",
                                "NAVVY_PROCESSES",
                                view,
                                "ASAN_OPTIONS=handle_segv=0",
                                "TSAN_OPTIONS=handle_segv=0",
                                NULL};
    bool supervised = strstr(settings, "processes:") != NULL;
    worker->process = process_start(argv, supervised ? gang : alone, NULL);
    return worker;
}

struct worker_process *worker_start(const char *url, const struct ledger *ledger,
                                    const char *settings, const char *fault)
{
    struct worker_process *worker = worker_launch(url, ledger, settings, fault);
    EVENTUALLY(worker_said(worker, "\"msg\":\"join\"") || process_ended(worker->process),
               TEST_LIMIT_MS);
    if (fault == NULL && process_ended(worker->process))
        TEST_FAIL("navvy run ended with %d", worker->process->status);
    return worker;
}

void worker_free(struct worker_process *worker)
{
    if (worker == NULL)
        return;
    process_free(worker->process);
    folder_fini(&worker->folder);
    free(worker);
}

bool worker_said(const struct worker_process *worker, const char *text)
{
    char *errors = process_errors(worker->process);
    bool said = strstr(errors, text) != NULL;
    free(errors);
    return said;
}

int worker_kill(struct worker_process *worker)
{
    process_signal(worker->process, SIGKILL);
    return process_wait(worker->process, TEST_LIMIT_MS);
}

int worker_term(struct worker_process *worker)
{
    process_signal(worker->process, SIGTERM);
    return process_wait(worker->process, 4 * TEST_LIMIT_MS);
}

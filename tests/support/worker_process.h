/*
 * worker_process: a real `navvy run`, and a handler that leaves a trace outside of Redis.
 *
 * The ledger handler appends `payload claim delivery attempt START`, then what it was told to do,
 * then
 * `... END` to a file. What it does is in the payload: "wait-..." goes on when the file `go` is
 * there, "fail-..." exits 75, "never-..." exits 65, "crash-..." kills its worker with a SIGSEGV
 * that it says some last words before, "group-..." waits beside a process whose pid is in the file
 * `beside`, "leave-..." leaves such a one behind and is done; all others are done. Settings without
 * `processes:` get a worker without a supervisor, those without `admin:` no operators' view.
 */
#ifndef SUPPORT_WORKER_PROCESS_H
#define SUPPORT_WORKER_PROCESS_H

#include "tests/support/process.h"
#include "tests/support/redis_server.h"

struct worker_process {
    struct process *process;
    struct folder folder; /* navvy.yaml, the ledger of this worker's jobs unless shared */
};

/* A folder that workers share: the ledger program, its file, `go`. */
struct ledger {
    struct folder folder;
    char program[FOLDER_FILE_MAX], file[FOLDER_FILE_MAX], go[FOLDER_FILE_MAX];
};

void ledger_init(struct ledger *ledger);
void ledger_fini(struct ledger *ledger);
void ledger_go(const struct ledger *ledger); /* waiting handlers end */
/* Lines that hold all of these words; `end` NULL: any. */
size_t ledger_count(const struct ledger *ledger, const char *payload, const char *end);

/*
 * `settings`: YAML behind `redis:` (lease, pool, queues); its %s is the ledger's program, if it has
 * one. `fault`: NAVVY_FAULT, NULL for none. Returns when it has said that it is connected and
 * joined.
 */
struct worker_process *worker_start(const char *url, const struct ledger *ledger,
                                    const char *settings, const char *fault);
/* The same without waiting for anything. */
struct worker_process *worker_launch(const char *url, const struct ledger *ledger,
                                     const char *settings, const char *fault);
void worker_rewrite(struct worker_process *worker, const char *url, const struct ledger *ledger,
                    const char *settings);
void worker_free(struct worker_process *worker); /* kills it if need be; NULL is allowed */

bool worker_said(const struct worker_process *worker, const char *text); /* in its log */
int worker_kill(struct worker_process *worker);                          /* -9, and waits */
int worker_term(struct worker_process *worker);                          /* TERM, and waits */

#endif

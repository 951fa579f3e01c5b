#include "admin/dlq_bulk.h"
#include "admin/dlq_verbs.h"

static const struct dlq_bulk_verb verb = {
    .fate = DLQ_FATE_RETRY,
    .name = "retry",
    .past = "retried",
    .doc = "Send dead jobs of QUEUE back to work."
           "\vTheir attempts start anew, and they run even if the same work was done meanwhile. "
           "Each goes back once, also if two people do it at the same time; one that fails again "
           "while this runs is not sent back twice. It is a task: `navvy dlq tasks` shows how far "
           "it is, from anywhere; Ctrl-C stops it, and `navvy dlq resume` goes on. A canary that "
           "fails its first attempt has failed. Exit code 3: an ID is not there.\n\n"
           "Examples:\n"
           "  navvy dlq retry email web1-4711-9f86d081884c7d65:17\n"
           "  navvy dlq retry email --reason retries --error timeout --dry-run\n"
           "  navvy dlq retry email --older 1h --limit 100 --yes\n"
           "  navvy dlq retry email --all --rate 50/s --yes\n"
           "  navvy dlq retry email --signature 'HTTP 503' --canary 10 --stop-if-fail 20% --yes\n",
};

int dlq_retry(int argc, char **argv)
{
    return dlq_bulk_run(&verb, argc, argv);
}

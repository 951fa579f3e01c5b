#include "admin/dlq_bulk.h"
#include "admin/dlq_verbs.h"

static const struct dlq_bulk_verb drop = {
    .fate = DLQ_FATE_DROP,
    .name = "drop",
    .past = "dropped",
    .doc = "Throw dead jobs of QUEUE away. They are counted as purged."
           "\vThere is no way back but `navvy dlq export` before. Exit code 3: an ID is not "
           "there.\n\n"
           "Examples:\n"
           "  navvy dlq drop email web1-4711-9f86d081884c7d65:17\n"
           "  navvy dlq drop email --older 30d --yes\n"
           "  navvy dlq drop email --error 'no such user' --dry-run\n",
};

static const struct dlq_bulk_verb purge = {
    .fate = DLQ_FATE_DROP,
    .name = "purge",
    .past = "dropped",
    .doc = "Throw all dead jobs of QUEUE away. They are counted as purged."
           "\vThere is no way back but `navvy dlq export` before.\n\n"
           "Examples:\n"
           "  navvy dlq export email > email.dead && navvy dlq purge email --yes\n"
           "  navvy dlq purge email --dry-run\n",
    .takes_all = true,
};

int dlq_drop(int argc, char **argv)
{
    return dlq_bulk_run(&drop, argc, argv);
}

int dlq_purge(int argc, char **argv)
{
    return dlq_bulk_run(&purge, argc, argv);
}

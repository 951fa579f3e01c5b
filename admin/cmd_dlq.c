#include <stddef.h>

#include "admin/command.h"
#include "admin/dlq_verbs.h"

#define DLQ_ROW(verb, summary) {#verb, summary, dlq_##verb},
static const struct command dlq_table[] = {DLQ_VERBS(DLQ_ROW){NULL, NULL, NULL}};

static const char about[] =
    "A job is dead when its last attempt failed, when its handler said that it will never\n"
    "succeed, or when it could not even be tried. It stays until a person decides.\n\n"
    "  navvy dlq groups email\n"
    "  navvy dlq list email --reason retries --older 1h\n"
    "  navvy dlq show email ID\n"
    "  navvy dlq retry email ID\n"
    "  navvy dlq retry email --all --yes\n"
    "  navvy dlq drop email --error \"no such user\" --dry-run";

int cmd_dlq(int argc, char **argv)
{
    return command_dispatch(dlq_table, about, argc, argv);
}

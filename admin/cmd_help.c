#include <stdio.h>

#include "admin/command.h"

static const char about[] =
    "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found.\n"
    "New here? `navvy dev` needs nothing running: it starts a private Redis and a worker,\n"
    "and prints the line to push jobs with.";

int cmd_help(int argc, char **argv)
{
    static char program[] = "navvy";
    static char option[] = "--help";

    if (argc < 2 || argv[1][0] == '-') {
        char *words[] = {program, NULL};
        return command_dispatch(command_table, about, 1, words);
    }
    char *words[] = {program, argv[1], option, NULL};
    return command_dispatch(command_table, about, 3, words);
}

/*
 * navvy: the program. Everything is behind a verb; see admin/command.h.
 */
#include "admin/command.h"

int main(int argc, char **argv)
{
    return command_main(argc, argv);
}

#include "admin/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"

enum { VERB_MAX = 64 }; /* "navvy dlq export" */

#define COMMAND_ROW(verb, summary) {#verb, summary, cmd_##verb},
const struct command command_table[] = {COMMANDS(COMMAND_ROW){NULL, NULL, NULL}};

int command_fault(int code, const char *fmt, ...)
{
    FILE *out = command_words();
    va_list args;

    va_start(args, fmt);
    command_prefix(out);
    vfprintf(out, fmt, args);
    fputc('\n', out);
    va_end(args);
    return code;
}

int command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    argp_err_exit_status = COMMAND_USAGE;
    setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
    error_t fault = argp_parse(argp, argc, argv, 0, NULL, input);
    unsetenv("ARGP_HELP_FMT"); /* no business of a handler's */
    if (fault != 0)
        return command_fault(COMMAND_USAGE, "%s", strerror(fault));
    return COMMAND_OK;
}

void command_list(const struct command *table)
{
    for (const struct command *row = table; row->name != NULL; row++)
        printf("  %-12s %s\n", row->name, row->summary);
}

/* The row that `word` was most likely meant to be, or NULL. */
static const char *nearest_row(const struct command *table, const char *word)
{
    struct nearest nearest = nearest_to(slice_of(word));

    for (const struct command *row = table; row->name != NULL; row++)
        nearest_try(&nearest, slice_of(row->name));
    return nearest.found.ptr;
}

static int run_row(const struct command *row, int argc, char **argv)
{
    char name[VERB_MAX];
    char *first = argv[1];

    snprintf(name, sizeof(name), "%s %s", argv[0], row->name);
    argv[1] = name;
    int code = row->run(argc - 1, argv + 1);
    argv[1] = first;
    return code;
}

static int list_rows(const struct command *table, const char *about, const char *name)
{
    printf("Usage: %s VERB [...]\n\n", name);
    command_list(table);
    printf("\n`%s VERB --help` explains one.\n", name);
    if (about != NULL)
        printf("\n%s\n", about);
    return COMMAND_OK;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "-?") == 0;
}

int command_dispatch(const struct command *table, const char *about, int argc, char **argv)
{
    if (argc < 2 || asks_for_help(argv[1]))
        return list_rows(table, about, argv[0]);
    for (const struct command *row = table; row->name != NULL; row++)
        if (strcmp(row->name, argv[1]) == 0)
            return run_row(row, argc, argv);
    if (argv[1][0] == '-')
        return command_fault(COMMAND_USAGE, "options come after the verb: %s VERB %s", argv[0],
                             argv[1]);

    const char *near = nearest_row(table, argv[1]);
    if (near != NULL)
        return command_fault(COMMAND_USAGE, "there is no `%s %s`; did you mean `%s %s`?", argv[0],
                             argv[1], argv[0], near);
    return command_fault(COMMAND_USAGE, "there is no `%s %s`; `%s --help` lists the verbs", argv[0],
                         argv[1], argv[0]);
}

/* A full disk under `navvy dlq export > file` must not look like success. */
static int flush_stdout(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno == EPIPE) /* `| head` has seen enough */
        return code;
    return command_fault(COMMAND_FAILED, "could not write all of the output: %s",
                         errno != 0 ? strerror(errno) : "an earlier write failed");
}

/*
 * A descriptor that we were started without must not become that of a connection. What takes its
 * place fails as the missing one would: stdin cannot be read, stdout cannot be written.
 */
static void fill_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(COMMAND_FAILED);
}

/* The verb for words that are none: `navvy`, `navvy --help`, `navvy --version`. */
static char *implied_verb(char *word)
{
    static char help[] = "help", version[] = "version";

    if (word == NULL || asks_for_help(word))
        return help;
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return version;
    return word;
}

int command_main(int argc, char **argv)
{
    static char name[] = "navvy";
    char *bare[] = {name, implied_verb(NULL), NULL};

    fill_descriptors();
    signal(SIGPIPE, SIG_IGN); /* a server that goes away is an error reply, not our end */
    if (argc < 2)
        return flush_stdout(command_dispatch(command_table, NULL, 2, bare));
    argv[0] = name;
    argv[1] = implied_verb(argv[1]);
    return flush_stdout(command_dispatch(command_table, NULL, argc, argv));
}

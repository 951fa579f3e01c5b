#include "handler/limits_env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handler/exec_env.h"

static const char *const of_a_user[] = {"HOME", "USER", "LOGNAME"};

enum { OF_A_USER = sizeof(of_a_user) / sizeof(of_a_user[0]) };

static bool is_named(const char *entry, const char *name)
{
    size_t len = strlen(name);
    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

static bool passes(const char *entry, const struct limits *limits)
{
    char *const *allowed = limits->conf->env;

    if (exec_env_is_ours(entry))
        return false;
    for (int i = 0; limits->other_user && i < OF_A_USER; i++) {
        if (is_named(entry, of_a_user[i]))
            return false;
    }
    if (allowed == NULL)
        return true;
    while (*allowed != NULL && !is_named(entry, *allowed))
        allowed++;
    return *allowed != NULL;
}

static char *put(char *out, const char *name, const char *value)
{
    return stpcpy(stpcpy(stpcpy(out, name), "="), value) + 1;
}

/* "HOME=...", "USER=...", "LOGNAME=..." at `text`. */
static void add_user(struct limits *limits, const struct limits_home *home, char *text)
{
    for (int i = 0; i < OF_A_USER; i++) {
        limits->env[limits->env_count++] = text;
        text = put(text, of_a_user[i], i == 0 ? home->folder : home->user);
    }
}

bool limits_make_env(struct limits *limits, const struct limits_home *home,
                     char error[HANDLER_ERROR_MAX])
{
    size_t count = 0, text_bytes = 0;

    while (environ[count] != NULL)
        count++;
    if (home->user != NULL)
        text_bytes = strlen("HOME=USER=LOGNAME=") + strlen(home->folder) + 2 * strlen(home->user) +
                     OF_A_USER;
    size_t pointers = count + OF_A_USER + 1;
    limits->env = malloc(pointers * sizeof(*limits->env) + text_bytes);
    if (limits->env == NULL) {
        strcpy(error, "no memory");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (passes(environ[i], limits))
            limits->env[limits->env_count++] = environ[i];
    }
    if (home->user != NULL)
        add_user(limits, home, (char *)(limits->env + pointers));
    limits->env[limits->env_count] = NULL;
    return true;
}

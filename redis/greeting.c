#include "redis/greeting.h"

#include <stdio.h>

static void put(struct greeting_command *out, const char *text)
{
    out->argv[out->argc++] = slice_of(text);
}

static void auth_command(struct greeting_command *out, const struct endpoint *endpoint)
{
    if (endpoint->password[0] == '\0')
        return;
    put(out, "AUTH");
    if (endpoint->user[0] != '\0')
        put(out, endpoint->user);
    put(out, endpoint->password);
}

static void select_command(struct greeting_command *out, const struct endpoint *endpoint)
{
    if (endpoint->db == 0)
        return;
    snprintf(out->digits, sizeof out->digits, "%d", endpoint->db);
    put(out, "SELECT");
    put(out, out->digits);
}

static void name_command(struct greeting_command *out, const char *name)
{
    put(out, "CLIENT");
    put(out, "SETNAME");
    put(out, name);
}

void greeting_command(struct greeting_command *out, enum greeting_step step,
                      const struct endpoint *endpoint, const char *name)
{
    out->argc = 0;
    switch (step) {
    case GREETING_AUTH:
        auth_command(out, endpoint);
        return;
    case GREETING_SELECT:
        select_command(out, endpoint);
        return;
    case GREETING_NAME:
        name_command(out, name);
        return;
    case GREETING_PING:
        put(out, "PING");
        return;
    case GREETING_COUNT:
        break;
    }
    CHECK(false);
}

enum greeting_verdict greeting_judge(enum greeting_step step, const struct reply *reply)
{
    enum error_class error = reply_error(reply);

    if (error == ERROR_NONE)
        return GREETING_PASSED;
    if (error == ERROR_UNANSWERED || error == ERROR_REFUSED)
        return GREETING_FAILED;
    if (step == GREETING_NAME)
        return GREETING_PASSED;
    /* AUTH is also refused with a plain ERR: where the server has no password at all. */
    return error == ERROR_DENIED || step == GREETING_AUTH ? GREETING_DENIED : GREETING_FAILED;
}

#include "admin/refusal.h"

#include <stdio.h>

#include "admin/command.h"

const char *refusal_advice(enum error_class class_)
{
    static const char *const advice[ERROR_CLASS_COUNT] = {
        [ERROR_NONE] = "nothing was refused",
        [ERROR_NO_SCRIPT] = "nothing was executed: try again",
        [ERROR_REDIRECT] = "this is a cluster and another node has the queue: give its address",
        [ERROR_OOM] = "the memory of Redis is full: let workers drain it, or raise maxmemory",
        [ERROR_REFUSED] = "Redis cannot do it now: try again later",
        [ERROR_RECONNECT] = "a replica, or no longer the master: give the master with --redis",
        [ERROR_DENIED] = "this user may not do it: check user, password and ACL",
        [ERROR_WRONG_TYPE] = "the key holds something else than a queue",
        [ERROR_OTHER] = "Redis did not do it",
        [ERROR_UNANSWERED] = "no answer: it may have happened or not",
    };
    return advice[class_];
}

void refusal_print(const char *what, const struct reply *reply)
{
    struct slice text = reply_error_text(reply);
    FILE *out = command_words();

    command_prefix(out);
    fprintf(out, "%s: ", what);
    print_escaped_to(out, text, 0);
    fputc('\n', out);
    command_prefix(out);
    fprintf(out, "%s\n", refusal_advice(reply_error(reply)));
}

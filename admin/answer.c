#include "admin/answer.h"

#include "admin/command.h"
#include "admin/refusal.h"

bool answer_ok(struct client *client, struct reply *reply)
{
    if (reply_error(reply) == ERROR_NONE)
        return true;
    if (reply == NULL)
        command_fault(COMMAND_FAILED, "%s", client_error(client));
    else
        refusal_print("Redis refused", reply);
    client_reply_free(reply);
    return false;
}

int64_t answer_int(struct client *client, struct reply *reply)
{
    if (!answer_ok(client, reply))
        return -1;
    int64_t number = reply_int(reply);
    client_reply_free(reply);
    return number;
}

int64_t answer_now_ms(struct client *client)
{
    struct reply *reply = client_callf(client, "TIME");
    if (!answer_ok(client, reply))
        return -1;
    int64_t ms = reply_int(reply_at(reply, 0)) * 1000 + reply_int(reply_at(reply, 1)) / 1000;
    client_reply_free(reply);
    return ms;
}

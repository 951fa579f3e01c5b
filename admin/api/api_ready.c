/*
 * /readyz where there are no workers (`navvy admin`): does Redis answer?
 */
#include "admin/answer.h"
#include "admin/api/routes.h"

void api_ready(struct session *session, const struct api_request *request,
               struct api_answer *answer)
{
    struct reply *reply = client_callf(session->client, "PING");

    (void)request;
    if (!answer_ok(session->client, reply)) {
        api_command(answer, session, COMMAND_FAILED);
        return;
    }
    client_reply_free(reply);
    answer->json = json_pack("{s:b,s:i,s:i,s:[]}", "ready", 1, "workers", 0, "leased", 0, "faults");
}

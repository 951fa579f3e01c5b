#include "admin/session.h"

int session_open(struct session *session, const struct common *common, const char *queue)
{
    *session = (struct session){0};
    if (queue != NULL && !common_keys(queue, &session->keys))
        return COMMAND_USAGE;
    session->config = common_config(common);
    if (session->config == NULL)
        return COMMAND_FAILED;
    session->client = common_client(session->config);
    if (session->client != NULL)
        return COMMAND_OK;
    session_close(session);
    return COMMAND_FAILED;
}

void session_close(struct session *session)
{
    client_close(session->client);
    config_free(session->config);
    *session = (struct session){0};
}

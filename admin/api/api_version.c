#include "admin/api/routes.h"

void api_version(struct session *session, const struct api_request *request,
                 struct api_answer *answer)
{
    static const char *const roles[] = {"none", "read", "operate"};

    (void)session;
    answer->json = json_pack("{s:s,s:s,s:s}", "version", NAVVY_VERSION, "role",
                             roles[request->role], "who", request->who);
}

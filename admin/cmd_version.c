#include <event2/event.h>
#include <openssl/crypto.h>
#include <stdio.h>

#include "admin/command.h"
#include "redis/library.h"

static const char doc[] = "Print the versions of navvy and of the libraries it runs with."
                          "\vExamples:\n  navvy version\n  navvy version --json\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print one JSON object", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    if (key != 'j')
        return ARGP_ERR_UNKNOWN;
    *(bool *)state->input = true;
    return 0;
}

int cmd_version(int argc, char **argv)
{
    static const struct argp argp = {options, option, NULL, doc, NULL, NULL, NULL};
    const char *crypto = OpenSSL_version(OPENSSL_VERSION_STRING);
    bool json = false;

    int code = command_parse(&argp, argc, argv, &json);
    if (code != COMMAND_OK)
        return code;
    if (!json) {
        printf("navvy %s (hiredis %s, libevent %s, OpenSSL %s)\n", NAVVY_VERSION,
               redis_library_version(), event_get_version(), crypto);
        return COMMAND_OK;
    }
    printf("{\"navvy\":\"%s\",\"hiredis\":\"%s\",\"libevent\":\"%s\",\"openssl\":\"%s\"}\n",
           NAVVY_VERSION, redis_library_version(), event_get_version(), crypto);
    return COMMAND_OK;
}

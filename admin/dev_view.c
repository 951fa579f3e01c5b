#include "admin/dev_view.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/http/serve.h"
#include "admin/http/server.h"
#include "base/log.h"
#include "config/listen.h"

static enum listen_kind place(const struct config *config, struct listen_at *at)
{
    char error[LISTEN_ERROR_MAX];

    return listen_parse(config->admin_listen, at, error) ? at->kind : LISTEN_OFF;
}

void dev_view_print(const struct config *config, FILE *out)
{
    struct listen_at at;
    enum listen_kind kind = place(config, &at);

    if (kind == LISTEN_UNIX)
        (void)fprintf(out, "\nthe page is at the socket %s\n", at.path);
    else if (kind == LISTEN_TCP)
        (void)fprintf(out,
                      strchr(at.host, ':') ? "\nthe page: http://[%s]:%d/\n"
                                           : "\nthe page: http://%s:%d/\n",
                      at.host, at.port);
}

/* Does not return. */
static void be_view(const struct config_source *source, pid_t parent)
{
    struct buf errors = {0};

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setpgid(0, 0);
    (void)signal(SIGCHLD, SIG_DFL);
    if (getppid() != parent)
        _exit(0);
    struct config *config = config_load(source, &errors); /* a second one: it is the view's own */
    _exit(config != NULL ? serve_run(config, source, NULL) : 1);
}

pid_t dev_view_start(const struct config *config, const struct config_source *source)
{
    struct listen_at at;
    pid_t parent = getpid();

    if (place(config, &at) == LISTEN_OFF || !server_is_fine(config))
        return 0;
    pid_t pid = fork();
    if (pid == 0)
        be_view(source, parent);
    if (pid < 0)
        LOG(LOG_ERROR, "admin", LOG_S("err", strerror(errno)), LOG_S("do", "there is no page"));
    return pid < 0 ? 0 : pid;
}

void dev_view_stop(pid_t pid)
{
    if (pid == 0)
        return;
    (void)kill(pid, SIGTERM);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

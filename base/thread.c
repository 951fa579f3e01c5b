#include "base/thread.h"

#include <signal.h>
#include <stddef.h>

static void block_signals(sigset_t *before)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
    sigset_t blocked;

    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        sigdelset(&blocked, own[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, before);
}

int thread_start(pthread_t *thread, void *(*work)(void *), void *arg)
{
    sigset_t before;
    pthread_t detached;

    block_signals(&before);
    int fault = pthread_create(thread != NULL ? thread : &detached, NULL, work, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (fault == 0 && thread == NULL)
        (void)pthread_detach(detached);
    return fault;
}

#include "admin/interrupt.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t stop_signal;

static void on_stop(int signal_number)
{
    if (stop_signal != 0)
        _exit(128 + signal_number);
    stop_signal = signal_number;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_stop};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int interrupt_signal(void)
{
    return stop_signal;
}

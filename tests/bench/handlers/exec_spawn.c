/*
 * exec_spawn: how many programs a second THREADS threads start and wait for, COUNT in all, with
 * nothing but posix_spawn and waitpid, or as exec handlers do. Prints programs a second, and us of
 * CPU for each, with what it used itself. Run by tests/bench/handlers/exec.
 *
 *   bench_exec_spawn spawn|handler THREADS COUNT
 */
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "handler/handler.h"
#include "handler/registry.h"

enum { THREADS_MAX = 64 };

static char program[] = "/bin/true";
static char *argv_of_it[] = {program, NULL};
static atomic_int left;
static struct queue_conf queue = {.handler = {.kind = HANDLER_EXEC, .exec = argv_of_it}};

static void spawn_one(void)
{
    pid_t pid;
    int status;

    CHECK(posix_spawn(&pid, program, NULL, NULL, argv_of_it, environ) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void handle_one(int wake_fd)
{
    struct job job = {.conf = &queue, .queue = "bench", .timeout_ms = 30000};
    struct stopper stopper = {
        .job = &job, .wake_fd = wake_fd, .deadline_ms = clock_mono_ms() + job.timeout_ms};

    strcpy(job.claim, "host-4711-9f:17");
    job.record.payload = slice_of("payload");
    handler_run(&job, &stopper);
    CHECK(job.result.outcome == JOB_DONE);
}

static void *work(void *spawns)
{
    int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    while (atomic_fetch_sub(&left, 1) > 0) {
        if (*(const bool *)spawns)
            spawn_one();
        else
            handle_one(wake_fd);
    }
    close(wake_fd);
    return NULL;
}

static double cpu_us(__rusage_who_t who)
{
    struct rusage used;

    CHECK(getrusage(who, &used) == 0);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
    static char name[] = "bench";
    bool spawns = argc == 4 && strcmp(argv[1], "spawn") == 0;
    int threads = argc == 4 ? atoi(argv[2]) : 0, count = argc == 4 ? atoi(argv[3]) : 0;
    pthread_t thread[THREADS_MAX];
    struct buf errors = {0};

    if (threads < 1 || threads > THREADS_MAX || count < 1) {
        fprintf(stderr, "usage: bench_exec_spawn spawn|handler THREADS COUNT\n");
        return 2;
    }
    queue.name = name;
    CHECK(registry_open_queue(&queue, &errors));
    atomic_store(&left, count);
    int64_t began_ns = clock_mono_ns();
    for (int i = 0; i < threads; i++)
        CHECK(pthread_create(&thread[i], NULL, work, &spawns) == 0);
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    printf("%.0f %.0f\n", (double)count * 1e9 / (double)(clock_mono_ns() - began_ns),
           (cpu_us(RUSAGE_SELF) + cpu_us(RUSAGE_CHILDREN)) / count);
    registry_release_queue(&queue);
    return 0;
}

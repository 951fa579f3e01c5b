#include "admin/enqueue_result.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/interrupt.h"
#include "base/random.h"

bool enqueue_result_prepare(struct enqueue_result *wait, struct enqueue_words *words,
                            const struct config *config)
{
    const struct queue_conf *queue = config_queue(config, words->queue);
    struct record *header = &words->plan.header;

    if (queue != NULL && queue->result_ttl_ms == 0) {
        command_fault(0,
                      "%s keeps no results, so there is nothing to wait for; nothing was enqueued. "
                      "Set result_ttl of that queue in %s, for example to 1h",
                      words->queue, words->common.source.path);
        return false;
    }
    if (header->id.ptr == NULL) {
        snprintf(wait->id, sizeof(wait->id), "%016" PRIx64 "%016" PRIx64, random_u64(),
                 random_u64());
        header->id = slice_of(wait->id);
        words->plan.with_header = true;
    }
    wait->key_len = queue_key_result(&words->plan.keys, header->id, header->id, wait->key);
    return true;
}

bool enqueue_result_begin(struct enqueue_result *wait, struct client *client)
{
    struct result result;

    if (!result_fetch(client, (struct slice){wait->key, wait->key_len}, &result))
        return false;
    wait->before = result.stamp;
    result_free(&result);
    return true;
}

static void say_it_goes_on(const struct enqueue_words *words, const char *why)
{
    struct slice id = words->plan.header.id;

    fprintf(stderr, "navvy: %s; the job goes on, see: navvy result --queue %s --wait ", why,
            words->queue);
    print_escaped_to(stderr, id, 0);
    fputc('\n', stderr);
}

int enqueue_result_end(const struct enqueue_result *wait, const struct enqueue_words *words,
                       struct client *client)
{
    struct slice key = {wait->key, wait->key_len};
    struct slice id = words->plan.header.id;
    struct result result;

    switch (result_wait(client, key, wait->before, words->wait_result_ms, &result)) {
    case RESULT_OVER:
        break;
    case RESULT_TIMEOUT:
        say_it_goes_on(words, "not finished in time");
        result_free(&result);
        return COMMAND_UNFINISHED;
    case RESULT_INTERRUPTED:
        say_it_goes_on(words, "interrupted");
        result_free(&result);
        return 128 + interrupt_signal();
    case RESULT_FAILED:
        say_it_goes_on(words, "the wait failed");
        return COMMAND_FAILED;
    }
    if (words->json)
        result_print_json(words->queue, id.ptr, &result);
    else
        result_print(words->queue, id.ptr, &result);
    int code = result_code(&result);
    result_free(&result);
    return code;
}

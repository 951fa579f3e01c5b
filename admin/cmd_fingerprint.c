/*
 * navvy fingerprint: would this job be a duplicate, and of which?
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/command.h"
#include "admin/refusal.h"
#include "admin/window_find.h"
#include "idempotency/fingerprint.h"
#include "job/record.h"

struct fingerprint_words {
    struct common common; /* first: common_argp's input */
    const char *queue, *payload;
    const char *key, *type; /* above those of the element's header */
    bool json;
};

/* What is known about one fingerprint. */
struct finding {
    char hex[KEY_FINGERPRINT_HEX + 1];
    char raw[FINGERPRINT_BYTES];
    char key[KEY_MAX];
    char holder[CLAIM_ID_MAX]; /* empty: nobody */
    int64_t ttl_ms;            /* -1: it has no end */
    bool has_key;              /* made of a key, not of the payload */
};

static const char doc[] =
    "Show the fingerprint of a job, the job that holds it, and for how long: as long as it is "
    "held, "
    "a job with the same fingerprint is a duplicate and is dropped. Without PAYLOAD it is read "
    "from "
    "stdin, every byte of it. The element may have a header; its key and type count."
    "\vExit codes: 0 somebody holds it, 1 failed, 2 usage, 3 nobody holds it.\n"
    "\n"
    "Examples:\n"
    "  navvy fingerprint email '{\"to\":\"bob\"}'\n"
    "  navvy fingerprint email --key bob-welcome\n"
    "  navvy fingerprint --json email < element\n";

static const struct argp_option options[] = {
    {"key", 'k', "TEXT", 0, "Idempotency key: then the payload does not matter", 0},
    {"type", 't', "TEXT", 0, "Type of the job", 0},
    {"json", 'j', NULL, 0, "Print one JSON object: queue, fingerprint, key, holder, ttl_ms", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct fingerprint_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case 'k':
        words->key = arg;
        return 0;
    case 't':
        words->type = arg;
        return 0;
    case 'j':
        words->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one PAYLOAD; quote it if it has blanks");
        if (state->arg_num == 0)
            words->queue = arg;
        else
            words->payload = arg;
        return 0;
    case ARGP_KEY_END:
        if (words->queue == NULL)
            argp_error(state, "which queue?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 1}, {0}};
static const struct argp argp = {options, option, "QUEUE [PAYLOAD]", doc, children, NULL, NULL};

/* The whole of stdin. False: said why. */
static bool read_element(struct buf *element)
{
    enum { BLOCK = 65536, ELEMENT_MAX = 64 * 1024 * 1024 + RECORD_HEADER_MAX };
    static char block[BLOCK];
    ssize_t got = 0;

    while ((got = read(STDIN_FILENO, block, BLOCK)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            command_fault(0, "cannot read stdin: %s", strerror(errno));
            return false;
        }
        buf_append(element, block, (size_t)got);
        if (element->failed || element->len > ELEMENT_MAX) {
            command_fault(0, "stdin is larger than any job can be");
            return false;
        }
    }
    return true;
}

static bool compute(const struct fingerprint_words *words, const struct queue_keys *keys,
                    struct slice element, struct finding *finding)
{
    static char scratch[RECORD_HEADER_MAX];
    struct record record;

    enum record_fault fault = record_parse(element.ptr, element.len, scratch, &record);
    if (fault != RECORD_OK) {
        command_fault(0, "the header of this element is broken: %s",
                      fault == RECORD_MALFORMED ? record.why : "an unknown version");
        return false;
    }
    struct fingerprinter *fingerprinter = fingerprinter_new();
    if (fingerprinter == NULL) {
        command_fault(0, "OpenSSL has no SHA-256");
        return false;
    }
    struct slice type = words->type != NULL ? slice_of(words->type) : record.type;
    struct slice key = words->key != NULL ? slice_of(words->key) : record.key;
    finding->has_key = key.ptr != NULL;
    fingerprint_hex(fingerprinter, slice_of(words->queue), type, key, record.payload, finding->hex);
    fingerprint_raw(fingerprinter, slice_of(words->queue), type, key, record.payload, finding->raw);
    fingerprinter_free(fingerprinter);
    queue_key_fingerprint(keys, finding->hex, finding->key);
    return true;
}

static bool look_up(struct client *client, struct finding *finding)
{
    struct reply *holder = client_callf(client, "GET %s", finding->key);
    struct reply *ttl = client_callf(client, "PTTL %s", finding->key);
    bool good = reply_error(holder) == ERROR_NONE && reply_error(ttl) == ERROR_NONE;

    if (!good)
        refusal_print(finding->key, reply_error(holder) != ERROR_NONE ? holder : ttl);
    struct slice text = reply_text(holder);
    if (good && text.ptr != NULL)
        snprintf(finding->holder, sizeof(finding->holder), "%.*s", (int)text.len, text.ptr);
    finding->ttl_ms = reply_int(ttl);
    client_reply_free(holder);
    client_reply_free(ttl);
    return good;
}

/* Where the queue's workers look. */
static bool look_up_there(struct client *client, const struct queue_keys *keys,
                          struct finding *finding)
{
    struct window_find found;

    if (!window_find(client, keys, finding->raw, &found))
        return false;
    if (!found.windows)
        return look_up(client, finding);
    memcpy(finding->key, found.key, sizeof finding->key);
    memcpy(finding->holder, found.holder, sizeof finding->holder);
    finding->ttl_ms = found.ttl_ms;
    return true;
}

static void print_json(const struct fingerprint_words *words, const struct finding *finding)
{
    bool held = finding->holder[0] != '\0';
    json_t *ttl = held && finding->ttl_ms >= 0 ? json_integer(finding->ttl_ms) : json_null();
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s?, s:o}", "queue", words->queue, "fingerprint", finding->hex,
                  "key", finding->key, "holder", held ? finding->holder : NULL, "ttl_ms", ttl);

    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* To the second; a person does not want 86398946ms. */
static void print_ttl(int64_t ttl_ms)
{
    int64_t s = (ttl_ms + 999) / 1000;

    if (ttl_ms < 0)
        puts("for ever");
    else if (s >= 3600)
        printf("%" PRId64 "h%02" PRId64 "m\n", s / 3600, s / 60 % 60);
    else if (s >= 60)
        printf("%" PRId64 "m%02" PRId64 "s\n", s / 60, s % 60);
    else
        printf("%" PRId64 "s\n", s);
}

static void print_text(const struct finding *finding)
{
    printf("key     %s\n", finding->key);
    if (finding->holder[0] == '\0') {
        puts("holder  nobody");
        return;
    }
    fputs("holder  ", stdout);
    print_escaped(slice_of(finding->holder), 0);
    fputs("\nttl     ", stdout);
    print_ttl(finding->ttl_ms);
}

/* When the queue's workers would not look at this fingerprint. */
static void print_note(const struct queue_conf *queue, bool has_key)
{
    if (queue == NULL)
        return;
    if (queue->idempotency_ttl_ms == 0)
        command_fault(0, "note: idempotency is off for this queue");
    else if (queue->idempotency_by == FINGERPRINT_KEY && !has_key)
        command_fault(0, "note: in this queue only jobs with a key have a fingerprint");
}

static int run(const struct fingerprint_words *words, const struct config *config,
               const struct queue_keys *keys, struct finding *finding)
{
    struct client *client = common_client(config);
    const struct queue_conf *queue = config_queue(config, words->queue);

    bool good = client != NULL && look_up_there(client, keys, finding);
    client_close(client);
    if (!good)
        return COMMAND_FAILED;
    print_note(queue, finding->has_key);
    if (words->json)
        print_json(words, finding);
    else
        print_text(finding);
    return finding->holder[0] != '\0' ? COMMAND_OK : COMMAND_NOT_FOUND;
}

int cmd_fingerprint(int argc, char **argv)
{
    struct fingerprint_words words = {0};
    struct finding finding = {0};
    struct queue_keys keys;
    struct buf element = {0};

    int code = command_parse(&argp, argc, argv, &words);
    if (code != COMMAND_OK)
        return code;
    if (!common_keys(words.queue, &keys))
        return COMMAND_USAGE;
    struct config *config = common_config(&words.common);
    if (config == NULL)
        return COMMAND_FAILED;
    if (words.payload != NULL)
        buf_append_str(&element, words.payload);
    bool good = words.payload != NULL || words.key != NULL || read_element(&element);
    struct slice bytes = {element.data != NULL ? element.data : "", element.len};
    code = good && compute(&words, &keys, bytes, &finding) ? run(&words, config, &keys, &finding)
                                                           : COMMAND_FAILED;
    buf_free(&element);
    config_free(config);
    return code;
}

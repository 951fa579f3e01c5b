#include "admin/doctor/rights.h"

#include <stdio.h>
#include <string.h>

#include "admin/doctor/quote.h"
#include "redis/reply.h"

enum { RIGHT_WORDS_MAX = 8, RIGHT_TEXT_MAX = 64 };

struct right {
    const char *name, *call;
};
#define RIGHT_ROW(name, call) {name, call},
static const struct right rights_of_all[] = {RIGHTS(RIGHT_ROW)};
static const struct right rights_of_windows[] = {RIGHTS_WINDOWS(RIGHT_ROW)};

/* Calls ARGV and answers with the error's words; all others are as good as none. */
static const char script[] = "#!lua flags=no-writes\n"
                             "local answer = redis.pcall(unpack(ARGV))\n"
                             "if type(answer) == 'table' and answer.err then\n"
                             "  return 'error ' .. answer.err\n"
                             "end\n"
                             "return 'fine'\n";

static bool says(struct slice text, const char *words)
{
    return text.ptr != NULL && memmem(text.ptr, text.len, words, strlen(words)) != NULL;
}

/* The words of 7.0, of later versions, and outside of scripts. */
static bool lacks_command(struct slice text)
{
    return says(text, "can't run this command") || says(text, "no permissions to run");
}

static bool lacks_key(struct slice text)
{
    return says(text, "can't access at least one of the keys") ||
           (says(text, "no permissions to access") && says(text, "key"));
}

static struct slice words_of(const struct reply *reply)
{
    return reply_kind(reply) == REPLY_ERROR ? reply_error_text(reply) : reply_text(reply);
}

/* Does `buf` hold this word, among others with blanks in front? */
static bool has_word(const struct buf *buf, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = buf->data; at != NULL && (at = strstr(at, word)) != NULL; at += len)
        if (at[len] == ' ' || at[len] == '\0')
            return true;
    return false;
}

static void add_word(struct buf *buf, const char *sign, struct slice word)
{
    char text[QUOTED_MAX + 2];

    (void)snprintf(text, sizeof(text), " %s%.*s", sign, (int)word.len, word.ptr);
    if (!has_word(buf, text))
        buf_append_str(buf, text);
}

/* Splits the call; KEY becomes the key. */
static size_t split_call(const char *call, struct slice key, struct slice out[RIGHT_WORDS_MAX])
{
    size_t count = 0;

    for (const char *at = call; *at != '\0' && count < RIGHT_WORDS_MAX; at += *at == ' ') {
        struct slice word = {at, strcspn(at, " ")};
        at += word.len;
        out[count++] = slice_equal(word, slice_of("KEY")) ? key : word;
    }
    return count;
}

/* Scripts refuse those that block, and what is about the connection. */
static bool is_for_scripts(const struct right *right)
{
    static const char *const others[] = {"evalsha", "eval", "blmove", "ping", "client|setname"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(right->name, others[i]) == 0)
            return false;
    return true;
}

/* NULL: Redis is gone. Yours. */
static struct reply *try_call(struct client *client, bool in_script, const char *call,
                              struct slice key)
{
    struct slice argv[RIGHT_WORDS_MAX + 3] = {slice_of("EVAL"), slice_of(script), slice_of("0")};

    if (!in_script)
        return client_call(client, split_call(call, key, argv), argv);
    return client_call(client, 3 + split_call(call, key, argv + 3), argv);
}

static bool read_right(struct client *client, const struct right *right, struct slice key,
                       struct rights *rights)
{
    struct reply *reply = try_call(client, is_for_scripts(right), right->call, key);
    struct slice words = words_of(reply);

    if (lacks_command(words))
        add_word(&rights->commands, "+", slice_of(right->name));
    client_reply_free(reply);
    return reply != NULL;
}

static bool read_commands(struct client *client, const struct right *table, size_t count,
                          struct slice key, struct rights *rights)
{
    for (size_t i = 0; i < count; i++)
        if (!read_right(client, &table[i], key, rights))
            return false;
    return true;
}

/* For a line of sh, which would make something else of ~ and *. */
static void add_key(struct buf *buf, struct slice pattern)
{
    char word[KEY_MAX + 2], quoted[QUOTED_MAX];

    (void)snprintf(word, sizeof(word), "~%.*s", (int)pattern.len, pattern.ptr);
    quote_shell(word, quoted);
    add_word(buf, "", slice_of(quoted));
}

/* A user who may not EVAL lacks that first; then nothing can be said about keys. */
static bool read_key(struct client *client, struct slice key, struct slice pattern,
                     struct rights *rights)
{
    static const char *const calls[] = {"LLEN KEY", "DEL KEY"}; /* reads; writes */

    for (size_t i = 0; i < 2; i++) {
        struct reply *reply = try_call(client, true, calls[i], key);
        if (lacks_key(words_of(reply)))
            add_key(&rights->keys, pattern);
        client_reply_free(reply);
        if (reply == NULL)
            return false;
    }
    return true;
}

bool rights_read(struct client *client, const struct queue_keys *keys, bool windows,
                 struct rights *rights)
{
    char probe[KEY_MAX], pattern[KEY_MAX];
    struct slice name = {keys->name[KEY_QUEUE], keys->len[KEY_QUEUE]};
    struct slice key = {probe, queue_key_held(keys, "doctor", probe)};
    size_t prefix = keys->len[KEY_META] - strlen("meta");

    (void)snprintf(pattern, sizeof(pattern), "%.*s*", (int)prefix, keys->name[KEY_META]);
    return read_commands(client, rights_of_all, sizeof(rights_of_all) / sizeof(*rights_of_all), key,
                         rights) &&
           (!windows ||
            read_commands(client, rights_of_windows,
                          sizeof(rights_of_windows) / sizeof(*rights_of_windows), key, rights)) &&
           read_key(client, name, name, rights) && read_key(client, key, slice_of(pattern), rights);
}

void rights_free(struct rights *rights)
{
    buf_free(&rights->commands);
    buf_free(&rights->keys);
}

#include "admin/view/journal.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/answer.h"
#include "admin/command.h"
#include "base/utf8.h"

enum { SIGN_MAX = 96 };

/* --- who ------------------------------------------------------------------------------------- */

static void say_where(char out[SIGN_MAX], const char *by)
{
    char host[64] = "";

    if (gethostname(host, sizeof host - 1) != 0)
        strcpy(host, "unknown");
    (void)snprintf(out, SIGN_MAX, "%s %s", by, host);
}

/* Behind sudo it is the person that counts. Which name a user has is for the user database to say;
 * without it, the number. */
static void say_who(char out[SIGN_MAX])
{
    const char *sudo = getenv("SUDO_USER");
    const struct passwd *user = getpwuid(getuid());

    if (sudo != NULL && *sudo != 0 && getuid() == 0)
        (void)snprintf(out, SIGN_MAX, "%s", sudo);
    else if (user != NULL)
        (void)snprintf(out, SIGN_MAX, "%s", user->pw_name);
    else
        (void)snprintf(out, SIGN_MAX, "uid %ld", (long)getuid());
}

void journal_sign_cli(struct journal_entry *entry)
{
    static char who[SIGN_MAX], where[SIGN_MAX]; /* a verb has one thread */

    say_who(who);
    say_where(where, "cli");
    entry->who = who;
    entry->where = where;
}

void journal_sign_api(struct journal_entry *entry, const char *who)
{
    static _Thread_local char where[SIGN_MAX];

    say_where(where, "api");
    entry->who = who;
    entry->where = where;
}

/* --- lines ----------------------------------------------------------------------------------- */

/* What is no UTF-8 is shown as U+FFFD: these are words for people. */
static json_t *words_of(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t left = strlen(text);
    struct buf out = {0};
    uint32_t point;

    while (left > 0 && out.len < JOURNAL_TEXT_MAX) {
        size_t len = utf8_decode(at, left, &point);
        if (len > 0)
            buf_append(&out, at, len);
        else
            buf_append_str(&out, "\xef\xbf\xbd");
        at += len > 0 ? len : 1;
        left -= len > 0 ? len : 1;
    }
    json_t *json = json_stringn(out.data != NULL ? out.data : "", out.len);
    buf_free(&out);
    return json;
}

static void set_words(json_t *line, const char *key, const char *text)
{
    if (text != NULL)
        (void)json_object_set_new(line, key, words_of(text)); /* no memory: it is left out */
}

void journal_render(const struct journal_entry *entry, int64_t at_wall_ms, struct buf *out)
{
    json_t *line = json_object();

    (void)json_object_set_new(line, "at_ms", json_integer(at_wall_ms));
    set_words(line, "who", entry->who);
    set_words(line, "where", entry->where);
    set_words(line, "what", entry->what);
    set_words(line, "queue", entry->queue);
    set_words(line, "filter", entry->filter);
    if (entry->count >= 0)
        (void)json_object_set_new(line, "count", json_integer(entry->count));
    set_words(line, "words", entry->words);
    char *text = json_dumps(line, JSON_COMPACT);
    buf_append_str(out, text != NULL ? text : "{}");
    free(text);
    json_decref(line);
}

bool journal_append(struct client *client, const struct queue_keys *keys,
                    const struct journal_entry *entry)
{
    const struct slice key = {keys->name[KEY_JOURNAL], keys->len[KEY_JOURNAL]};
    int64_t now_ms = answer_now_ms(client);
    struct buf line = {0};
    bool fine = false;

    if (now_ms < 0)
        return false;
    journal_render(entry, now_ms, &line);
    const struct slice text = {line.data, line.len};
    fine = answer_int(client, client_callf(client, "LPUSH %b %b", &key, &text)) >= 0;
    if (fine) {
        struct reply *cut =
            client_callf(client, "LTRIM %b 0 %lld", &key, (long long)JOURNAL_LINES_MAX - 1);
        fine = answer_ok(client, cut);
        if (fine)
            client_reply_free(cut);
    }
    buf_free(&line);
    return fine;
}

json_t *journal_read(struct client *client, const struct queue_keys *keys, int64_t limit)
{
    const struct slice key = {keys->name[KEY_JOURNAL], keys->len[KEY_JOURNAL]};
    struct reply *reply = client_callf(client, "LRANGE %b 0 %lld", &key, (long long)limit - 1);

    if (!answer_ok(client, reply))
        return NULL;
    json_t *lines = json_array();
    for (size_t i = 0; i < reply_count(reply); i++) {
        struct slice text = reply_text(reply_at(reply, i));
        json_t *line = json_loadb(text.ptr, text.len, 0, NULL);
        if (json_is_object(line))
            (void)json_array_append(lines, line);
        json_decref(line);
    }
    client_reply_free(reply);
    return lines;
}

static int64_t at_of(const json_t *line)
{
    return json_integer_value(json_object_get(line, "at_ms"));
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = at_of(*(json_t *const *)a), y = at_of(*(json_t *const *)b);
    return (x < y) - (x > y);
}

/* Takes the array. */
static json_t *sorted(json_t *lines)
{
    size_t count = json_array_size(lines);
    json_t **line = calloc(count + 1, sizeof(*line));
    json_t *out = json_array();

    for (size_t i = 0; line != NULL && i < count; i++)
        line[i] = json_array_get(lines, i);
    if (line != NULL)
        qsort(line, count, sizeof(*line), newest_first);
    for (size_t i = 0; line != NULL && i < count; i++)
        (void)json_array_append(out, line[i]);
    free(line);
    json_decref(lines);
    return out;
}

json_t *journal_read_all(struct client *client, const struct queue_list *queues, int64_t limit)
{
    json_t *all = json_array();

    for (size_t i = 0; i < queues->count; i++) {
        struct queue_keys keys;
        json_t *lines =
            common_keys(queues->name[i], &keys) ? journal_read(client, &keys, limit) : NULL;
        if (lines == NULL) {
            json_decref(all);
            return NULL;
        }
        (void)json_array_extend(all, lines);
        json_decref(lines);
    }
    return sorted(all);
}

#include "redis/error.h"

#include <stddef.h>

#include "base/check.h"

struct error_word {
    const char *word;
    enum error_class class_;
};

/* Redis begins an error with one word in capitals; where it says only ERR, the words after it
 * count. */
static const struct error_word table[] = {
    {"NOSCRIPT", ERROR_NO_SCRIPT},
    {"MOVED", ERROR_REDIRECT},
    {"ASK", ERROR_REDIRECT},
    {"OOM", ERROR_OOM},
    {"LOADING", ERROR_REFUSED},
    {"BUSY", ERROR_REFUSED},
    {"MISCONF", ERROR_REFUSED},
    {"NOREPLICAS", ERROR_REFUSED},
    {"CLUSTERDOWN", ERROR_REFUSED},
    {"TRYAGAIN", ERROR_REFUSED},
    {"ERR max number of clients", ERROR_REFUSED},
    {"READONLY", ERROR_RECONNECT},
    {"UNBLOCKED", ERROR_RECONNECT},
    {"MASTERDOWN", ERROR_RECONNECT},
    {"NOAUTH", ERROR_DENIED},
    {"WRONGPASS", ERROR_DENIED},
    {"NOPERM", ERROR_DENIED},
    {"DENIED", ERROR_DENIED}, /* protected mode */
    {"WRONGTYPE", ERROR_WRONG_TYPE},
};

static bool begins_with_word(struct slice text, const char *word)
{
    size_t len = strlen(word);
    if (text.len < len || memcmp(text.ptr, word, len) != 0)
        return false;
    return text.len == len || text.ptr[len] == ' ';
}

enum error_class error_classify(struct slice text)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (begins_with_word(text, table[i].word))
            return table[i].class_;
    }
    return ERROR_OTHER;
}

#define ERROR_NAME(id, name) [ERROR_##id] = name,

const char *error_class_name(enum error_class class_)
{
    static const char *const names[] = {ERROR_CLASSES(ERROR_NAME)};
    CHECK(class_ < ERROR_CLASS_COUNT);
    return names[class_];
}

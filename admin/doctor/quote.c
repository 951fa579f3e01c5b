#include "admin/doctor/quote.h"

#include <ctype.h>
#include <string.h>

static bool is_plain(const char *word)
{
    for (const char *at = word; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("_-./:,@%+=", *at) == NULL)
            return false;
    return word[0] != '\0';
}

void quote_shell(const char *word, char out[QUOTED_MAX])
{
    static const char inside[] = "'\\''";
    size_t len = 0;

    if (is_plain(word) && strlen(word) < QUOTED_MAX) {
        memcpy(out, word, strlen(word) + 1);
        return;
    }
    out[len++] = '\'';
    for (const char *at = word; *at != '\0' && len + sizeof(inside) + 1 < QUOTED_MAX; at++)
        if (*at == '\'') {
            memcpy(out + len, inside, sizeof(inside) - 1);
            len += sizeof(inside) - 1;
        } else {
            out[len++] = *at;
        }
    out[len++] = '\'';
    out[len] = '\0';
}

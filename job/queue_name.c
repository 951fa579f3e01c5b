#include "job/queue_name.h"

/* The bytes between the first '{' and the first '}' behind it, as Redis Cluster reads a key. */
static struct slice hash_tag(struct slice name)
{
    const char *open = memchr(name.ptr, '{', name.len);
    if (open == NULL)
        return (struct slice){0};
    size_t left = name.len - (size_t)(open + 1 - name.ptr);
    const char *close = memchr(open + 1, '}', left);
    return close == NULL ? (struct slice){0} : (struct slice){open + 1, (size_t)(close - open - 1)};
}

bool queue_name_has_tag(struct slice name)
{
    return hash_tag(name).len > 0;
}

const char *queue_name_fault(struct slice name)
{
    static const char reserved[] = "navvy:";

    if (name.len == 0)
        return "is empty";
    if (name.len > QUEUE_NAME_MAX)
        return "is longer than 128 bytes";
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c < ' ' || c == 0x7f)
            return "has a control byte in it";
    }
    if (name.len >= sizeof reserved - 1 && memcmp(name.ptr, reserved, sizeof reserved - 1) == 0)
        return "begins with \"navvy:\", which is for navvy's own keys";
    if (hash_tag(name).len > 0 && hash_tag(name).len + 2 == name.len)
        return "is nothing but a hash tag; its keys would be those of the queue without braces";
    if (!queue_name_has_tag(name) && memchr(name.ptr, '}', name.len) != NULL)
        return "has a brace that makes no hash tag; use {tag} or no braces";
    return NULL;
}

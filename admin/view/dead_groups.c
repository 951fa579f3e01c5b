#include "admin/view/dead_groups.h"

#include <stdlib.h>
#include <string.h>

#include "admin/hash.h"

struct dead_groups *dead_groups_new(void)
{
    return calloc(1, sizeof(struct dead_groups));
}

/* At most `room` bytes of it, not ending inside a character. */
static size_t cut_len(struct slice text, size_t room)
{
    if (text.len <= room)
        return text.len;
    size_t len = room;
    while (len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return len;
}

static void keep_word(char *out, size_t size, struct slice text)
{
    size_t len = cut_len(text, size - 1);
    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

static uint64_t hash_pair(struct slice reason, const char *signature)
{
    uint64_t hash = hash_of(reason);
    return hash_of(slice_of(signature)) ^ (hash << 1 | hash >> 63);
}

static struct dead_group *find(struct dead_groups *groups, uint64_t hash)
{
    for (size_t i = 0; i < groups->count; i++)
        if (groups->group[i].hash == hash)
            return &groups->group[i];
    return NULL;
}

static struct dead_group *begin(struct dead_groups *groups, uint64_t hash,
                                const struct dead_job *job, const char *signature)
{
    if (groups->count == DEAD_GROUPS_MAX)
        return &groups->other;
    struct dead_group *group = &groups->group[groups->count++];
    group->hash = hash;
    strcpy(group->signature, signature);
    keep_word(group->reason, sizeof(group->reason), job->reason);
    keep_word(group->example_id, sizeof(group->example_id), job->id);
    group->example_len = cut_len(job->record.error, DEAD_GROUP_ERROR_MAX);
    if (group->example_len > 0)
        memcpy(group->example_error, job->record.error.ptr, group->example_len);
    return group;
}

static void note_type(struct dead_group *group, struct slice type)
{
    char word[DEAD_GROUP_WORD_MAX];
    if (type.len == 0)
        return;
    keep_word(word, sizeof(word), type);
    for (size_t i = 0; i < group->type_count; i++)
        if (strcmp(group->type[i], word) == 0)
            return;
    group->more_types |= group->type_count == DEAD_GROUP_TYPES_MAX;
    if (!group->more_types)
        strcpy(group->type[group->type_count++], word);
}

static void note_time(struct dead_group *group, int64_t wall_ms)
{
    if (wall_ms <= 0)
        return;
    if (group->first_wall_ms == 0 || wall_ms < group->first_wall_ms)
        group->first_wall_ms = wall_ms;
    if (wall_ms > group->last_wall_ms)
        group->last_wall_ms = wall_ms;
}

void dead_groups_add(struct dead_groups *groups, const struct dead_job *job)
{
    char signature[SIGNATURE_MAX + 1];

    signature_of(job->record.error, signature);
    uint64_t hash = hash_pair(job->reason, signature);
    struct dead_group *group = find(groups, hash);
    if (group == NULL)
        group = begin(groups, hash, job, signature);
    group->count++;
    groups->total++;
    note_time(group, job->record.failed_at_wall_ms);
    if (group != &groups->other)
        note_type(group, job->record.type);
}

static int by_count(const void *a, const void *b)
{
    const struct dead_group *one = a, *two = b;
    if (one->count != two->count)
        return one->count < two->count ? 1 : -1;
    return (one->last_wall_ms < two->last_wall_ms) - (one->last_wall_ms > two->last_wall_ms);
}

void dead_groups_sort(struct dead_groups *groups)
{
    qsort(groups->group, groups->count, sizeof(groups->group[0]), by_count);
}

static json_t *time_json(int64_t wall_ms)
{
    return wall_ms > 0 ? json_integer(wall_ms) : json_null();
}

static bool set_counts(json_t *object, const struct dead_group *group)
{
    return json_object_set_new(object, "count", json_integer((json_int_t)group->count)) == 0 &&
           json_object_set_new(object, "first_ms", time_json(group->first_wall_ms)) == 0 &&
           json_object_set_new(object, "last_ms", time_json(group->last_wall_ms)) == 0;
}

static bool set_types(json_t *object, const struct dead_group *group)
{
    json_t *types = json_array();
    bool whole = types != NULL;
    for (size_t i = 0; whole && i < group->type_count; i++) {
        json_t *type = json_string(group->type[i]);
        whole = type == NULL || json_array_append_new(types, type) == 0; /* NULL: not UTF-8 */
    }
    whole = json_object_set_new(object, "types", types) == 0 && whole;
    return whole && json_object_set_new(object, "more_types", json_boolean(group->more_types)) == 0;
}

static json_t *group_json(const struct dead_group *group)
{
    struct slice error = {group->example_error, group->example_len};
    json_t *object = json_object();
    bool whole =
        object != NULL && json_set_bytes(object, "signature", slice_of(group->signature)) &&
        json_set_bytes(object, "reason", slice_of(group->reason)) && set_counts(object, group) &&
        json_set_bytes(object, "example_id", slice_of(group->example_id)) &&
        json_set_bytes(object, "example_error", error) && set_types(object, group);
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}

static bool set_groups(json_t *object, const struct dead_groups *groups)
{
    json_t *array = json_array();
    bool whole = array != NULL;
    for (size_t i = 0; whole && i < groups->count; i++)
        whole = json_array_append_new(array, group_json(&groups->group[i])) == 0;
    return json_object_set_new(object, "groups", array) == 0 && whole;
}

json_t *dead_groups_json(const struct dead_groups *groups)
{
    json_t *object = json_object(), *other = groups->other.count > 0 ? json_object() : json_null();
    bool whole =
        object != NULL &&
        json_object_set_new(object, "total", json_integer((json_int_t)groups->total)) == 0 &&
        set_groups(object, groups) &&
        (groups->other.count == 0 || set_counts(other, &groups->other));
    whole = json_object_set_new(object, "other", other) == 0 && whole;
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}

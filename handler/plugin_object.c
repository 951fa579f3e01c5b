#include "handler/plugin_object.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

#define SYMBOL "navvy_plugin"

enum {
    /* The struct as it was when the ABI began. */
    FACE_SIZE_MIN =
        offsetof(struct navvy_plugin, after) + sizeof(((struct navvy_plugin *)0)->after),
    FACE_SIZE_MAX = 4096, /* and as it will never be */
};

struct loaded {
    struct loaded *next;
    struct plugin_object object;
    struct stat file; /* as it was when it was loaded */
};

/* Reachable until the end of the process. */
static struct loaded *all;

static struct loaded *find(const char *path)
{
    struct loaded *loaded = all;
    while (loaded != NULL && strcmp(loaded->object.path, path) != 0)
        loaded = loaded->next;
    return loaded;
}

/* --- its file ------------------------------------------------------------------------------ */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* dlopen() would search for a bare name where nobody expects it, and wait for ever for a FIFO. */
static bool is_object_file(const char *path, struct stat *file, char error[HANDLER_ERROR_MAX])
{
    const char *what = NULL;

    if (strchr(path, '/') == NULL)
        what = "has no / in it; write ./NAME for a file in the working folder";
    else if (stat(path, file) != 0)
        what = strerror(errno);
    else if (!S_ISREG(file->st_mode))
        what = "is not a file";
    if (what != NULL)
        (void)snprintf(error, HANDLER_ERROR_MAX, "%s: %s", path, what);
    return what == NULL;
}

/* --- its symbol ---------------------------------------------------------------------------- */

/* Not the bytes of a function, at any address. */
static bool is_struct(const void *symbol)
{
    Dl_info info;
    const ElfW(Sym) *entry = NULL;
    int found = dladdr1(symbol, &info, (void **)(uintptr_t)&entry, RTLD_DL_SYMENT);

    return (uintptr_t)symbol % _Alignof(struct navvy_plugin) == 0 && found != 0 && entry != NULL &&
           ELF64_ST_TYPE(entry->st_info) == STT_OBJECT;
}

/* A plugin of a newer header may say more than we can read, if it says nothing there. */
static bool is_silent(const char *from, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (from[i] != 0)
            return false;
    }
    return true;
}

/* Its face as ours; false: it cannot be. */
static bool read_face(const char *path, const struct navvy_plugin *theirs,
                      struct navvy_plugin *ours, char error[HANDLER_ERROR_MAX])
{
    size_t known = sizeof(*ours);

    if (theirs->abi != NAVVY_ABI) {
        (void)snprintf(error, HANDLER_ERROR_MAX,
                       "%s: was made for ABI %u of navvy/handler.h, and this navvy has ABI %u; "
                       "build it again",
                       path, theirs->abi, (unsigned)NAVVY_ABI);
        return false;
    }
    if (theirs->size < FACE_SIZE_MIN || theirs->size > FACE_SIZE_MAX) {
        (void)snprintf(
            error, HANDLER_ERROR_MAX,
            "%s: its struct navvy_plugin says that it has %u bytes, not %u to %u; size must "
            "be sizeof(struct navvy_plugin)",
            path, theirs->size, (unsigned)FACE_SIZE_MIN, (unsigned)FACE_SIZE_MAX);
        return false;
    }
    if (theirs->size > known && !is_silent((const char *)theirs + known, theirs->size - known)) {
        (void)snprintf(error, HANDLER_ERROR_MAX,
                       "%s: wants what this navvy (%s) does not have; it was made for a newer one",
                       path, NAVVY_VERSION);
        return false;
    }
    *ours = (struct navvy_plugin){0};
    memcpy(ours, theirs, theirs->size < known ? theirs->size : known);
    if (ours->name == NULL || ours->name[0] == 0)
        ours->name = "plugin";
    return true;
}

/* dlerror() names the path in most of its texts. */
static bool fault(const char *path, char error[HANDLER_ERROR_MAX])
{
    const char *what = dlerror();

    if (what == NULL)
        what = "cannot be loaded";
    (void)snprintf(error, HANDLER_ERROR_MAX, "%s%s%s", strstr(what, path) == NULL ? path : "",
                   strstr(what, path) == NULL ? ": " : "", what);
    return false;
}

static bool load(const char *path, struct navvy_plugin *face, char error[HANDLER_ERROR_MAX])
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return fault(path, error);

    const struct navvy_plugin *theirs = dlsym(handle, SYMBOL);
    if (theirs != NULL && is_struct(theirs))
        return read_face(path, theirs, face, error);
    (void)snprintf(error, HANDLER_ERROR_MAX, "%s: is no plugin, %s", path,
                   theirs == NULL ? "it has no symbol " SYMBOL : "its " SYMBOL " is no struct");
    return false;
}

const struct plugin_object *plugin_object_load(const char *path, char error[HANDLER_ERROR_MAX])
{
    struct stat file;
    struct navvy_plugin face;
    struct loaded *loaded = find(path);

    if (loaded != NULL) {
        plugin_object_look(&loaded->object);
        return &loaded->object;
    }
    if (!is_object_file(path, &file, error) || !load(path, &face, error))
        return NULL;
    loaded = malloc(sizeof(*loaded));
    char *name = strdup(path);
    if (loaded == NULL || name == NULL) {
        strcpy(error, "no memory");
        free(loaded);
        free(name);
        return NULL;
    }
    *loaded = (struct loaded){all, {name, face}, file};
    all = loaded;
    return &loaded->object;
}

bool plugin_object_init(const struct plugin_object *object, const char *options, const char *queue,
                        void **state, char error[HANDLER_ERROR_MAX])
{
    char why[HANDLER_ERROR_MAX / 2] = "";

    *state = NULL;
    if (object->face.init == NULL ||
        object->face.init(options != NULL ? options : "", queue, state, why, sizeof why))
        return true;
    why[sizeof why - 1] = 0;
    (void)snprintf(error, HANDLER_ERROR_MAX, "%s: %s", object->path,
                   why[0] != 0 ? why : "its init() failed and said nothing");
    return false;
}

void plugin_object_look(const struct plugin_object *object)
{
    const struct loaded *loaded = find(object->path);
    struct stat file;

    if (stat(object->path, &file) == 0 && same_file(&file, &loaded->file))
        return;
    LOG(LOG_WARN, "plugin", LOG_S("path", object->path),
        LOG_S("err", "changed on disk; what was loaded stays"),
        LOG_S("do", "restart navvy to load the new one"));
}

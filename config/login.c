#include "config/login.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/origin.h"

/* Was that option given, and no URL in a higher place? */
static bool is_above(const struct loader *loader, bool url_above, const char *path)
{
    if (url_above)
        return false;
    if (origin_is_environment(path))
        return true;
    return loader_given(loader, OPTION_GLOBAL, path) != NULL && !origin_is_environment("redis.url");
}

/* The first line of what was read, or why it is no password. */
static const char *first_line(char *text, size_t len, char out[ENDPOINT_TEXT_MAX])
{
    const char *end = memchr(text, '\n', len);
    size_t line = end != NULL ? (size_t)(end - text) : len;

    if (line > 0 && text[line - 1] == '\r')
        line--;
    if (line == 0)
        return "its first line is empty";
    if (line >= ENDPOINT_TEXT_MAX)
        return "its first line is longer than 255 bytes";
    if (memchr(text, 0, line) != NULL)
        return "there is a NUL byte in it";
    memcpy(out, text, line);
    out[line] = 0;
    return NULL;
}

static void read_secret(struct loader *loader, const char *path, char out[ENDPOINT_TEXT_MAX],
                        struct buf *errors)
{
    char text[ENDPOINT_TEXT_MAX + 2];
    const char *fault = NULL;
    FILE *file = fopen(path, "re");
    size_t len = file != NULL ? fread(text, 1, sizeof text, file) : 0;

    if (file == NULL || ferror(file))
        fault = strerror(errno);
    else
        fault = first_line(text, len, out);
    if (fault != NULL)
        origin_fault(loader, errors, "redis.password_file", "%.200s cannot be used: %s", path,
                     fault);
    if (file != NULL)
        (void)fclose(file);
}

/* `option` completes what the URL left open, or comes from above it. */
static void put_word(struct loader *loader, const char *path, const char *option, bool above,
                     char out[ENDPOINT_TEXT_MAX], struct buf *errors)
{
    if (option == NULL || (out[0] != 0 && !above))
        return;
    if (strlen(option) >= ENDPOINT_TEXT_MAX)
        origin_fault(loader, errors, path, "is longer than %d bytes", ENDPOINT_TEXT_MAX - 1);
    else
        (void)snprintf(out, ENDPOINT_TEXT_MAX, "%s", option);
}

/* The environment has one of them: the file's other one is not meant any more. */
static void drop_overridden(struct config *config)
{
    bool word = origin_is_environment("redis.password");
    bool file = origin_is_environment("redis.password_file");
    char **dropped = word ? &config->redis_password_file : &config->redis_password;

    if (word == file)
        return;
    free(*dropped);
    *dropped = NULL;
}

static void put_password(struct loader *loader, bool url_above, struct buf *errors)
{
    struct config *config = loader->config;
    char *out = config->redis.password;

    drop_overridden(config);
    if (config->redis_password != NULL && config->redis_password_file != NULL)
        origin_fault(loader, errors, "redis.password_file",
                     "there is a redis.password too; leave one of them out");
    else if (config->redis_password != NULL)
        put_word(loader, "redis.password", config->redis_password,
                 is_above(loader, url_above, "redis.password"), out, errors);
    else if (config->redis_password_file != NULL &&
             (out[0] == 0 || is_above(loader, url_above, "redis.password_file")))
        read_secret(loader, config->redis_password_file, out, errors);
}

/* What is shown and compared is what holds, not what a higher place has overruled. */
static void show_effective(struct config *config, struct buf *errors)
{
    config->redis_db = (uint32_t)config->redis.db;
    if (config->redis_user == NULL || strcmp(config->redis_user, config->redis.user) == 0)
        return;
    free(config->redis_user);
    config->redis_user = strdup(config->redis.user);
    if (config->redis_user == NULL)
        buf_append_str(errors, "no memory\n");
}

void login_make(struct loader *loader, bool url_above, struct buf *errors)
{
    struct config *config = loader->config;
    char error[ENDPOINT_ERROR_MAX];

    if (!endpoint_parse(config->redis_url, &config->redis, error)) {
        origin_fault(loader, errors, "redis.url", "%s", error);
        return;
    }
    if (config->redis.db == 0 || is_above(loader, url_above, "redis.db"))
        config->redis.db = (int)config->redis_db;
    put_word(loader, "redis.user", config->redis_user, is_above(loader, url_above, "redis.user"),
             config->redis.user, errors);
    put_password(loader, url_above, errors);
    show_effective(config, errors);
}

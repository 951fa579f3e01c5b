#include "tests/support/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/test.h"

enum { FOLDERS_OPEN_MAX = 16, TMPDIR_MAX = 40 };

void folder_init(struct folder *folder)
{
    const char *base = getenv("TMPDIR");

    if (base == NULL || base[0] != '/' || strlen(base) > TMPDIR_MAX)
        base = "/tmp";
    snprintf(folder->path, sizeof folder->path, "%s/navvy-XXXXXX", base);
    if (mkdtemp(folder->path) == NULL)
        TEST_FAIL("cannot make a folder in %s: %s", base, strerror(errno));
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)stat;
    (void)kind;
    (void)ftw;
    (void)remove(path); /* a server that is just ending may have been quicker */
    return 0;
}

void folder_fini(struct folder *folder)
{
    if (folder->path[0] != '\0')
        (void)nftw(folder->path, remove_one, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
    folder->path[0] = '\0';
}

const char *folder_file(const struct folder *folder, const char *name, char out[FOLDER_FILE_MAX])
{
    int len = snprintf(out, FOLDER_FILE_MAX, "%s/%s", folder->path, name);
    CHECK(len > 0 && len < FOLDER_FILE_MAX);
    return out;
}

void folder_write(const struct folder *folder, const char *name, unsigned mode, const char *text)
{
    char path[FOLDER_FILE_MAX];
    int fd = open(folder_file(folder, name, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    size_t len = strlen(text);

    if (fd < 0 || write(fd, text, len) != (ssize_t)len || fchmod(fd, mode) != 0 || close(fd) != 0)
        TEST_FAIL("cannot write %s: %s", path, strerror(errno));
}

static struct buf file_read(const char *path)
{
    struct buf text = {0};
    char chunk[4096];
    FILE *file = fopen(path, "re");

    buf_append(&text, "", 0);
    if (file == NULL)
        return text;
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, file)) > 0;)
        buf_append(&text, chunk, got);
    fclose(file);
    CHECK(!text.failed);
    return text;
}

char *file_text(const char *path)
{
    struct buf text = file_read(path);
    return text.data != NULL ? text.data : strdup("");
}

size_t file_lines(const char *path)
{
    struct buf text = file_read(path);
    size_t lines = 0;

    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    buf_free(&text);
    return lines;
}

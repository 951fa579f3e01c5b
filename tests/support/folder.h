/*
 * folder: a fresh temporary folder, and files in it. Its path is short enough for a unix socket.
 * What goes wrong fails the test.
 */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

#include "base/slice.h"

enum { FOLDER_PATH_MAX = 64, FOLDER_FILE_MAX = 256 };

struct folder {
    char path[FOLDER_PATH_MAX]; /* empty: there is none */
};

void folder_init(struct folder *folder); /* under TMPDIR if that is short, else under /tmp */
void folder_fini(struct folder *folder); /* with all that is in it; none is fine */

/* The path of a file in it; returns `out`. */
const char *folder_file(const struct folder *folder, const char *name, char out[FOLDER_FILE_MAX]);

/* Makes or replaces a file; `mode` as 0644 or, for a program, 0755. */
void folder_write(const struct folder *folder, const char *name, unsigned mode, const char *text);

/* The whole file, terminated, yours; an absent file is an empty text. */
char *file_text(const char *path);
size_t file_lines(const char *path); /* newlines in it; 0 if it is absent */

#endif

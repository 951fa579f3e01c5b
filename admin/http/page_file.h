/*
 * page_file: the files of admin/page, byte for byte, as cmake/EmbedFiles.cmake has put them into
 * the program.
 */
#ifndef ADMIN_HTTP_PAGE_FILE_H
#define ADMIN_HTTP_PAGE_FILE_H

#include <stddef.h>

struct page_file {
    const char *path; /* "/app.js"; "/" is index.html */
    const char *type;
    const char *etag; /* quoted; made of its bytes */
    const unsigned char *bytes;
    size_t len;
};

extern const struct page_file page_files[]; /* ends with a path of NULL */

#endif

/*
 * yaml_file: a YAML file as libyaml's tree, with a line and a column for each node, and the faults
 * found in it, one line each: `file:line:column: path: what is wrong`. The file is read whole, up
 * to its limit, before anything is parsed, so a pipe or a growing file cannot outrun it.
 */
#ifndef CONFIG_YAML_FILE_H
#define CONFIG_YAML_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/check.h"

enum {
    YAML_FILE_BYTES_MAX = 1024 * 1024,
    YAML_FAULTS_MAX = 20, /* one line more says how many there are */
    YAML_PATH_MAX = 256,
    YAML_DEPTH_MAX = 16, /* the table needs four */
    YAML_ANCHORS_MAX = 100,
};

struct yaml_file {
    const char *path;
    yaml_document_t document;
    bool loaded;
    struct buf text; /* as read; what the parser's complaints are located in */
    struct buf *errors;
    size_t faults;
};

/* Reads and parses. False: the fault is in `errors`, and there is nothing to free. */
bool yaml_file_load(struct yaml_file *file, const char *path, struct buf *errors) MUST_CHECK;
void yaml_file_free(struct yaml_file *file);

yaml_node_t *yaml_file_root(struct yaml_file *file); /* NULL: the file is empty */
yaml_node_t *yaml_file_node(struct yaml_file *file, int index);

/* The text of a scalar; NULL: it is none, or has a NUL in it. Borrowed from the document. */
const char *yaml_scalar(const yaml_node_t *node);
/* Was nothing written there, as behind a key whose section is all comments? */
bool yaml_is_nothing(const yaml_node_t *node);
const char *yaml_kind(const yaml_node_t *node); /* "a mapping", "a list", "a value" */

/* One fault; `node` NULL: the whole file. Control bytes are shown as '?', so it stays one line. */
void yaml_fault(struct yaml_file *file, const yaml_node_t *node, const char *path, const char *fmt,
                ...) PRINTF_LIKE(4, 5);

#endif

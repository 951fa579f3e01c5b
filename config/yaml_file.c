#include "config/yaml_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void yaml_fault(struct yaml_file *file, const yaml_node_t *node, const char *path, const char *fmt,
                ...)
{
    char text[512];
    va_list args;

    if (++file->faults > YAML_FAULTS_MAX) {
        if (file->faults == YAML_FAULTS_MAX + 1)
            buf_printf(file->errors, "%s: more faults; mend these first\n", file->path);
        return;
    }
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_printf(file->errors, "%s:", file->path);
    if (node != NULL)
        buf_printf(file->errors, "%zu:%zu:", node->start_mark.line + 1,
                   node->start_mark.column + 1);
    if (path[0] != 0)
        buf_printf(file->errors, " %s:", path);
    buf_printf(file->errors, " %s\n", text);
}

static FILE *yaml_file_open(struct yaml_file *file)
{
    struct stat about;
    FILE *stream = fopen(file->path, "re");

    if (stream == NULL || fstat(fileno(stream), &about) != 0)
        yaml_fault(file, NULL, "", "cannot be read: %s", strerror(errno));
    else if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode))
        yaml_fault(file, NULL, "", "cannot be read: it is not a file");
    else if (about.st_size > YAML_FILE_BYTES_MAX)
        yaml_fault(file, NULL, "", "is larger than %d bytes", YAML_FILE_BYTES_MAX);
    else
        return stream;
    if (stream != NULL)
        (void)fclose(stream);
    return NULL;
}

static void yaml_parser_fault(struct yaml_file *file, const yaml_parser_t *parser)
{
    const char *problem = parser->problem != NULL ? parser->problem : "no memory";

    file->faults++;
    if (parser->error == YAML_READER_ERROR)
        buf_printf(file->errors, "%s: is not UTF-8 text: %s at byte %zu\n", file->path, problem,
                   parser->problem_offset);
    else
        buf_printf(file->errors, "%s:%zu:%zu: is not YAML: %s\n", file->path,
                   parser->problem_mark.line + 1, parser->problem_mark.column + 1, problem);
}

bool yaml_file_load(struct yaml_file *file, const char *path, struct buf *errors)
{
    yaml_parser_t parser;

    *file = (struct yaml_file){.path = path, .errors = errors};
    FILE *stream = yaml_file_open(file);
    if (stream == NULL)
        return false;
    if (!yaml_parser_initialize(&parser)) {
        yaml_fault(file, NULL, "", "no memory");
        (void)fclose(stream);
        return false;
    }
    yaml_parser_set_input_file(&parser, stream);
    file->loaded = yaml_parser_load(&parser, &file->document) != 0;
    if (!file->loaded)
        yaml_parser_fault(file, &parser);
    yaml_parser_delete(&parser);
    (void)fclose(stream);
    return file->loaded;
}

void yaml_file_free(struct yaml_file *file)
{
    if (file->loaded)
        yaml_document_delete(&file->document);
    file->loaded = false;
}

yaml_node_t *yaml_file_root(struct yaml_file *file)
{
    return yaml_document_get_root_node(&file->document);
}

yaml_node_t *yaml_file_node(struct yaml_file *file, int index)
{
    return yaml_document_get_node(&file->document, index);
}

const char *yaml_scalar(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}

const char *yaml_kind(const yaml_node_t *node)
{
    return node->type == YAML_MAPPING_NODE    ? "a mapping"
           : node->type == YAML_SEQUENCE_NODE ? "a list"
                                              : "a single value";
}

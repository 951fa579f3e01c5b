#include "config/yaml_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From the file or its author, so it may hold anything. */
static void append_line(struct buf *out, char *text)
{
    for (char *at = text; *at != 0; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    }
    buf_append_str(out, text);
    buf_append_str(out, "\n");
}

void yaml_fault(struct yaml_file *file, const yaml_node_t *node, const char *path, const char *fmt,
                ...)
{
    char text[YAML_PATH_MAX + 512];
    va_list args;

    if (++file->faults > YAML_FAULTS_MAX) {
        if (file->faults == YAML_FAULTS_MAX + 1)
            buf_printf(file->errors, "%s: more faults; mend these first\n", file->path);
        return;
    }
    buf_printf(file->errors, "%s:", file->path);
    if (node != NULL)
        buf_printf(file->errors, "%zu:%zu:", node->start_mark.line + 1,
                   node->start_mark.column + 1);
    int len = snprintf(text, sizeof text, " %.*s%s", YAML_PATH_MAX, path, path[0] != 0 ? ": " : "");
    va_start(args, fmt);
    (void)vsnprintf(text + len, sizeof text - (size_t)len, fmt, args);
    va_end(args);
    append_line(file->errors, text);
}

static int open_file(struct yaml_file *file)
{
    struct stat about;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* no wait for a pipe's writer */

    if (fd == -1 || fstat(fd, &about) != 0 || fcntl(fd, F_SETFL, O_RDONLY) != 0)
        yaml_fault(file, NULL, "", "cannot be read: %s", strerror(errno));
    else if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode))
        yaml_fault(file, NULL, "", "cannot be read: it is not a file");
    else
        return fd;
    if (fd != -1)
        (void)close(fd);
    return -1;
}

static bool read_file(struct yaml_file *file, int fd)
{
    char block[16384];
    ssize_t got;

    while ((got = read(fd, block, sizeof block)) != 0) {
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1) {
            yaml_fault(file, NULL, "", "cannot be read: %s", strerror(errno));
            return false;
        }
        buf_append(&file->text, block, (size_t)got);
        if (file->text.len > YAML_FILE_BYTES_MAX) {
            yaml_fault(file, NULL, "", "is larger than %d bytes", YAML_FILE_BYTES_MAX);
            return false;
        }
    }
    if (file->text.failed)
        yaml_fault(file, NULL, "", "no memory");
    return !file->text.failed;
}

/* The reader tells only the byte where it stopped; people want a line and a column. */
static yaml_mark_t mark_of(const struct buf *text, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < text->len; i++) {
        mark.line += text->data[i] == '\n';
        mark.column = text->data[i] == '\n' ? 0 : mark.column + 1;
    }
    return mark;
}

static void parser_fault(struct yaml_file *file, const yaml_parser_t *parser)
{
    bool reading = parser->error == YAML_READER_ERROR;
    yaml_mark_t mark =
        reading ? mark_of(&file->text, parser->problem_offset) : parser->problem_mark;
    yaml_node_t place = {.start_mark = mark};

    yaml_fault(file, &place, "", "%s: %s", reading ? "is not UTF-8 text" : "is not YAML",
               parser->problem != NULL ? parser->problem : "no memory");
}

static bool open_parser(struct yaml_file *file, yaml_parser_t *parser)
{
    if (!yaml_parser_initialize(parser)) {
        yaml_fault(file, NULL, "", "no memory");
        return false;
    }
    yaml_parser_set_input_string(parser, (const unsigned char *)file->text.data, file->text.len);
    return true;
}

struct census { /* what the events seen so far add up to */
    int depth, documents, anchors;
};

static bool has_anchor(const yaml_event_t *event)
{
    return (event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor != NULL) ||
           (event->type == YAML_SEQUENCE_START_EVENT &&
            event->data.sequence_start.anchor != NULL) ||
           (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor != NULL);
}

/* What speaks against the file now that `event` came too, or NULL. */
static const char *census_fault(struct census *census, const yaml_event_t *event)
{
    census->depth += event->type == YAML_MAPPING_START_EVENT;
    census->depth += event->type == YAML_SEQUENCE_START_EVENT;
    census->depth -= event->type == YAML_MAPPING_END_EVENT;
    census->depth -= event->type == YAML_SEQUENCE_END_EVENT;
    census->documents += event->type == YAML_DOCUMENT_START_EVENT;
    census->anchors += has_anchor(event);
    if (census->depth > YAML_DEPTH_MAX)
        return "is nested too deep";
    if (census->anchors > YAML_ANCHORS_MAX)
        return "has too many anchors";
    return census->documents > 1 ? "a second document begins; one is wanted" : NULL;
}

/*
 * A first look at the events alone. libyaml takes quadratic time for what is nested very deep and
 * for many anchors, and nobody would look for what stands behind a second "---".
 */
static bool is_sane(struct yaml_file *file, yaml_parser_t *parser)
{
    struct census census = {0};
    bool over = false;

    while (!over) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            parser_fault(file, parser);
            return false;
        }
        yaml_node_t place = {.start_mark = event.start_mark};
        const char *fault = census_fault(&census, &event);
        over = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (fault != NULL) {
            yaml_fault(file, &place, "", "%s", fault);
            return false;
        }
    }
    return true;
}

static bool parse(struct yaml_file *file)
{
    yaml_parser_t parser;

    if (!open_parser(file, &parser))
        return false;
    bool sane = is_sane(file, &parser);
    yaml_parser_delete(&parser);
    if (!sane || !open_parser(file, &parser))
        return false;
    file->loaded = yaml_parser_load(&parser, &file->document) != 0;
    if (!file->loaded)
        parser_fault(file, &parser);
    yaml_parser_delete(&parser);
    return file->loaded;
}

bool yaml_file_load(struct yaml_file *file, const char *path, struct buf *errors)
{
    *file = (struct yaml_file){.path = path, .errors = errors};
    int fd = open_file(file);
    if (fd == -1)
        return false;
    buf_append_str(&file->text, ""); /* terminated, also if nothing comes */
    bool fine = read_file(file, fd);
    (void)close(fd);
    fine = fine && parse(file);
    if (!fine)
        yaml_file_free(file);
    return fine;
}

void yaml_file_free(struct yaml_file *file)
{
    if (file->loaded)
        yaml_document_delete(&file->document);
    file->loaded = false;
    buf_free(&file->text);
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

bool yaml_is_nothing(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
           node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

const char *yaml_kind(const yaml_node_t *node)
{
    return node->type == YAML_MAPPING_NODE    ? "a mapping"
           : node->type == YAML_SEQUENCE_NODE ? "a list"
                                              : "a single value";
}

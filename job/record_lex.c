#include "job/record_lex.h"

static bool is_key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

static bool is_bare_char(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte > ' ' && byte != 0x7f && c != '"' && c != '\\' && c != '=';
}

bool record_is_bare(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (!is_bare_char(value.ptr[i]))
            return false;
    }
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes of the escape at `at`, a backslash; 0: none that is known. */
static size_t escape_len(struct slice line, size_t at)
{
    static const char simple[] = "\"\\nrt";

    if (at + 1 >= line.len)
        return 0;
    if (line.ptr[at + 1] != 0 && strchr(simple, line.ptr[at + 1]) != NULL)
        return 2;
    bool hex = line.ptr[at + 1] == 'x' && at + 3 < line.len && hex_digit(line.ptr[at + 2]) >= 0 &&
               hex_digit(line.ptr[at + 3]) >= 0;
    return hex ? 4 : 0;
}

/* From behind the opening quote to the closing one. NULL: fine, else what is wrong. */
static const char *lex_quoted(struct slice line, size_t *at, struct record_pair *out)
{
    size_t from = *at;

    while (*at < line.len && line.ptr[*at] != '"') {
        size_t step = line.ptr[*at] == '\\' ? escape_len(line, *at) : 1;
        if (step == 0)
            return "an escape that is not \\\" \\\\ \\n \\r \\t or \\xHH";
        out->escaped |= step > 1;
        *at += step;
    }
    if (*at == line.len)
        return "a quoted value without its closing quote";
    out->value = (struct slice){line.ptr + from, *at - from};
    (*at)++;
    if (*at < line.len && line.ptr[*at] != ' ')
        return "something behind a closing quote that is not a space";
    return NULL;
}

static const char *lex_bare(struct slice line, size_t *at, struct record_pair *out)
{
    size_t from = *at;

    while (*at < line.len && is_bare_char(line.ptr[*at]))
        (*at)++;
    out->value = (struct slice){line.ptr + from, *at - from};
    if (*at < line.len && line.ptr[*at] != ' ')
        return "a bare value with a quote, backslash, equals sign or control byte in it";
    return NULL;
}

static const char *lex_pair(struct slice line, size_t *at, struct record_pair *out)
{
    size_t from = *at;

    while (*at < line.len && is_key_char(line.ptr[*at]))
        (*at)++;
    if (*at == from || *at - from > RECORD_KEY_MAX)
        return "a key that is not 1 to 64 of a-z 0-9 _ . -";
    if (*at == line.len || line.ptr[*at] != '=')
        return "a key without '='";
    out->key = (struct slice){line.ptr + from, *at - from};
    (*at)++;
    bool quoted = *at < line.len && line.ptr[*at] == '"';
    *at += quoted;
    const char *why = quoted ? lex_quoted(line, at, out) : lex_bare(line, at, out);
    out->whole = (struct slice){line.ptr + from, *at - from};
    return why;
}

enum record_lexed record_lex(struct record_lexer *lexer, struct record_pair *out)
{
    struct slice line = lexer->rest;
    size_t at = 0;

    *out = (struct record_pair){0};
    while (at < line.len && line.ptr[at] == ' ')
        at++;
    if (at == line.len)
        return LEX_END;
    lexer->why = lex_pair(line, &at, out);
    lexer->rest = (struct slice){line.ptr + at, line.len - at};
    return lexer->why == NULL ? LEX_PAIR : LEX_FAULT;
}

size_t record_unescape(struct slice value, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < value.len;) {
        char c = value.ptr[i];
        if (c != '\\') {
            out[len++] = c;
            i++;
            continue;
        }
        char kind = value.ptr[i + 1];
        if (kind == 'x')
            c = (char)(hex_digit(value.ptr[i + 2]) * 16 + hex_digit(value.ptr[i + 3]));
        else
            c = kind == 'n' ? '\n' : kind == 'r' ? '\r' : kind == 't' ? '\t' : kind;
        out[len++] = c;
        i += kind == 'x' ? 4 : 2;
    }
    return len;
}

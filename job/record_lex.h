/*
 * record_lex: splits a header line into its pairs. Pure; never reads past the line's end.
 */
#ifndef JOB_RECORD_LEX_H
#define JOB_RECORD_LEX_H

#include <stdbool.h>

#include "base/slice.h"

static const char RECORD_MAGIC[] = "navvy/1 ";
enum { RECORD_MAGIC_LEN = sizeof RECORD_MAGIC - 1, RECORD_KEY_MAX = 64 };

struct record_lexer {
    struct slice rest; /* what is not read yet */
    const char *why;   /* static text, when record_lex() returned LEX_FAULT */
};

struct record_pair {
    struct slice key;
    struct slice value; /* between the quotes, if quoted; escapes as they stand */
    bool escaped;       /* the value has escapes to decode */
    struct slice whole; /* key, '=' and value as written */
};

enum record_lexed { LEX_PAIR = 1, LEX_END, LEX_FAULT };

/* The next pair of the line; LEX_END after the last. */
enum record_lexed record_lex(struct record_lexer *lexer, struct record_pair *out);

/* Decode an escaped value to `out`, which holds value.len bytes; returns the length. */
size_t record_unescape(struct slice value, char *out);

/* Can it be written without quotes? */
bool record_is_bare(struct slice value);

#endif

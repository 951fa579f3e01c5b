/*
 * signature_token: what stands at the front of some text: a time, an address, an id? Each answers
 * with how many bytes it has, 0 if there is none such. Pure; part of signature.c.
 */
#ifndef ADMIN_VIEW_SIGNATURE_TOKEN_H
#define ADMIN_VIEW_SIGNATURE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum token_class {
    TOKEN_OTHER, /* of these it is none */
    TOKEN_TIME,
    TOKEN_UUID,
    TOKEN_POINTER,
    TOKEN_EMAIL,
    TOKEN_IP,
    TOKEN_CLASS_COUNT,
};

/* Of text that does not go on from a letter or digit. */
enum token_class token_classify(struct slice text, size_t *len);

/* Digits with . or , between them; *plain: digits alone. */
size_t token_number(struct slice text, bool *plain);

/* Letters and digits; how many of each, and are they all hexadecimal? */
struct token_word {
    size_t len, digits;
    bool hex;
};
struct token_word token_word(struct slice text);

/* The letters of ms, s, MiB and the like, and nothing after them. */
size_t token_unit(struct slice text);

/* A quote, text and the same quote, with no letter or digit behind it. */
size_t token_quoted(struct slice text);

bool token_is_alnum(char c);
bool token_is_digit(char c);

#endif

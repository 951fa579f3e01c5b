/*
 * quote: a word for a command line of sh: as it is if nothing in it needs quotes, else in single
 * ones.
 */
#ifndef ADMIN_DOCTOR_QUOTE_H
#define ADMIN_DOCTOR_QUOTE_H

#include "redis/keys.h"

enum { QUOTED_MAX = 4 * KEY_MAX + 64 }; /* each byte may be a quote */

void quote_shell(const char *word, char out[QUOTED_MAX]);

#endif

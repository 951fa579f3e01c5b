/*
 * story_phrase: the phrases of which a story is made. Pure.
 */
#ifndef ADMIN_VIEW_STORY_PHRASE_H
#define ADMIN_VIEW_STORY_PHRASE_H

#include <stdio.h>

#include "admin/view/story_facts.h"

/* "12s (2026-11-21T10:00:00Z)", "3m ago (...)": how far a moment is from now. */
void phrase_in(FILE *out, const struct story *story, int64_t wall_ms);
void phrase_ago(FILE *out, const struct story *story, int64_t wall_ms);

/* "12s", "250ms"; less than nothing is nothing. */
void phrase_span(FILE *out, int64_t ms);

/* "1 job", "17 jobs". */
void phrase_jobs(FILE *out, int64_t count);

/* What others wrote: escaped and cut. */
void phrase_text(FILE *out, struct slice text);

/* "attempt 3 of 10"; without the second number if it is not known. */
void phrase_attempt(FILE *out, const struct story *story, uint32_t attempt);

/* A word of a command line: as it is, or quoted for the shell. */
void phrase_word(FILE *out, struct slice word);

/* What stands in the way of every job of this queue; false: nothing does. */
bool phrase_obstacle(FILE *out, const struct story *story);

#endif

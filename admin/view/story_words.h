/*
 * story_words: the story of a job in sentences for a person who is called at night. Pure. Whatever
 * bytes a job has, each line is printable text.
 */
#ifndef ADMIN_VIEW_STORY_WORDS_H
#define ADMIN_VIEW_STORY_WORDS_H

#include <stdio.h>

#include "admin/view/story_facts.h"

/* What happened to it and where it is: a line for each sentence. */
void story_explain(const struct story *story, FILE *out);

/* What happens next and when, on one line. */
void story_next(const struct story *story, FILE *out);

/* What one can do about it: a line for each command of the shell. */
void story_commands(const struct story *story, FILE *out);

#endif

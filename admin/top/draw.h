/*
 * draw: a model as a screen of any size; 80x24 is enough. From above: the overview, the queues, the
 * workers or the jobs that run, a line of words. Pure, but for the scroll of the queues, which
 * follows what is chosen.
 */
#ifndef ADMIN_TOP_DRAW_H
#define ADMIN_TOP_DRAW_H

#include "admin/top/model.h"
#include "admin/top/screen.h"

enum { DRAW_NUMBER_MAX = 24 };

void draw_model(struct top_model *model, struct screen *screen);

/* All of it, however long: returns how many rows that takes. For --once. */
int draw_rows_wanted(const struct top_model *model);

/* Short forms: 999999, "1.23M"; tenths per second as "0.3", "12"; "3m", "2h". Unknown: "-". */
const char *draw_number(int64_t number, char out[DRAW_NUMBER_MAX]);
const char *draw_rate(int64_t tenths, char out[DRAW_NUMBER_MAX]);
const char *draw_age(int64_t ms, char out[DRAW_NUMBER_MAX]);

#endif

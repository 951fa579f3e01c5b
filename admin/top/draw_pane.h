/*
 * draw_pane: the lower half: the workers, or the jobs that run. Beside draw.h alone.
 */
#ifndef ADMIN_TOP_DRAW_PANE_H
#define ADMIN_TOP_DRAW_PANE_H

#include "admin/top/draw.h"

/* From `row` on, at most `rows` of them, the head included. */
void draw_pane(const struct top_model *model, struct screen *screen, int row, int rows);
/* How many rows it has, without its head. */
int draw_pane_rows(const struct top_model *model);

/* The worst that is wrong with a queue, in words, if there is room for them: how it is to look. */
enum screen_style draw_trouble(const struct fleet_queue *queue, char *words, size_t room);

#endif

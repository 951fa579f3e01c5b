/*
 * screen: a sheet of characters with a style each, as a terminal shows it, and no terminal: what is
 * drawn can be held by a test, printed by --once, or copied to a real one. A cell is one column:
 * what would need two, or is none, is drawn as '?'. Pure.
 */
#ifndef ADMIN_TOP_SCREEN_H
#define ADMIN_TOP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/slice.h"

enum {
    SCREEN_ROWS_MAX = 500,
    SCREEN_COLUMNS_MAX = 500,
    SCREEN_CELL_MAX = 5, /* a character of UTF-8, with its terminator */
};

enum screen_style {
    STYLE_PLAIN,
    STYLE_TITLE, /* heads of tables */
    STYLE_CHOSEN,
    STYLE_GOOD,
    STYLE_WARNING,
    STYLE_BAD,
    STYLE_FAINT,
    STYLE_COUNT,
};

struct screen_cell {
    char text[SCREEN_CELL_MAX];
    unsigned char style;
};

struct screen {
    int rows, columns;
    struct screen_cell *cell; /* rows x columns */
};

/* All blank; sizes are brought within the limits. False: no memory. */
bool screen_init(struct screen *screen, int rows, int columns) MUST_CHECK;
void screen_free(struct screen *screen);

const struct screen_cell *screen_at(const struct screen *screen, int row, int column);

/* Draws from `column` on, at most `width` columns of it; what is outside is left out. */
void screen_put(struct screen *screen, int row, int column, int width, enum screen_style style,
                struct slice text);
/* The same, at the right end of the field. */
void screen_put_right(struct screen *screen, int row, int column, int width,
                      enum screen_style style, struct slice text);
void screen_printf(struct screen *screen, int row, int column, enum screen_style style,
                   const char *fmt, ...) PRINTF_LIKE(5, 6);
/* The whole row gets this style. */
void screen_paint(struct screen *screen, int row, enum screen_style style);

/* Its rows as lines, without blanks at their ends, up to the last that is not empty. */
void screen_text(const struct screen *screen, struct buf *out);

#endif

#include "admin/top/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

enum { LINE_MAX_BYTES = 1024 };

static int within(int value, int most)
{
    return value < 1 ? 1 : value > most ? most : value;
}

bool screen_init(struct screen *screen, int rows, int columns)
{
    *screen =
        (struct screen){within(rows, SCREEN_ROWS_MAX), within(columns, SCREEN_COLUMNS_MAX), NULL};
    size_t count = (size_t)screen->rows * (size_t)screen->columns;
    screen->cell = calloc(count, sizeof(*screen->cell));
    for (size_t i = 0; screen->cell != NULL && i < count; i++)
        screen->cell[i].text[0] = ' ';
    return screen->cell != NULL;
}

void screen_free(struct screen *screen)
{
    free(screen->cell);
    *screen = (struct screen){0};
}

static struct screen_cell *cell_at(const struct screen *screen, int row, int column)
{
    return &screen->cell[row * screen->columns + column];
}

const struct screen_cell *screen_at(const struct screen *screen, int row, int column)
{
    CHECK(row >= 0 && row < screen->rows && column >= 0 && column < screen->columns);
    return cell_at(screen, row, column);
}

/* Letters of most scripts need one column; those of East Asia two, and marks none. */
static bool takes_one_column(uint32_t point)
{
    if (point < 0x300)
        return point >= ' ' && (point < 0x7f || point > 0x9f) && point != 0xad;
    return (point >= 0x370 && point < 0x483) || (point >= 0x48a && point < 0x590) ||
           (point >= 0x1e00 && point < 0x200b) || (point >= 0x2010 && point < 0x2028) ||
           (point >= 0x2190 && point < 0x2300) || (point >= 0x2500 && point < 0x2600);
}

/* One character into a cell; returns how many bytes it was. */
static size_t fill_cell(struct screen_cell *cell, struct slice text)
{
    uint32_t point = 0;
    size_t len = utf8_decode((const unsigned char *)text.ptr, text.len, &point);

    memset(cell->text, 0, sizeof(cell->text));
    if (len > 0 && takes_one_column(point))
        memcpy(cell->text, text.ptr, len);
    else
        cell->text[0] = '?';
    return len > 0 ? len : 1;
}

void screen_put(struct screen *screen, int row, int column, int width, enum screen_style style,
                struct slice text)
{
    for (int i = 0; i < width && text.len > 0; i++) {
        struct screen_cell outside, *cell = &outside;
        if (row >= 0 && row < screen->rows && column + i >= 0 && column + i < screen->columns)
            cell = cell_at(screen, row, column + i);
        size_t took = fill_cell(cell, text);
        cell->style = (unsigned char)style;
        text.ptr += took;
        text.len -= took;
    }
}

/* How many columns it takes. */
static int columns_of(struct slice text)
{
    int columns = 0;
    struct screen_cell cell;

    for (; text.len > 0; columns++) {
        size_t took = fill_cell(&cell, text);
        text.ptr += took;
        text.len -= took;
    }
    return columns;
}

void screen_put_right(struct screen *screen, int row, int column, int width,
                      enum screen_style style, struct slice text)
{
    int columns = columns_of(text);
    int from = columns < width ? column + width - columns : column;

    screen_put(screen, row, from, width, style, text);
}

void screen_printf(struct screen *screen, int row, int column, enum screen_style style,
                   const char *fmt, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    screen_put(screen, row, column, screen->columns - column, style, slice_of(line));
}

void screen_paint(struct screen *screen, int row, enum screen_style style)
{
    for (int column = 0; row >= 0 && row < screen->rows && column < screen->columns; column++)
        cell_at(screen, row, column)->style = (unsigned char)style;
}

/* Columns up to the last that is no blank. */
static int row_len(const struct screen *screen, int row)
{
    int len = screen->columns;

    while (len > 0 && strcmp(cell_at(screen, row, len - 1)->text, " ") == 0)
        len--;
    return len;
}

void screen_text(const struct screen *screen, struct buf *out)
{
    int rows = screen->rows;

    while (rows > 0 && row_len(screen, rows - 1) == 0)
        rows--;
    for (int row = 0; row < rows; row++) {
        int len = row_len(screen, row);
        for (int column = 0; column < len; column++)
            buf_append_str(out, cell_at(screen, row, column)->text);
        buf_append_str(out, "\n");
    }
}

#include "admin/column.h"

#include <stdlib.h>

#include "admin/command.h"

/* Columns that some printed UTF-8 takes: its bytes but for those that continue a character. */
static size_t columns_of(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

void column_print(FILE *out, struct slice bytes, size_t width, bool cut)
{
    char *text = NULL;
    size_t len = 0;
    FILE *cell = open_memstream(&text, &len);
    if (cell == NULL)
        return;
    if (bytes.len > 0)
        print_escaped_to(cell, bytes, cut ? width : 0);
    else
        fputs("-", cell);
    if (fclose(cell) == 0) {
        size_t used = columns_of(text, len);
        fprintf(out, "%s%*s ", text, used < width ? (int)(width - used) : 0, "");
    }
    free(text);
}

/*
 * console: a real terminal, by ncurses: shows screens, reads keys. It is given back as it was,
 * whatever ends us: TERM, INT, HUP and QUIT are noted, not obeyed; the caller ends. One at a time.
 */
#ifndef ADMIN_TOP_CONSOLE_H
#define ADMIN_TOP_CONSOLE_H

#include <stdbool.h>

#include "admin/top/screen.h"
#include "base/check.h"

/* False: it is none that ncurses knows; nothing was changed. */
bool console_open(void) MUST_CHECK;
void console_close(void);

void console_size(int *rows, int *columns);
void console_show(const struct screen *screen);

/* A key (enum top_key, or a character); 0: none came within the time, or its size changed, or a
 * signal came. */
int console_key(int wait_ms);

/* The signal that asks us to end; 0: none. */
int console_signal(void);

#endif

/*
 * terminal: the one that this process was started at. When it is closed the kernel sends SIGHUP,
 * which otherwise means "read the configuration again".
 */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include <stdbool.h>

/* Is there one now? */
bool terminal_is_there(void);

/* At start: is there one, and is it a reason to end when it is closed? Under nohup(1) it is not. */
bool terminal_matters(void);

/* How wide stdout is: its terminal's columns; `otherwise` if it is none, or does not say. */
int terminal_columns(int otherwise);

#endif

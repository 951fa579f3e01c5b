/*
 * behave: what a test finds out about the plugin behave.c through its symbol `behave_seen`.
 */
#ifndef TESTS_PLUGINS_BEHAVE_H
#define TESTS_PLUGINS_BEHAVE_H

#include <stdatomic.h>

enum { BEHAVE_TEXT_MAX = 64 };

struct behave_seen {
    _Atomic int inits, finis, handles;
    char options[BEHAVE_TEXT_MAX], queue[BEHAVE_TEXT_MAX]; /* of the last init */
};

#endif

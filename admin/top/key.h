/*
 * key: keys that are no characters, whatever ncurses calls them.
 */
#ifndef ADMIN_TOP_KEY_H
#define ADMIN_TOP_KEY_H

enum top_key {
    TOP_KEY_TAB = '\t',
    TOP_KEY_UP = 1000,
    TOP_KEY_DOWN,
    TOP_KEY_PAGE_UP,
    TOP_KEY_PAGE_DOWN,
};

#endif

#include "admin/top/console.h"

#include <curses.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/top/key.h"

static SCREEN *device; /* ncurses has one at a time as well */
static volatile sig_atomic_t ending;

static void on_end(int signal_number)
{
    ending = signal_number;
}

static void catch_signals(void)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = on_end}; /* no SA_RESTART: the wait for a key ends */

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}

/* https://no-color.org: any value but none. */
static bool wants_colours(void)
{
    const char *no = getenv("NO_COLOR");

    return (no == NULL || no[0] == '\0') && has_colors();
}

static void choose_colours(void)
{
    static const short colour[STYLE_COUNT] = {
        [STYLE_GOOD] = COLOR_GREEN,
        [STYLE_WARNING] = COLOR_YELLOW,
        [STYLE_BAD] = COLOR_RED,
    };

    if (!wants_colours() || start_color() == ERR)
        return;
    (void)use_default_colors();
    for (short style = 0; style < STYLE_COUNT; style++)
        if (colour[style] != 0)
            (void)init_pair(style, colour[style], -1);
}

bool console_open(void)
{
    if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
        return false;
    setlocale(LC_CTYPE, "");
    device = newterm(NULL, stdout, stdin);
    if (device == NULL)
        return false;
    catch_signals();
    (void)cbreak();
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    (void)curs_set(0);
    set_escdelay(25);
    choose_colours();
    return true;
}

void console_close(void)
{
    if (device == NULL)
        return;
    (void)endwin();
    delscreen(device);
    device = NULL;
}

void console_size(int *rows, int *columns)
{
    getmaxyx(stdscr, *rows, *columns);
}

static attr_t attributes_of(unsigned char style)
{
    static const attr_t attributes[STYLE_COUNT] = {
        [STYLE_TITLE] = A_BOLD, [STYLE_CHOSEN] = A_REVERSE, [STYLE_WARNING] = A_BOLD,
        [STYLE_BAD] = A_BOLD,   [STYLE_FAINT] = A_DIM,
    };
    return attributes[style];
}

static bool has_colour(unsigned char style)
{
    return style == STYLE_GOOD || style == STYLE_WARNING || style == STYLE_BAD;
}

void console_show(const struct screen *screen)
{
    (void)erase();
    for (int row = 0; row < screen->rows; row++)
        for (int column = 0; column < screen->columns; column++) {
            const struct screen_cell *cell = screen_at(screen, row, column);
            bool ascii = (unsigned char)cell->text[0] < 0x80;
            (void)attr_set(attributes_of(cell->style),
                           has_colour(cell->style) && has_colors() ? (short)cell->style : 0, NULL);
            (void)mvaddstr(row, column, ascii || MB_CUR_MAX > 1 ? cell->text : "?");
        }
    (void)refresh();
}

int console_key(int wait_ms)
{
    static const struct {
        int theirs, ours;
    } keys[] = {{KEY_UP, TOP_KEY_UP},
                {KEY_DOWN, TOP_KEY_DOWN},
                {KEY_PPAGE, TOP_KEY_PAGE_UP},
                {KEY_NPAGE, TOP_KEY_PAGE_DOWN}};

    timeout(wait_ms);
    int key = ending != 0 ? ERR : getch();
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (key == keys[i].theirs)
            return keys[i].ours;
    return key > 0 && key < KEY_MIN ? key : 0;
}

int console_signal(void)
{
    return ending;
}

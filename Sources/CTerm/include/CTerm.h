#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The parts of ncursesw and of the terminal that Swift cannot reach itself: variadic functions, macros, signal handlers.
   curses only draws, and draws into memory: it never touches the terminal, its modes or signals (see Terminal/TerminalSession). */

/* The same eight bytes as Screen's Cell. */
typedef struct {
    uint32_t glyph;
    uint16_t style;
    uint8_t width;
    uint8_t spare;
} cterm_cell;

enum { CTERM_FIRST_GRAPHEME = 0x110000 };

/* Attribute bits, as in Screen's Attributes. */
enum { CTERM_BOLD = 1, CTERM_DIM = 2, CTERM_ITALIC = 4, CTERM_UNDERLINE = 8, CTERM_REVERSE = 16, CTERM_STRIKE = 32 };

enum { CTERM_OK, CTERM_UNKNOWN_TERMINAL, CTERM_UNFIT_TERMINAL, CTERM_NO_MEMORY, CTERM_NO_LOCALE };

/* What the terminal's description says. Strings have their padding removed and end in NUL; "" is absent. */
typedef struct {
    int colours;
    bool direct_colour;
    /* It reports a mouse the xterm way: a terminal that also understands xterm's private modes and questions. */
    bool modern;
    bool addresses_columns;
    /* It has ECH, and erased cells take the background. */
    bool erases;
    /* A character in the last cell of all would scroll the screen. */
    bool scrolls_at_the_end;
    char enter_screen[64];
    char leave_screen[64];
    char show_cursor[32];
    char hide_cursor[32];
} cterm_facts;

/* Starts curses for a terminal of that kind and size; what it would write goes to memory. Once in a process at a time. */
int cterm_open(const char *term, int columns, int rows, cterm_facts *facts);
void cterm_close(void);

/* How many pairs of colours there may be. */
int cterm_pair_limit(void);
/* Colours are numbers of the caller's own; in the output they are CSI n { (foreground) and CSI n | (background). 0 is the default. */
void cterm_pair(int pair, int foreground, int background);
/* A style: its attributes, its pair, and the pair of its blanks. */
bool cterm_style(uint16_t number, unsigned attributes, int pair, int blank_pair);
/* A base character with marks, for glyph number CTERM_FIRST_GRAPHEME + index. */
bool cterm_grapheme(uint32_t index, const uint32_t *scalars, size_t count);
/* Shows ASCII only: what is not becomes the nearest that is. */
void cterm_ascii(bool only);

/* The bytes of a cell as curses would show it; `out` has room for 64. */
size_t cterm_encode(const cterm_cell *cell, uint8_t *out);

void cterm_write(int row, int column, const cterm_cell *cells, size_t count);
/* The cursor's place; a negative row means that it does not matter. */
void cterm_cursor(int row, int column);
void cterm_resize(int columns, int rows);
/* The next flush draws everything that is written from now on, on an empty screen. */
void cterm_repaint(void);
/* Draws; the bytes stay valid until the next call. */
const uint8_t *cterm_flush(size_t *count);

/* Crashes (ILL, TRAP, SEGV, BUS, FPE, ABRT) write these bytes and restore the terminal's modes before whoever was to handle them does.
   After SIGKILL a small process that waits for our end does it (keeper.c). */
void cterm_guard(int tty, const uint8_t *leave, size_t count);
void cterm_unguard(void);

/* struct termios stays here. All return 0 or an errno. */
int cterm_modes_save(int tty);
int cterm_modes_raw(int tty);
int cterm_modes_restore(int tty);
int cterm_size(int tty, int *columns, int *rows);

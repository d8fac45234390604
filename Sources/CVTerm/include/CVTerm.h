// libvterm as plain functions: bytes in; rows of packed cells, what is to be sent back, and modes out. No I/O. Not thread-safe.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cvterm cvterm;

/// The same 16 bytes as Screen's GridCell, which explains them.
typedef struct {
    /// A base (0: nothing was written) and two marks, 21 bits each from the lowest.
    uint64_t text;
    /// Foreground and background, 26 bits each (kind, then value), 8 bits of attributes, 2 bits of width.
    uint64_t look;
} cvterm_cell;

/// Smaller terminals than this are not made: libvterm writes wide characters without looking.
enum { CVTERM_LEAST_COLUMNS = 4, CVTERM_LEAST_ROWS = 2 };

typedef struct {
    int columns, rows;
    int cursor_column, cursor_row;
    bool cursor_visible;
    /// 1 block, 2 underline, 3 bar; 0 when the program said nothing.
    int cursor_shape;
    bool alternate;
    /// 0 none, 1 clicks, 2 drags too, 3 every move.
    int mouse;
    /// Lines above the screen, and how many have gone up there less those that came back, since the beginning.
    int above;
    int64_t pushed;
    int bells;
} cvterm_state;

/// `history` is the most lines that are kept above the screen.
cvterm *cvterm_new(int columns, int rows, int history);
void cvterm_free(cvterm *terminal);
/// Whole characters and whole sequences only (VT's Sieve).
void cvterm_feed(cvterm *terminal, const uint8_t *bytes, size_t count);
void cvterm_resize(cvterm *terminal, int columns, int rows);
cvterm_state cvterm_look(const cvterm *terminal);

/// Fills `count` cells of a row: from 0 on the screen's, below 0 what is above it (-1 the last).
void cvterm_row(const cvterm *terminal, int row, cvterm_cell *cells, int count);
/// Whether anything of a row of the screen has changed since this was asked last.
bool cvterm_take_change(cvterm *terminal, int row);

enum {
    CVTERM_ENTER = 1, CVTERM_TAB, CVTERM_BACKSPACE, CVTERM_ESCAPE, CVTERM_UP, CVTERM_DOWN, CVTERM_LEFT, CVTERM_RIGHT, CVTERM_INSERT, CVTERM_DELETE,
    CVTERM_HOME, CVTERM_END, CVTERM_PAGE_UP, CVTERM_PAGE_DOWN,
    /// Plus 1 to 12.
    CVTERM_FUNCTION = 256
};
enum { CVTERM_SHIFT = 1, CVTERM_ALT = 2, CVTERM_CTRL = 4 };

/// What these lead to is to be taken by `cvterm_take_answers`, as answers to questions are.
void cvterm_key(cvterm *terminal, int key, int modifiers);
void cvterm_paste(cvterm *terminal, bool begins);
void cvterm_mouse_move(cvterm *terminal, int column, int row, int modifiers);
/// 1 left, 2 middle, 3 right, 4 wheel up, 5 wheel down.
void cvterm_mouse_button(cvterm *terminal, int button, bool pressed, int modifiers);
/// Copies at most `capacity` bytes and drops what is more; how many.
size_t cvterm_take_answers(cvterm *terminal, uint8_t *bytes, size_t capacity);
size_t cvterm_answers(const cvterm *terminal);

#ifdef __cplusplus
}
#endif

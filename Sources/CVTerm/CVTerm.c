#include "CVTerm.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>

typedef struct {
    int count;
    cvterm_cell *cells;
} line;

/* Attribute bits, as in Screen's Attributes. */
enum { BOLD = 1, ITALIC = 4, UNDERLINE = 8, REVERSE = 16, STRIKE = 32 };

enum { most_answers = 65536 };

struct cvterm {
    VTerm *vterm;
    VTermScreen *screen;
    cvterm_state state;
    bool *changed; /* by row */
    int changed_room;
    /* Lines above the screen: a ring that begins at `oldest`. */
    line *history;
    int history_room, oldest;
    uint8_t *answers;
    size_t answer_count, answer_room;
};

static int larger(int a, int b) { return a > b ? a : b; }

static void mark(cvterm *terminal, int first, int end) {
    for (int row = larger(0, first); row < end && row < terminal->changed_room; row++) terminal->changed[row] = true;
}

static bool room_for_rows(cvterm *terminal, int rows) {
    if (rows > terminal->changed_room) {
        bool *grown = realloc(terminal->changed, (size_t)rows * sizeof *grown);
        if (!grown) return false;
        terminal->changed = grown;
        terminal->changed_room = rows;
    }
    mark(terminal, 0, rows);
    return true;
}

/* ---- Cells */

static uint64_t pack_colour(const VTermColor *colour) {
    if (VTERM_COLOR_IS_DEFAULT_FG(colour) || VTERM_COLOR_IS_DEFAULT_BG(colour)) return 0;
    if (VTERM_COLOR_IS_INDEXED(colour)) return (uint64_t)3 << 24 | colour->indexed.idx;
    return (uint64_t)2 << 24 | (uint64_t)colour->rgb.red << 16 | (uint64_t)colour->rgb.green << 8 | colour->rgb.blue;
}

static cvterm_cell pack(const VTermScreenCell *cell, bool is_right_half) {
    uint64_t attributes = 0;
    if (cell->attrs.bold) attributes |= BOLD;
    if (cell->attrs.italic) attributes |= ITALIC;
    if (cell->attrs.underline) attributes |= UNDERLINE;
    if (cell->attrs.reverse) attributes |= REVERSE;
    if (cell->attrs.strike) attributes |= STRIKE;
    uint64_t width = is_right_half ? 0 : cell->width == 2 ? 2 : 1;
    uint64_t text = 0;
    /* A right half without its left one, too, is a blank. */
    if (cell->chars[0] != (uint32_t)-1) {
        for (int i = 0; i < 3 && cell->chars[i]; i++) text |= (uint64_t)(cell->chars[i] & 0x1FFFFF) << (21 * i);
    }
    uint64_t look = pack_colour(&cell->fg) | pack_colour(&cell->bg) << 26 | attributes << 52 | width << 60;
    return (cvterm_cell){.text = text, .look = look};
}

static const uint64_t blank_look = (uint64_t)1 << 60;
static const cvterm_cell blank = {.text = 0, .look = (uint64_t)1 << 60};

static void unpack_colour(uint64_t packed, VTermColor *colour, const VTermColor *standard) {
    switch (packed >> 24 & 3) {
    case 2: vterm_color_rgb(colour, packed >> 16 & 255, packed >> 8 & 255, packed & 255); break;
    case 3: vterm_color_indexed(colour, packed & 255); break;
    default: *colour = *standard;
    }
}

static void unpack(const cvterm *terminal, cvterm_cell cell, VTermScreenCell *into) {
    memset(into, 0, sizeof *into);
    for (int i = 0; i < 3; i++) into->chars[i] = cell.text >> (21 * i) & 0x1FFFFF;
    into->width = (cell.look >> 60 & 3) == 2 ? 2 : 1;
    unsigned attributes = cell.look >> 52 & 255;
    into->attrs.bold = (attributes & BOLD) != 0;
    into->attrs.italic = (attributes & ITALIC) != 0;
    into->attrs.underline = (attributes & UNDERLINE) != 0;
    into->attrs.reverse = (attributes & REVERSE) != 0;
    into->attrs.strike = (attributes & STRIKE) != 0;
    VTermColor front, back;
    vterm_state_get_default_colors(vterm_obtain_state(terminal->vterm), &front, &back);
    unpack_colour(cell.look & 0x3FFFFFF, &into->fg, &front);
    unpack_colour(cell.look >> 26 & 0x3FFFFFF, &into->bg, &back);
}

/* ---- What libvterm tells */

static int on_damage(VTermRect rect, void *user) {
    mark(user, rect.start_row, rect.end_row);
    return 1;
}

static int on_move_rect(VTermRect to, VTermRect from, void *user) {
    mark(user, to.start_row, to.end_row);
    mark(user, from.start_row, from.end_row);
    return 1;
}

static int on_move_cursor(VTermPos position, VTermPos old, int visible, void *user) {
    cvterm *terminal = user;
    (void)old;
    (void)visible;
    terminal->state.cursor_row = position.row;
    terminal->state.cursor_column = position.col;
    return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *user) {
    cvterm *terminal = user;
    switch (property) {
    case VTERM_PROP_CURSORVISIBLE: terminal->state.cursor_visible = value->boolean; break;
    case VTERM_PROP_CURSORSHAPE: terminal->state.cursor_shape = value->number; break;
    case VTERM_PROP_ALTSCREEN: terminal->state.alternate = value->boolean; break;
    case VTERM_PROP_MOUSE: terminal->state.mouse = value->number; break;
    case VTERM_PROP_REVERSE: mark(terminal, 0, terminal->changed_room); break;
    default: break;
    }
    return 1;
}

static int on_bell(void *user) {
    ((cvterm *)user)->state.bells++;
    return 1;
}

/* A line leaves the screen at the top. */
static int on_push(int columns, const VTermScreenCell *cells, void *user) {
    cvterm *terminal = user;
    if (terminal->history_room == 0) return 0;
    /* Blanks at the end are not kept. */
    int count = columns;
    while (count > 0) {
        cvterm_cell last = pack(&cells[count - 1], cells[count - 1].chars[0] == (uint32_t)-1);
        if (last.look != blank_look || (last.text != 0 && last.text != ' ')) break;
        count--;
    }
    line *place;
    if (terminal->state.above == terminal->history_room) {
        place = &terminal->history[terminal->oldest];
        terminal->oldest = (terminal->oldest + 1) % terminal->history_room;
        terminal->state.above--;
    } else {
        place = &terminal->history[(terminal->oldest + terminal->state.above) % terminal->history_room];
    }
    if (place->count != count || !place->cells) {
        free(place->cells);
        place->cells = count > 0 ? malloc((size_t)count * sizeof *place->cells) : NULL;
        if (count > 0 && !place->cells) count = 0;
    }
    place->count = count;
    for (int i = 0; i < count; i++) place->cells[i] = pack(&cells[i], cells[i].chars[0] == (uint32_t)-1);
    terminal->state.above++;
    terminal->state.pushed++;
    return 1;
}

/* A taller screen takes the last line back. */
static int on_pop(int columns, VTermScreenCell *cells, void *user) {
    cvterm *terminal = user;
    if (terminal->state.above == 0) return 0;
    line *last = &terminal->history[(terminal->oldest + terminal->state.above - 1) % terminal->history_room];
    for (int i = 0; i < columns; i++) {
        cvterm_cell cell = i < last->count ? last->cells[i] : blank;
        /* Half of a wide character that does not fit any more. */
        if ((cell.look >> 60 & 3) == 2 && i + 1 >= columns) cell = blank;
        unpack(terminal, cell, &cells[i]);
    }
    free(last->cells);
    *last = (line){0, NULL};
    terminal->state.above--;
    terminal->state.pushed--;
    return 1;
}

static void on_output(const char *bytes, size_t count, void *user) {
    cvterm *terminal = user;
    /* Who asks without reading the answers gets no more of them. */
    if (count > most_answers - terminal->answer_count) return;
    if (terminal->answer_count + count > terminal->answer_room) {
        size_t room = terminal->answer_room ? terminal->answer_room * 2 : 256;
        while (room < terminal->answer_count + count) room *= 2;
        uint8_t *grown = realloc(terminal->answers, room);
        if (!grown) return;
        terminal->answers = grown;
        terminal->answer_room = room;
    }
    memcpy(terminal->answers + terminal->answer_count, bytes, count);
    terminal->answer_count += count;
}

static const VTermScreenCallbacks callbacks = {
    .damage = on_damage,
    .moverect = on_move_rect,
    .movecursor = on_move_cursor,
    .settermprop = on_property,
    .bell = on_bell,
    .sb_pushline = on_push,
    .sb_popline = on_pop,
};

/* ---- From outside */

cvterm *cvterm_new(int columns, int rows, int history) {
    columns = larger(columns, CVTERM_LEAST_COLUMNS);
    rows = larger(rows, CVTERM_LEAST_ROWS);
    cvterm *terminal = calloc(1, sizeof *terminal);
    if (!terminal) return NULL;
    terminal->history_room = larger(0, history);
    terminal->history = calloc((size_t)larger(1, history), sizeof *terminal->history);
    terminal->vterm = vterm_new(rows, columns);
    if (!terminal->history || !terminal->vterm || !room_for_rows(terminal, rows)) {
        cvterm_free(terminal);
        return NULL;
    }
    terminal->state.columns = columns;
    terminal->state.rows = rows;
    terminal->state.cursor_visible = true;
    vterm_set_utf8(terminal->vterm, 1);
    vterm_output_set_callback(terminal->vterm, on_output, terminal);
    terminal->screen = vterm_obtain_screen(terminal->vterm);
    vterm_screen_set_callbacks(terminal->screen, &callbacks, terminal);
    vterm_screen_enable_altscreen(terminal->screen, 1);
    vterm_screen_set_damage_merge(terminal->screen, VTERM_DAMAGE_SCROLL);
    vterm_screen_reset(terminal->screen, 1);
    terminal->state.cursor_shape = 0;
    return terminal;
}

void cvterm_free(cvterm *terminal) {
    if (!terminal) return;
    if (terminal->vterm) vterm_free(terminal->vterm);
    if (terminal->history) {
        for (int i = 0; i < terminal->history_room; i++) free(terminal->history[i].cells);
    }
    free(terminal->history);
    free(terminal->changed);
    free(terminal->answers);
    free(terminal);
}

void cvterm_feed(cvterm *terminal, const uint8_t *bytes, size_t count) {
    if (count == 0) return;
    /* libvterm chooses a decoder by the first byte of a run and keeps a state in each: so a run has bytes of one kind. */
    size_t start = 0;
    for (size_t i = 1; i <= count; i++) {
        if (i < count && ((bytes[i] ^ bytes[start]) & 0x80) == 0) continue;
        vterm_input_write(terminal->vterm, (const char *)bytes + start, i - start);
        start = i;
    }
    vterm_screen_flush_damage(terminal->screen);
}

void cvterm_resize(cvterm *terminal, int columns, int rows) {
    columns = larger(columns, CVTERM_LEAST_COLUMNS);
    rows = larger(rows, CVTERM_LEAST_ROWS);
    if (columns == terminal->state.columns && rows == terminal->state.rows) return;
    if (!room_for_rows(terminal, rows)) return;
    vterm_set_size(terminal->vterm, rows, columns);
    /* When lines went up with the cursor above them, the cursor is above the screen now. A control sequence makes libvterm look at it. */
    static const char look_at_cursor[] = "\033[?9999l";
    vterm_input_write(terminal->vterm, look_at_cursor, sizeof look_at_cursor - 1);
    vterm_screen_flush_damage(terminal->screen);
    terminal->state.columns = columns;
    terminal->state.rows = rows;
    VTermPos position;
    vterm_state_get_cursorpos(vterm_obtain_state(terminal->vterm), &position);
    terminal->state.cursor_row = position.row;
    terminal->state.cursor_column = position.col;
    mark(terminal, 0, rows);
}

cvterm_state cvterm_look(const cvterm *terminal) { return terminal->state; }

void cvterm_row(const cvterm *terminal, int row, cvterm_cell *cells, int count) {
    int filled = 0;
    if (row < 0) {
        int index = terminal->state.above + row;
        if (index >= 0) {
            const line *kept = &terminal->history[(terminal->oldest + index) % terminal->history_room];
            for (; filled < count && filled < kept->count; filled++) cells[filled] = kept->cells[filled];
        }
    } else if (row < terminal->state.rows) {
        bool follows_wide = false;
        for (; filled < count && filled < terminal->state.columns; filled++) {
            VTermScreenCell cell;
            if (!vterm_screen_get_cell(terminal->screen, (VTermPos){.row = row, .col = filled}, &cell)) break;
            cells[filled] = pack(&cell, follows_wide && cell.chars[0] == (uint32_t)-1);
            follows_wide = cell.width == 2;
        }
    }
    for (; filled < count; filled++) cells[filled] = blank;
    /* A wide character that is cut at the edge is not shown at all. */
    if (count > 0 && (cells[count - 1].look >> 60 & 3) == 2) cells[count - 1] = blank;
}

bool cvterm_take_change(cvterm *terminal, int row) {
    if (row < 0 || row >= terminal->changed_room) return false;
    bool changed = terminal->changed[row];
    terminal->changed[row] = false;
    return changed;
}

static VTermModifier modifiers_of(int modifiers) {
    VTermModifier result = VTERM_MOD_NONE;
    if (modifiers & CVTERM_SHIFT) result |= VTERM_MOD_SHIFT;
    if (modifiers & CVTERM_ALT) result |= VTERM_MOD_ALT;
    if (modifiers & CVTERM_CTRL) result |= VTERM_MOD_CTRL;
    return result;
}

void cvterm_key(cvterm *terminal, int key, int modifiers) {
    static const VTermKey keys[] = {
        [CVTERM_ENTER] = VTERM_KEY_ENTER, [CVTERM_TAB] = VTERM_KEY_TAB, [CVTERM_BACKSPACE] = VTERM_KEY_BACKSPACE,
        [CVTERM_ESCAPE] = VTERM_KEY_ESCAPE, [CVTERM_UP] = VTERM_KEY_UP, [CVTERM_DOWN] = VTERM_KEY_DOWN, [CVTERM_LEFT] = VTERM_KEY_LEFT,
        [CVTERM_RIGHT] = VTERM_KEY_RIGHT, [CVTERM_INSERT] = VTERM_KEY_INS, [CVTERM_DELETE] = VTERM_KEY_DEL, [CVTERM_HOME] = VTERM_KEY_HOME,
        [CVTERM_END] = VTERM_KEY_END, [CVTERM_PAGE_UP] = VTERM_KEY_PAGEUP, [CVTERM_PAGE_DOWN] = VTERM_KEY_PAGEDOWN,
    };
    VTermKey code = VTERM_KEY_NONE;
    if (key >= CVTERM_FUNCTION) {
        if (key - CVTERM_FUNCTION >= 1 && key - CVTERM_FUNCTION <= 12) code = VTERM_KEY_FUNCTION(key - CVTERM_FUNCTION);
    } else if (key > 0 && key < (int)(sizeof keys / sizeof *keys)) {
        code = keys[key];
    }
    if (code != VTERM_KEY_NONE) vterm_keyboard_key(terminal->vterm, code, modifiers_of(modifiers));
}

void cvterm_paste(cvterm *terminal, bool begins) {
    if (begins) {
        vterm_keyboard_start_paste(terminal->vterm);
    } else {
        vterm_keyboard_end_paste(terminal->vterm);
    }
}

void cvterm_mouse_move(cvterm *terminal, int column, int row, int modifiers) {
    vterm_mouse_move(terminal->vterm, row, column, modifiers_of(modifiers));
}

void cvterm_mouse_button(cvterm *terminal, int button, bool pressed, int modifiers) {
    vterm_mouse_button(terminal->vterm, button, pressed, modifiers_of(modifiers));
}

size_t cvterm_answers(const cvterm *terminal) { return terminal->answer_count; }

size_t cvterm_take_answers(cvterm *terminal, uint8_t *bytes, size_t capacity) {
    size_t count = terminal->answer_count < capacity ? terminal->answer_count : capacity;
    if (count > 0) memcpy(bytes, terminal->answers, count);
    terminal->answer_count = 0;
    return count;
}

#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "CTerm.h"
#include "terminfo.h"
#include <curses.h>
#include <term.h>
#undef columns /* term.h takes the word */
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

typedef struct {
    attr_t attributes, blank_attributes;
    int pair, blank_pair;
} style;

typedef struct {
    wchar_t scalars[CCHARW_MAX + 1];
} grapheme;

static struct {
    SCREEN *screen;
    FILE *out, *in;
    int memory; /* what curses writes to */
    uint8_t *bytes;
    size_t capacity;
    style *styles;
    size_t style_room;
    grapheme *graphemes;
    size_t grapheme_room;
    bool ascii;
} it = {.memory = -1};

/* curses takes these for itself in newterm; whoever runs the program decides about them. */
static const int taken[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
enum { TAKEN = sizeof taken / sizeof taken[0] };

/* Output needs a UTF-8 locale whatever the person's is; Terminal asks for ASCII where the terminal may not understand. */
static bool use_utf8(void) {
    if (setlocale(LC_CTYPE, "C.UTF-8")) return true;
    return setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static int read_facts(const char *term, cterm_facts *facts) {
    char cup[64], mouse[64], sgr0[64];
    cterm_capability("cup", cup, sizeof cup);
    cterm_capability("sgr0", sgr0, sizeof sgr0);
    if (!starts(cup, "\033[")) return CTERM_UNFIT_TERMINAL;
    char setaf[256];
    cterm_capability("setaf", setaf, sizeof setaf);
    memset(facts, 0, sizeof *facts);
    facts->colours = starts(setaf, "\033[") ? tigetnum("colors") : 0;
    /* RGB may be a flag, a number or a string (user_caps(5)); Tc is tmux's word for it. */
    char *rgb = tigetstr("RGB");
    facts->direct_colour = tigetflag("RGB") == 1 || tigetnum("RGB") > 0 || (rgb && rgb != (char *)-1) || tigetflag("Tc") == 1;
    cterm_capability("kmous", mouse, sizeof mouse);
    facts->modern = mouse[0] && !starts(term, "linux");
    char hpa[64];
    cterm_capability("hpa", hpa, sizeof hpa);
    facts->addresses_columns = strcmp(hpa, "\033[%i%p1%dG") == 0;
    bool tmux = starts(term, "tmux");
    char ech[64], el[64];
    cterm_capability("ech", ech, sizeof ech);
    cterm_capability("el", el, sizeof el);
    facts->erases = tmux || (tigetflag("bce") == 1 && strcmp(ech, "\033[%p1%dX") == 0 && strcmp(el, "\033[K") == 0);
    facts->scrolls_at_the_end = tigetflag("am") == 1 && tigetflag("xenl") != 1;
    cterm_capability("smcup", facts->enter_screen, sizeof facts->enter_screen);
    cterm_capability("rmcup", facts->leave_screen, sizeof facts->leave_screen);
    cterm_capability("cnorm", facts->show_cursor, sizeof facts->show_cursor);
    cterm_capability("civis", facts->hide_cursor, sizeof facts->hide_cursor);
    return CTERM_OK;
}

/* newterm under our description, with TERMINFO and the signals as they were afterwards. */
static SCREEN *start(char *description) {
    struct sigaction before[TAKEN];
    for (int i = 0; i < TAKEN; i++) sigaction(taken[i], NULL, &before[i]);
    const char *old = getenv("TERMINFO");
    char *kept = old ? strdup(old) : NULL;
    setenv("TERMINFO", description, 1);
    use_env(FALSE);
    SCREEN *screen = newterm("drover", it.out, it.in);
    if (kept) {
        setenv("TERMINFO", kept, 1);
    } else {
        unsetenv("TERMINFO");
    }
    free(kept);
    for (int i = 0; i < TAKEN; i++) sigaction(taken[i], &before[i], NULL);
    return screen;
}

static int open_curses(const char *term, int columns, int rows, cterm_facts *facts) {
    if (!use_utf8()) return CTERM_NO_LOCALE;
    it.memory = memfd_create("drover-screen", MFD_CLOEXEC);
    if (it.memory < 0) return CTERM_NO_MEMORY;
    int error = 0;
    if (setupterm(term, it.memory, &error) != OK) return CTERM_UNKNOWN_TERMINAL;
    TERMINAL *theirs = cur_term;
    int result = read_facts(term, facts);
    char *description = result == CTERM_OK ? cterm_description("drover", columns, rows, starts(term, "tmux")) : NULL;
    set_curterm(NULL);
    del_curterm(theirs);
    if (result != CTERM_OK) return result;
    if (!description) return CTERM_NO_MEMORY;
    it.out = fdopen(it.memory, "w");
    it.in = fopen("/dev/null", "re"); /* curses reads nothing */
    it.screen = it.out && it.in ? start(description) : NULL;
    free(description);
    if (!it.screen) return CTERM_NO_MEMORY;
    nonl();
    typeahead(-1); /* or a refresh stops when it believes that keys wait */
    start_color();
    use_default_colors();
    leaveok(stdscr, TRUE);
    idlok(stdscr, FALSE);
    size_t ignored;
    clearok(curscr, FALSE);
    cterm_flush(&ignored);
    return CTERM_OK;
}

int cterm_open(const char *term, int columns, int rows, cterm_facts *facts) {
    int result = open_curses(term, columns, rows, facts);
    if (result != CTERM_OK) cterm_close();
    return result;
}

void cterm_close(void) {
    if (it.screen) {
        endwin();
        delscreen(it.screen);
    }
    if (it.out) {
        fclose(it.out);
    } else if (it.memory >= 0) {
        close(it.memory);
    }
    if (it.in) fclose(it.in);
    free(it.bytes);
    free(it.styles);
    free(it.graphemes);
    memset(&it, 0, sizeof it);
    it.memory = -1;
}

int cterm_pair_limit(void) { return COLOR_PAIRS > 0x7FFF ? 0x7FFF : COLOR_PAIRS; }

void cterm_pair(int pair, int foreground, int background) { init_extended_pair(pair, foreground, background); }

/* Grows an array of zeroes to hold `index`. */
static bool make_room(void **array, size_t *room, size_t index, size_t size) {
    if (index < *room) return true;
    size_t wanted = index + 256;
    void *bigger = realloc(*array, wanted * size);
    if (!bigger) return false;
    memset((char *)bigger + *room * size, 0, (wanted - *room) * size);
    *array = bigger;
    *room = wanted;
    return true;
}

bool cterm_style(uint16_t number, unsigned attributes, int pair, int blank_pair) {
    if (!make_room((void **)&it.styles, &it.style_room, number, sizeof(style))) return false;
    attr_t shown = 0;
    if (attributes & CTERM_BOLD) shown |= A_BOLD;
    if (attributes & CTERM_DIM) shown |= A_DIM;
    if (attributes & CTERM_ITALIC) shown |= A_ITALIC;
    if (attributes & CTERM_UNDERLINE) shown |= A_UNDERLINE;
    if (attributes & CTERM_REVERSE) shown |= A_REVERSE;
    if (attributes & CTERM_STRIKE) shown |= A_BLINK;
    /* A space that shows neither line nor reverse looks the same in every weight and colour: one kind of blank can be erased in one go. */
    bool plain = !(attributes & (CTERM_UNDERLINE | CTERM_REVERSE | CTERM_STRIKE));
    it.styles[number] = (style){shown, plain ? 0 : shown, pair, plain ? blank_pair : pair};
    return true;
}

bool cterm_grapheme(uint32_t index, const uint32_t *scalars, size_t count) {
    if (!make_room((void **)&it.graphemes, &it.grapheme_room, index, sizeof(grapheme))) return false;
    grapheme *g = &it.graphemes[index];
    if (count > CCHARW_MAX) count = CCHARW_MAX;
    for (size_t i = 0; i < count; i++) g->scalars[i] = (wchar_t)scalars[i];
    g->scalars[count] = 0;
    return true;
}

void cterm_ascii(bool only) { it.ascii = only; }

/* The nearest ASCII of what the dashboard is drawn with. */
static wchar_t nearest_ascii(wchar_t c) {
    static const wchar_t *from = L"│┃▌▏║─━┄═…●◌◍○◔✓✕↗→←↑↓‖·•▸▰▱█▁▂▃▄▅▆▇└├┌┐┘┤┬┴┼╭╮╰╯▲✎⏎“”‘’–—›«»×";
    static const char *to = "|||||---=.*o%.~vx>><^v=.*>#-#___---==`|,,'|++++,,`'!e<\"\"''--><>x";
    if (c < 0x7F) return c;
    const wchar_t *found = wcschr(from, c);
    return found ? (wchar_t)to[found - from] : L'?';
}

/* What a cell shows: itself, or what stands for it where ASCII is all, or where curses and we do not agree on a width. (A character that only
   one of us knows the terminal hardly knows either.) */
static const wchar_t *shown(const cterm_cell *cell, wchar_t one[2]) {
    one[0] = (wchar_t)cell->glyph;
    one[1] = 0;
    const wchar_t *text = one;
    if (cell->glyph >= CTERM_FIRST_GRAPHEME) {
        size_t index = cell->glyph - CTERM_FIRST_GRAPHEME;
        text = index < it.grapheme_room && it.graphemes[index].scalars[0] ? it.graphemes[index].scalars : L"?";
    }
    if (it.ascii && text[0] > 0x7E) {
        one[0] = nearest_ascii(text[0]);
        text = one;
    } else if (text[0] >= 0x300 && wcwidth(text[0]) != cell->width) {
        one[0] = L'?';
        text = one;
    }
    return text;
}

size_t cterm_encode(const cterm_cell *cell, uint8_t *out) {
    wchar_t one[2];
    size_t count = 0;
    const wchar_t *text = shown(cell, one);
    bool narrow = cell->width == 2 && wcwidth(text[0]) < 2;
    for (; *text && count < 56; text++) {
        uint32_t c = (uint32_t)*text;
        if (c < 0x80) {
            out[count++] = (uint8_t)(c < 0x20 || c == 0x7F ? '?' : c);
        } else if (c < 0x800) {
            out[count++] = (uint8_t)(0xC0 | c >> 6);
            out[count++] = (uint8_t)(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            out[count++] = (uint8_t)(0xE0 | c >> 12);
            out[count++] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
            out[count++] = (uint8_t)(0x80 | (c & 0x3F));
        } else {
            out[count++] = (uint8_t)(0xF0 | c >> 18);
            out[count++] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
            out[count++] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
            out[count++] = (uint8_t)(0x80 | (c & 0x3F));
        }
    }
    /* A wide one that could not be shown as such leaves its right half to a space. */
    if (narrow) out[count++] = ' ';
    return count;
}

static void set_cell(cchar_t *out, const cterm_cell *cell) {
    static const style none;
    const style *s = cell->style < it.style_room ? &it.styles[cell->style] : &none;
    wchar_t one[2];
    const wchar_t *text = shown(cell, one);
    bool blank = text[0] == L' ' && !text[1];
    if (setcchar(out, text, blank ? s->blank_attributes : s->attributes, (short)(blank ? s->blank_pair : s->pair), NULL) != OK)
        setcchar(out, L"?", s->attributes, (short)s->pair, NULL);
}

void cterm_write(int row, int column, const cterm_cell *cells, size_t count) {
    enum { CHUNK = 256 };
    cchar_t chunk[CHUNK];
    int at = column, used = 0;
    for (size_t i = 0; i < count; i++) {
        if (cells[i].width == 0) continue;
        if (used >= CHUNK - 2) {
            mvwadd_wchnstr(stdscr, row, at, chunk, used);
            at = column + (int)i;
            used = 0;
        }
        set_cell(&chunk[used], &cells[i]);
        /* A wide one that could not be shown as such leaves its right half to a space. */
        if (cells[i].width == 2) {
            wchar_t text[CCHARW_MAX + 1];
            attr_t attributes;
            short pair;
            if (getcchar(&chunk[used], text, &attributes, &pair, NULL) == OK && wcwidth(text[0]) < 2) {
                used++;
                setcchar(&chunk[used], L" ", attributes, pair, NULL);
            }
        }
        used++;
    }
    if (used) mvwadd_wchnstr(stdscr, row, at, chunk, used);
}

void cterm_cursor(int row, int column) {
    leaveok(stdscr, row < 0);
    if (row >= 0) wmove(stdscr, row, column);
}

void cterm_resize(int columns, int rows) {
    resize_term(rows, columns);
}

void cterm_repaint(void) {
    werase(stdscr);
    clearok(curscr, TRUE);
}

const uint8_t *cterm_flush(size_t *count) {
    *count = 0;
    wnoutrefresh(stdscr);
    doupdate();
    off_t end = lseek(it.memory, 0, SEEK_CUR);
    if (end <= 0) return it.bytes;
    if ((size_t)end > it.capacity) {
        uint8_t *bigger = realloc(it.bytes, (size_t)end);
        if (!bigger) return it.bytes;
        it.bytes = bigger;
        it.capacity = (size_t)end;
    }
    ssize_t got = pread(it.memory, it.bytes, (size_t)end, 0);
    lseek(it.memory, 0, SEEK_SET);
    *count = got > 0 ? (size_t)got : 0;
    return it.bytes;
}

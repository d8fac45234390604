#define _GNU_SOURCE
#include "terminfo.h"
#include <curses.h>
#include <term.h>
#undef columns /* term.h takes the word */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Compiled terminfo, "extended number format": term(5). */

typedef struct {
    uint8_t bytes[32768];
    size_t count;
} buffer;

static void put_byte(buffer *b, unsigned value) {
    if (b->count < sizeof b->bytes) b->bytes[b->count++] = (uint8_t)value;
}

static void put_short(buffer *b, int value) {
    put_byte(b, (unsigned)value & 255);
    put_byte(b, (unsigned)value >> 8 & 255);
}

static void put_int(buffer *b, int value) {
    put_short(b, value);
    put_short(b, value >> 16);
}

static void align(buffer *b) {
    if (b->count & 1) put_byte(b, 0);
}

/* What curses is told instead of what the terminal has. Absent (NULL) is what we do not want it to use: scrolling regions, tabs whose
   stops people change, line feeds that depend on modes, and everything it would send on its own behalf. Colours are private sequences that
   Terminal's tidier turns into real ones; strike-through travels as blink. */
typedef struct {
    const char *name, *value;
} override;

static const override overrides[] = {
    {"setaf", "\033[%p1%d{"}, {"setab", "\033[%p1%d|"}, {"op", "\033[0}"},
    {"sgr0", "\033[m"}, {"bold", "\033[1m"}, {"rev", "\033[7m"}, {"smul", "\033[4m"}, {"rmul", "\033[24m"}, {"blink", "\033[9m"},
    {"dim", "\033[2m"}, {"sitm", "\033[3m"}, {"ritm", "\033[23m"},
    {"cud1", "\033[B"}, {"cr", "\r"},
    {"sgr", NULL}, {"smso", NULL}, {"rmso", NULL}, {"invis", NULL}, {"prot", NULL}, {"smacs", NULL}, {"rmacs", NULL}, {"acsc", NULL}, {"enacs", NULL},
    {"initc", NULL}, {"initp", NULL}, {"oc", NULL}, {"scp", NULL}, {"setf", NULL}, {"setb", NULL},
    {"smcup", NULL}, {"rmcup", NULL}, {"civis", NULL}, {"cnorm", NULL}, {"cvvis", NULL}, {"smkx", NULL}, {"rmkx", NULL},
    {"is1", NULL}, {"is2", NULL}, {"is3", NULL}, {"rs1", NULL}, {"rs2", NULL}, {"rs3", NULL}, {"iprog", NULL}, {"if", NULL}, {"rf", NULL},
    {"ind", NULL}, {"indn", NULL}, {"ri", NULL}, {"rin", NULL}, {"csr", NULL}, {"nel", NULL}, {"ht", NULL}, {"cbt", NULL}, {"tbc", NULL},
    {"hts", NULL}, {"rep", NULL}, {"smir", NULL}, {"rmir", NULL}, {"mrcup", NULL}, {"sc", NULL}, {"rc", NULL}, {"ll", NULL},
    {"smglp", NULL}, {"smgrp", NULL}, {"smglr", NULL}, {"mgc", NULL}, {"kmous", NULL},
};

static const char *string_value(const char *name, bool tmux) {
    for (size_t i = 0; i < sizeof overrides / sizeof overrides[0]; i++)
        if (strcmp(overrides[i].name, name) == 0) return overrides[i].value;
    /* tmux erases characters and colours erased cells, but its descriptions do not say so (tmux 2.1, input.c). */
    if (tmux && strcmp(name, "ech") == 0) return "\033[%p1%dX";
    char *value = tigetstr(name);
    return value == (char *)-1 ? NULL : value;
}

static int number_value(const char *name, int columns, int rows) {
    if (strcmp(name, "cols") == 0) return columns;
    if (strcmp(name, "lines") == 0) return rows;
    if (strcmp(name, "colors") == 0) return 0x1000000;
    if (strcmp(name, "pairs") == 0) return 0x7FFF;
    if (strcmp(name, "it") == 0 || strcmp(name, "xmc") == 0 || strcmp(name, "ncv") == 0) return -1;
    int value = tigetnum(name);
    return value < 0 ? -1 : value;
}

static int flag_value(const char *name, bool tmux) {
    if (strcmp(name, "ccc") == 0 || strcmp(name, "xhp") == 0 || strcmp(name, "hls") == 0) return 0;
    if (strcmp(name, "msgr") == 0 || strcmp(name, "npc") == 0) return 1;
    if (tmux && strcmp(name, "bce") == 0) return 1;
    return tigetflag(name) == 1;
}

/* Copies a capability without its padding `$<5*>`. */
static void put_unpadded(buffer *b, const char *value) {
    while (*value) {
        const char *end = value[0] == '$' && value[1] == '<' ? strchr(value, '>') : NULL;
        if (end) {
            value = end + 1;
        } else {
            put_byte(b, (unsigned char)*value++);
        }
    }
    put_byte(b, 0);
}

static void put_strings(buffer *out, bool tmux, int count, size_t size_at) {
    static buffer table;
    table.count = 0;
    for (int i = 0; i < count; i++) {
        const char *value = string_value(strnames[i], tmux);
        put_short(out, value ? (int)table.count : -1);
        if (value) put_unpadded(&table, value);
    }
    for (size_t i = 0; i < table.count; i++) put_byte(out, table.bytes[i]);
    out->bytes[size_at] = (uint8_t)(table.count & 255);
    out->bytes[size_at + 1] = (uint8_t)(table.count >> 8);
}

static int count_names(NCURSES_CONST char *const *names) {
    int count = 0;
    while (names[count]) count++;
    return count;
}

char *cterm_description(const char *name, int columns, int rows, bool tmux) {
    static buffer out;
    out.count = 0;
    int flags = count_names(boolnames), numbers = count_names(numnames), strings = count_names(strnames);
    put_short(&out, 01036);
    put_short(&out, (int)strlen(name) + 1);
    put_short(&out, flags);
    put_short(&out, numbers);
    put_short(&out, strings);
    size_t size_at = out.count;
    put_short(&out, 0);
    for (const char *c = name; *c; c++) put_byte(&out, (unsigned char)*c);
    put_byte(&out, 0);
    for (int i = 0; i < flags; i++) put_byte(&out, (unsigned)flag_value(boolnames[i], tmux));
    align(&out);
    for (int i = 0; i < numbers; i++) put_int(&out, number_value(numnames[i], columns, rows));
    put_strings(&out, tmux, strings, size_at);
    align(&out);
    /* The extended part: one flag, RGB, which spares curses a table of sixteen million colours. */
    put_short(&out, 1), put_short(&out, 0), put_short(&out, 0), put_short(&out, 1), put_short(&out, 4);
    put_byte(&out, 1), put_byte(&out, 0);
    put_short(&out, 0);
    for (const char *c = "RGB"; *c; c++) put_byte(&out, (unsigned char)*c);
    put_byte(&out, 0);

    char *text = malloc(5 + 2 * out.count);
    if (!text) return NULL;
    memcpy(text, "hex:", 4);
    for (size_t i = 0; i < out.count; i++) {
        text[4 + 2 * i] = "0123456789ABCDEF"[out.bytes[i] >> 4];
        text[5 + 2 * i] = "0123456789ABCDEF"[out.bytes[i] & 15];
    }
    text[4 + 2 * out.count] = 0;
    return text;
}

void cterm_capability(const char *name, char *out, size_t size) {
    static buffer value;
    value.count = 0;
    char *given = tigetstr(name);
    out[0] = 0;
    if (!given || given == (char *)-1) return;
    put_unpadded(&value, given);
    if (value.count <= size) memcpy(out, value.bytes, value.count);
}

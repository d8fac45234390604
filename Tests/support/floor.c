/* The floor that drover's screen is measured against: the least a curses program does to show N rows and move a highlight.
   cc -O2 -o floor floor.c -lncursesw; j and k move, q ends. */
#define _XOPEN_SOURCE_EXTENDED 1
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>

static int chosen, top;

static void draw_row(int number) {
    char text[512];
    snprintf(text, sizeof text, " %03d  Agent number %-4d  project-%02d  feature/branch-%d  running  $%d.%02d  %2dm  editing src/module/file_%d.swift",
             number, number, number % 20, number, number % 9, number % 100, number % 60, number);
    attrset(COLOR_PAIR(1 + number % 6) | (number == chosen ? A_REVERSE : 0));
    mvprintw(number - top, 0, "%-*.*s", COLS, COLS, text);
}

int main(int count, char **arguments) {
    int rows = count > 1 ? atoi(arguments[1]) : 200;
    setlocale(LC_ALL, "");
    initscr();
    cbreak();
    noecho();
    curs_set(0);
    start_color();
    use_default_colors();
    for (int pair = 1; pair <= 6; pair++) init_pair((short)pair, (short)pair, -1);
    int height = LINES - 1;
    for (int row = 0; row < height && row < rows; row++) draw_row(row);
    attrset(A_BOLD);
    mvprintw(height, 0, "%d agents  READY  j/k move  q quit", rows);
    refresh();
    for (int key; (key = getch()) != 'q' && key != ERR; refresh()) {
        int before = chosen;
        if (key == 'j' && chosen < rows - 1) chosen++;
        if (key == 'k' && chosen > 0) chosen--;
        if (chosen >= top && chosen < top + height) {
            draw_row(before);
            draw_row(chosen);
        } else {
            top = chosen < top ? chosen : chosen - height + 1;
            for (int row = top; row < top + height && row < rows; row++) draw_row(row);
        }
    }
    endwin();
    return 0;
}

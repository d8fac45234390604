#pragma once
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

enum { KEEPER_LEAVE = 512 };

/* What the process that outlives us must know to give the terminal back; both can see it. */
typedef struct {
    volatile sig_atomic_t active;
    size_t count;
    uint8_t leave[KEEPER_LEAVE];
    struct termios saved, raw;
} keeper_page;

/* Starts it, once in the life of a process; NULL when there is no memory for it. */
keeper_page *keeper_start(int tty);

#pragma once
#include "CTerm.h"

/* Builds, in memory, the compiled description that curses works with: the person's terminal with our own colours. As "hex:…" for TERMINFO.
   NULL without memory. The current terminal (setupterm) is read. */
char *cterm_description(const char *name, int columns, int rows, bool tmux);

/* A capability without padding, or "". */
void cterm_capability(const char *name, char *out, size_t size);

// SQLite, and what of it Swift cannot call: macros with casts and variadic functions.
#pragma once
#include <sqlite3.h>

#ifdef __cplusplus
extern "C" {
#endif

/// SQLite copies the bytes.
int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count);
int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count);

/// Refuses what only an attacker's file would ask for (sqlite.org/security.html).
int csqlite_defend(sqlite3 *database);

#ifdef __cplusplus
}
#endif

// simdjson's DOM parser behind plain C functions. The parser writes a "tape" of 64-bit words and a buffer of unescaped
// strings; both are handed out as they are, and the JSON room walks them without another call.
// The tape's format: simdjson's doc/tape.md.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cjson_parser cjson_parser;

/// Borrowed from the parser: valid until its next parse or its destruction.
typedef struct {
    const uint64_t *tape;    // word 0 is the root, word 1 the first value
    const uint8_t *strings;  // a 32-bit length, the bytes, a zero
} cjson_document;

/// NULL when memory is out.
cjson_parser *cjson_create(size_t max_depth);
void cjson_destroy(cjson_parser *parser);

/// Copies the bytes and parses them. 0 when well, otherwise a code for cjson_describe.
int cjson_parse(cjson_parser *parser, const uint8_t *bytes, size_t count, cjson_document *document);

/// What a code means, as a phrase that lives forever.
const char *cjson_describe(int code);

/// True when the code says that memory was out or the document larger than simdjson takes.
int cjson_is_capacity(int code);
int cjson_is_depth(int code);

/// Bytes of input the parser now has room for; its memory is about fifteen times that.
size_t cjson_capacity(const cjson_parser *parser);

/// Whether the bytes are the same.
static inline int cjson_same(const uint8_t *a, const uint8_t *b, size_t count) {
    return count == 0 || __builtin_memcmp(a, b, count) == 0;
}

#ifdef __cplusplus
}
#endif

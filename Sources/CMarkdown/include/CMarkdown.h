// md4c as one plain function for Swift: a text goes in, a list of what stands in it comes out.
//
// The library is opened with dlopen at the first text, so that programs which show none do not pay for it at their start.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CMARKDOWN_ENTER_BLOCK, CMARKDOWN_LEAVE_BLOCK, CMARKDOWN_ENTER_SPAN, CMARKDOWN_LEAVE_SPAN, CMARKDOWN_TEXT };

// Blocks, spans and kinds of text, as md4c numbers them.
enum {
    CMARKDOWN_DOC, CMARKDOWN_QUOTE, CMARKDOWN_UL, CMARKDOWN_OL, CMARKDOWN_LI, CMARKDOWN_RULE, CMARKDOWN_HEADING,
    CMARKDOWN_CODE_BLOCK, CMARKDOWN_HTML_BLOCK, CMARKDOWN_PARAGRAPH, CMARKDOWN_TABLE, CMARKDOWN_HEAD, CMARKDOWN_BODY,
    CMARKDOWN_ROW, CMARKDOWN_HEAD_CELL, CMARKDOWN_CELL
};
enum { CMARKDOWN_EMPHASIS, CMARKDOWN_STRONG, CMARKDOWN_LINK, CMARKDOWN_IMAGE, CMARKDOWN_CODE, CMARKDOWN_STRIKE };
enum { CMARKDOWN_NORMAL, CMARKDOWN_NULL, CMARKDOWN_BREAK, CMARKDOWN_SOFT_BREAK, CMARKDOWN_ENTITY, CMARKDOWN_CODE_TEXT, CMARKDOWN_HTML };

typedef struct {
    uint8_t what;       // the first list above
    uint8_t kind;       // the block, span or text
    uint8_t mark;       // heading: level; item: 0, or the sign of its task; cell: alignment (0…3); list: 1 when tight
    uint8_t spare;
    uint32_t number;    // ordered list: its first number; table: columns
    uint32_t start;     // bytes of the result's text: the text itself, a link's target, what stands behind a fence
    uint32_t length;
} cmarkdown_event;

typedef struct {
    cmarkdown_event *events;
    size_t event_count;
    char *text;
    size_t text_length;
    size_t event_room, text_room;
    size_t event_limit, text_limit;
} cmarkdown_result;

// NULL when md4c can be opened, else a sentence.
const char *cmarkdown_problem(void);

// False without the library, without memory, and for texts that would grow beyond all measure (tables of a thousand
// columns can); the result is to be freed either way.
bool cmarkdown_parse(const char *text, size_t length, cmarkdown_result *result);
void cmarkdown_free(cmarkdown_result *result);

#include "CJSON.h"

#include <simdjson.h>

#include <cstring>
#include <memory>
#include <new>

using namespace simdjson;

struct cjson_parser {
    dom::parser parser;
    std::unique_ptr<uint8_t[]> input;  // the copy, with the padding that simdjson reads beyond the end
    size_t room = 0;                   // bytes of input that fit, without the padding
    size_t depth = 0;
    unsigned small_in_a_row = 0;
};

namespace {

constexpr size_t smallest_room = 16 * 1024;
constexpr size_t large_room = 1024 * 1024;
constexpr unsigned patience = 64;

/// Grows by doubling, because simdjson itself would allocate anew for each document a little larger than the last; and
/// after one huge document (a snapshot, a long transcript) gives the memory back when many small ones have followed.
error_code make_room(cjson_parser &self, size_t count) {
    bool wasteful = self.room > large_room && count < self.room / 8;
    self.small_in_a_row = wasteful ? self.small_in_a_row + 1 : 0;
    if (self.input && count <= self.room && self.small_in_a_row < patience) return SUCCESS;

    size_t wanted = smallest_room;
    while (wanted < count) {
        if (wanted > SIZE_MAX / 4) return CAPACITY;
        wanted *= 2;
    }
    if (wanted > SIMDJSON_MAXSIZE_BYTES) wanted = SIMDJSON_MAXSIZE_BYTES;
    if (wanted < count) return CAPACITY;

    self.room = 0;
    self.small_in_a_row = 0;
    self.input.reset();
    self.parser = dom::parser();
    std::unique_ptr<uint8_t[]> input(new (std::nothrow) uint8_t[wanted + SIMDJSON_PADDING]);
    if (!input) return MEMALLOC;
    if (error_code failed = self.parser.allocate(wanted, self.depth)) return failed;
    if (error_code failed = self.parser.doc.allocate(wanted)) return failed;
    self.input = std::move(input);
    self.room = wanted;
    return SUCCESS;
}

int hex_digit(uint8_t byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/// The value of the four digits after `\u`, or -1.
int escaped_unit(const uint8_t *digits, const uint8_t *end) {
    if (end - digits < 4) return -1;
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(digits[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/// JavaScript writes half of a surrogate pair as an escape of its own, for instance when a text is cut in the middle of an
/// emoji. simdjson refuses the whole document for a lone high half and makes invalid UTF-8 of a lone low half, so both
/// become U+FFFD here, which is as long. A backslash outside a string is an error anyway, so strings need no tracking.
void mend_lone_surrogates(uint8_t *bytes, size_t count) {
    uint8_t *end = bytes + count;
    uint8_t *at = bytes;
    while ((at = static_cast<uint8_t *>(std::memchr(at, '\\', size_t(end - at))))) {
        if (end - at < 6) return;
        if (at[1] != 'u' || (at[2] | 0x20) != 'd') {
            at += 2;
            continue;
        }
        int unit = escaped_unit(at + 2, end);
        if (unit < 0xD800 || unit > 0xDFFF) {
            at += 2;
            continue;
        }
        bool high = unit < 0xDC00;
        int next = high && end - at >= 12 && at[6] == '\\' && at[7] == 'u' ? escaped_unit(at + 8, end) : -1;
        if (next >= 0xDC00 && next <= 0xDFFF) {
            at += 12;
            continue;
        }
        std::memcpy(at + 2, "fffd", 4);
        at += 6;
    }
}

}  // namespace

extern "C" {

cjson_parser *cjson_create(size_t max_depth) {
    cjson_parser *self = new (std::nothrow) cjson_parser();
    if (self) self->depth = max_depth;
    return self;
}

void cjson_destroy(cjson_parser *self) { delete self; }

int cjson_parse(cjson_parser *self, const uint8_t *bytes, size_t count, cjson_document *document) {
    if (error_code failed = make_room(*self, count)) return failed;
    if (count > 0) std::memcpy(self->input.get(), bytes, count);
    std::memset(self->input.get() + count, 0, SIMDJSON_PADDING);
    mend_lone_surrogates(self->input.get(), count);
    dom::element root;
    if (error_code failed = self->parser.parse(self->input.get(), count, false).get(root)) return failed;
    document->tape = self->parser.doc.tape.get();
    document->strings = self->parser.doc.string_buf.get();
    return SUCCESS;
}

const char *cjson_describe(int code) { return error_message(static_cast<error_code>(code)); }

int cjson_is_capacity(int code) { return code == CAPACITY || code == MEMALLOC; }

int cjson_is_depth(int code) { return code == DEPTH_ERROR; }

size_t cjson_capacity(const cjson_parser *self) { return self->room; }

}

#define _GNU_SOURCE
#include "CMarkdown.h"

#include <dlfcn.h>
#include <md4c.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static __typeof__(md_parse) *parse;
static const char *library_problem;
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void open_library(void) {
    void *handle = dlopen("libmd4c.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        library_problem = "libmd4c.so.0 cannot be opened";
    } else if (!(parse = (__typeof__(md_parse) *)dlsym(handle, "md_parse"))) {
        library_problem = "libmd4c.so.0 lacks md_parse";
    }
}

const char *cmarkdown_problem(void) {
    pthread_once(&library_once, open_library);
    return library_problem;
}

// Room for `more` things of a size; false when that would be too many, or memory is out.
static bool grow(void **items, size_t *room, size_t count, size_t more, size_t size, size_t limit) {
    if (count + more > limit) return false;
    if (count + more <= *room) return true;
    size_t wanted = *room ? *room * 2 : 256;
    while (wanted < count + more) wanted *= 2;
    void *bigger = realloc(*items, wanted * size);
    if (!bigger) return false;
    *items = bigger;
    *room = wanted;
    return true;
}

// Non-zero ends the parsing.
static int add(cmarkdown_result *r, int what, int kind, int mark, unsigned number, const char *text, size_t length) {
    if (!grow((void **)&r->events, &r->event_room, r->event_count, 1, sizeof(cmarkdown_event), r->event_limit)) return 1;
    if (length && !grow((void **)&r->text, &r->text_room, r->text_length, length, 1, r->text_limit)) return 1;
    r->events[r->event_count++] = (cmarkdown_event){
        .what = (uint8_t)what, .kind = (uint8_t)kind, .mark = (uint8_t)mark, .number = number,
        .start = (uint32_t)r->text_length, .length = (uint32_t)length,
    };
    if (length) memcpy(r->text + r->text_length, text, length);
    r->text_length += length;
    return 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *user) {
    switch (type) {
    case MD_BLOCK_UL: return add(user, CMARKDOWN_ENTER_BLOCK, type, ((MD_BLOCK_UL_DETAIL *)detail)->is_tight != 0, 0, NULL, 0);
    case MD_BLOCK_OL: {
        MD_BLOCK_OL_DETAIL *list = detail;
        return add(user, CMARKDOWN_ENTER_BLOCK, type, list->is_tight != 0, list->start, NULL, 0);
    }
    case MD_BLOCK_LI: {
        MD_BLOCK_LI_DETAIL *item = detail;
        return add(user, CMARKDOWN_ENTER_BLOCK, type, item->is_task ? (unsigned char)item->task_mark : 0, 0, NULL, 0);
    }
    case MD_BLOCK_H: return add(user, CMARKDOWN_ENTER_BLOCK, type, (int)((MD_BLOCK_H_DETAIL *)detail)->level, 0, NULL, 0);
    case MD_BLOCK_CODE: {
        MD_BLOCK_CODE_DETAIL *code = detail;
        return add(user, CMARKDOWN_ENTER_BLOCK, type, code->fence_char ? 1 : 0, 0, code->info.text, code->info.text ? code->info.size : 0);
    }
    case MD_BLOCK_TABLE: return add(user, CMARKDOWN_ENTER_BLOCK, type, 0, ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count, NULL, 0);
    case MD_BLOCK_TH:
    case MD_BLOCK_TD: return add(user, CMARKDOWN_ENTER_BLOCK, type, (int)((MD_BLOCK_TD_DETAIL *)detail)->align, 0, NULL, 0);
    default: return add(user, CMARKDOWN_ENTER_BLOCK, type, 0, 0, NULL, 0);
    }
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *user) {
    (void)detail;
    return add(user, CMARKDOWN_LEAVE_BLOCK, type, 0, 0, NULL, 0);
}

static int enter_span(MD_SPANTYPE type, void *detail, void *user) {
    const MD_ATTRIBUTE *target = NULL;
    if (type == MD_SPAN_A) target = &((MD_SPAN_A_DETAIL *)detail)->href;
    if (type == MD_SPAN_IMG) target = &((MD_SPAN_IMG_DETAIL *)detail)->src;
    return add(user, CMARKDOWN_ENTER_SPAN, type, 0, 0, target ? target->text : NULL, target && target->text ? target->size : 0);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *user) {
    (void)detail;
    return add(user, CMARKDOWN_LEAVE_SPAN, type, 0, 0, NULL, 0);
}

static int text(MD_TEXTTYPE type, const MD_CHAR *bytes, MD_SIZE size, void *user) {
    return add(user, CMARKDOWN_TEXT, type, 0, 0, bytes, size);
}

bool cmarkdown_parse(const char *source, size_t length, cmarkdown_result *result) {
    memset(result, 0, sizeof *result);
    if (cmarkdown_problem() || length > 1u << 28) return false;
    result->event_limit = 4096 + length * 4;
    result->text_limit = 4096 + length * 4;
    MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_NOHTML,
        .enter_block = enter_block, .leave_block = leave_block, .enter_span = enter_span, .leave_span = leave_span, .text = text,
    };
    return parse(source, (MD_SIZE)length, &parser, result) == 0;
}

void cmarkdown_free(cmarkdown_result *result) {
    free(result->events);
    free(result->text);
    memset(result, 0, sizeof *result);
}

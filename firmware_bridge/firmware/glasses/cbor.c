/* As much CBOR (RFC 8949) as the management protocol needs. */
#include "cbor.h"

#include <string.h>

#define DEEPEST 8

static bool is_break(const gp_cbor_item *item) { return item->kind == GP_CBOR_SIMPLE && item->is_endless; }

bool gp_cbor_read(gp_cbor_reader *reader, gp_cbor_item *item) {
    if (reader->at == reader->end) return false;
    uint8_t first = *reader->at++, low = first & 31;
    memset(item, 0, sizeof *item);
    item->kind = (gp_cbor_kind)(first >> 5);
    item->is_endless = low == 31;
    item->value = low < 24 ? low : 0;
    bool is_string = item->kind == GP_CBOR_BYTES || item->kind == GP_CBOR_TEXT;
    if (item->is_endless) return item->kind >= GP_CBOR_ARRAY && item->kind != GP_CBOR_TAG;
    if (low > 27) return false;
    for (size_t rest = low < 24 ? 0 : (size_t)1 << (low - 24); rest; rest--) {
        if (reader->at == reader->end || item->value >> 24) return false; /* numbers above 32 bits are not for us */
        item->value = item->value << 8 | *reader->at++;
    }
    if (!is_string) return true;
    if (item->value > (size_t)(reader->end - reader->at)) return false;
    item->bytes = reader->at;
    reader->at += item->value;
    return true;
}

static bool skip(gp_cbor_reader *reader, const gp_cbor_item *item, int depth) {
    bool is_map = item->kind == GP_CBOR_MAP;
    if (item->kind != GP_CBOR_ARRAY && !is_map && item->kind != GP_CBOR_TAG) return true;
    if (depth == DEEPEST) return false;
    uint32_t left = item->is_endless ? UINT32_MAX : item->kind == GP_CBOR_TAG ? 1 : item->value;
    if (is_map && !item->is_endless) {
        if (left > UINT32_MAX / 4) return false;
        left *= 2;
    }
    gp_cbor_item inner;
    while (left) {
        if (!gp_cbor_read(reader, &inner)) return false;
        if (is_break(&inner)) return left == UINT32_MAX;
        if (!skip(reader, &inner, depth + 1)) return false;
        if (left != UINT32_MAX) left--;
    }
    return true;
}

bool gp_cbor_skip(gp_cbor_reader *reader, const gp_cbor_item *item) { return skip(reader, item, 0); }

bool gp_cbor_pair(gp_cbor_reader *reader, uint32_t *left, gp_cbor_item *key, gp_cbor_item *value) {
    if (!*left) return false;
    if (!gp_cbor_read(reader, key)) return false;
    if (is_break(key) && *left == UINT32_MAX) *left = 0;
    if (!*left || key->kind != GP_CBOR_TEXT) return false;
    if (!gp_cbor_read(reader, value) || is_break(value)) return false;
    if (!gp_cbor_skip(reader, value)) return false;
    if (*left != UINT32_MAX) --*left;
    return true;
}

bool gp_cbor_is(const gp_cbor_item *text, const char *word) {
    return text->value == strlen(word) && !memcmp(text->bytes, word, text->value);
}

static void put(gp_cbor_writer *writer, const uint8_t *data, size_t bytes) {
    if (writer->is_full || bytes > writer->room - writer->bytes) {
        writer->is_full = true;
        return;
    }
    if (bytes) memcpy(writer->out + writer->bytes, data, bytes);
    writer->bytes += bytes;
}

void gp_cbor_head(gp_cbor_writer *writer, gp_cbor_kind kind, uint32_t value) {
    uint8_t head[5] = {(uint8_t)(kind << 5)};
    size_t more = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : 4;
    head[0] = (uint8_t)(head[0] | (more == 0 ? value : more == 4 ? 26 : 23 + more));
    for (size_t i = 0; i < more; i++) head[1 + i] = (uint8_t)(value >> 8 * (more - 1 - i));
    put(writer, head, 1 + more);
}

void gp_cbor_bytes(gp_cbor_writer *writer, gp_cbor_kind kind, const uint8_t *data, size_t bytes) {
    gp_cbor_head(writer, kind, (uint32_t)bytes);
    put(writer, data, bytes);
}

void gp_cbor_text(gp_cbor_writer *writer, const char *word) {
    gp_cbor_bytes(writer, GP_CBOR_TEXT, (const uint8_t *)word, strlen(word));
}

void gp_cbor_bool(gp_cbor_writer *writer, const char *key, bool value) {
    gp_cbor_text(writer, key);
    gp_cbor_head(writer, GP_CBOR_SIMPLE, value ? 21 : 20);
}

void gp_cbor_uint(gp_cbor_writer *writer, const char *key, uint32_t value) {
    gp_cbor_text(writer, key);
    gp_cbor_head(writer, GP_CBOR_UINT, value);
}

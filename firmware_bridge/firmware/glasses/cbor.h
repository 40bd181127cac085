/* As much CBOR (RFC 8949) as the management protocol needs: maps of text keys, numbers, bytes, text, booleans. */
#ifndef GP_CBOR_H
#define GP_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { GP_CBOR_UINT, GP_CBOR_NEGATIVE, GP_CBOR_BYTES, GP_CBOR_TEXT, GP_CBOR_ARRAY, GP_CBOR_MAP, GP_CBOR_TAG, GP_CBOR_SIMPLE } gp_cbor_kind;

typedef struct {
    const uint8_t *at, *end;
} gp_cbor_reader;

typedef struct {
    gp_cbor_kind kind;
    bool is_endless; /* ends by a break */
    uint32_t value; /* number, or bytes of a string, or items; 20 and 21 are false and true */
    const uint8_t *bytes; /* of a string; points into what is read */
} gp_cbor_item;

/* One item's head, and the bytes of a string. False: it is cut off, or more than this reader knows. */
bool gp_cbor_read(gp_cbor_reader *reader, gp_cbor_item *item);

/* The rest of an item of which the head was read: what an array or a map holds. */
bool gp_cbor_skip(gp_cbor_reader *reader, const gp_cbor_item *item);

/* The next pair of a map of which `left` pairs are not read (UINT32_MAX: until a break). False: no more,
 * then `left` is 0, or broken. */
bool gp_cbor_pair(gp_cbor_reader *reader, uint32_t *left, gp_cbor_item *key, gp_cbor_item *value);

bool gp_cbor_is(const gp_cbor_item *text, const char *word);

/* Writes; what does not fit sets is_full and writes nothing. */
typedef struct {
    uint8_t *out;
    size_t bytes, room;
    bool is_full;
} gp_cbor_writer;

void gp_cbor_head(gp_cbor_writer *writer, gp_cbor_kind kind, uint32_t value);
void gp_cbor_bytes(gp_cbor_writer *writer, gp_cbor_kind kind, const uint8_t *data, size_t bytes);
void gp_cbor_text(gp_cbor_writer *writer, const char *word);
void gp_cbor_bool(gp_cbor_writer *writer, const char *key, bool value);
void gp_cbor_uint(gp_cbor_writer *writer, const char *key, uint32_t value);

#endif

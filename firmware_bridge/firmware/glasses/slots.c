/* Two slots for the firmware. Each mark is written once after an erase and counts only if every bit is right, so that a
 * power cut anywhere leaves either the old decision or the new one. */
#include "slots.h"

#include "messages.h"

#define TEST_MAGIC 0x54534554u /* "TEST" */
#define TRIED_MAGIC 0x44495254u
#define KEEP_MAGIC 0x5045454Bu
enum { MARK_BYTES = 16, TEST_AT = GP_MARKS_AT, TRIED_AT = TEST_AT + MARK_BYTES, KEEP_AT = TRIED_AT + MARK_BYTES };

uint32_t gp_slots_trailer(const gp_slots *s, int index) {
    return (uint32_t)(index + 1) * s->flash->slot_bytes - GP_SECTOR_BYTES;
}

int gp_slots_other(const gp_slots *s) { return s->active == 0 ? 1 : 0; }

static void mark_text(uint8_t out[MARK_BYTES], uint32_t magic, uint32_t order) {
    gp_put4(out, magic);
    gp_put4(out + 4, order);
    gp_put4(out + 8, ~order);
    gp_put4(out + 12, ~magic);
}

static bool read_mark(const gp_slots *s, int index, uint32_t at, uint32_t magic, uint32_t *order) {
    uint8_t found[MARK_BYTES], right[MARK_BYTES];
    if (!s->flash->read(s->flash->context, gp_slots_trailer(s, index) + at, found, sizeof found)) return false;
    *order = gp_get4(found + 4);
    mark_text(right, magic, *order);
    return !memcmp(found, right, sizeof found);
}

static bool write_mark(gp_slots *s, int index, uint32_t at, uint32_t magic, uint32_t order) {
    uint8_t text[MARK_BYTES];
    uint32_t found;
    if (read_mark(s, index, at, magic, &found) && found == order) return true;
    mark_text(text, magic, order);
    return s->flash->write(s->flash->context, gp_slots_trailer(s, index) + at, text, sizeof text) &&
           read_mark(s, index, at, magic, &found) && found == order;
}

static bool is_blank(const gp_slots *s, int index) {
    uint8_t found[3 * MARK_BYTES];
    if (!s->flash->read(s->flash->context, gp_slots_trailer(s, index) + TEST_AT, found, sizeof found)) return false;
    for (size_t i = 0; i < sizeof found; i++) {
        if (found[i] != 0xFF) return false;
    }
    return true;
}

/* The one place that says whether an image is taken: put another signature scheme here. */
static bool check_image(const gp_slots *s, int index, gp_slot *slot) {
    uint8_t part[128], tag[GP_HASH_BYTES];
    uint32_t from = (uint32_t)index * s->flash->slot_bytes;
    uint32_t most = s->flash->slot_bytes - GP_SECTOR_BYTES - GP_IMAGE_HEADER_BYTES - GP_HASH_BYTES;
    if (!s->flash->read(s->flash->context, from, part, GP_IMAGE_HEADER_BYTES)) return false;
    uint32_t body = gp_get4(part + GP_IMAGE_AT_BODY_BYTES);
    if (gp_get4(part) != GP_IMAGE_MAGIC || gp_get2(part + GP_IMAGE_AT_HEADER_BYTES) != GP_IMAGE_HEADER_BYTES || body > most) return false;
    slot->version = (gp_version){part[GP_IMAGE_AT_VERSION], part[GP_IMAGE_AT_VERSION + 1],
                                 (uint16_t)gp_get2(part + GP_IMAGE_AT_VERSION + 2)};
    gp_sha256 hash;
    gp_hmac hmac;
    gp_sha256_init(&hash);
    gp_hmac_init(&hmac, s->key);
    uint32_t whole = GP_IMAGE_HEADER_BYTES + body;
    for (uint32_t at = 0; at < whole; at += sizeof part) {
        size_t bytes = whole - at < sizeof part ? whole - at : sizeof part;
        if (!s->flash->read(s->flash->context, from + at, part, bytes)) return false;
        gp_sha256_add(&hash, part, bytes);
        gp_hmac_add(&hmac, part, bytes);
    }
    if (!s->flash->read(s->flash->context, from + whole, part, GP_HASH_BYTES)) return false;
    gp_sha256_end(&hash, slot->hash);
    gp_hmac_end(&hmac, tag);
    return gp_equal_slowly(tag, part, GP_HASH_BYTES);
}

void gp_slots_look(gp_slots *s, int index) {
    gp_slot *slot = &s->slot[index];
    uint32_t order;
    memset(slot, 0, sizeof *slot);
    slot->is_marked = read_mark(s, index, TEST_AT, TEST_MAGIC, &order);
    slot->order = slot->is_marked ? order : 0;
    slot->is_tried = read_mark(s, index, TRIED_AT, TRIED_MAGIC, &order);
    slot->is_confirmed = read_mark(s, index, KEEP_AT, KEEP_MAGIC, &order);
    slot->is_valid = check_image(s, index, slot);
}

void gp_slots_boot(gp_slots *s, const gp_flash *flash, const uint8_t *key) {
    s->flash = flash;
    s->key = key;
    s->active = -1;
    for (int i = 0; i < 2; i++) gp_slots_look(s, i);
    for (int i = 0; i < 2; i++) { /* the kept image that was marked last; without any, the first valid one */
        if (!s->slot[i].is_valid) continue;
        const gp_slot *best = s->active < 0 ? NULL : &s->slot[s->active];
        bool is_later = best && s->slot[i].is_confirmed && (!best->is_confirmed || s->slot[i].order > best->order);
        if (!best || is_later) s->active = i;
    }
    for (int i = 0; i < 2; i++) { /* a test image has one chance */
        const gp_slot *slot = &s->slot[i];
        if (!slot->is_valid || !slot->is_marked || slot->is_tried || slot->is_confirmed) continue;
        if (!write_mark(s, i, TRIED_AT, TRIED_MAGIC, 0)) continue;
        s->slot[i].is_tried = true;
        s->active = i;
    }
}

bool gp_slots_clear_marks(gp_slots *s) {
    return s->flash->erase(s->flash->context, gp_slots_trailer(s, gp_slots_other(s)));
}

bool gp_slots_test(gp_slots *s, bool is_permanent) {
    int other = gp_slots_other(s);
    if (s->active >= 0 && !s->slot[s->active].is_confirmed) return false; /* the other one is the way back */
    gp_slots_look(s, other);
    if (!s->slot[other].is_valid) return false;
    uint32_t order = s->active < 0 ? 1 : s->slot[s->active].order + 1;
    bool is_so = s->slot[other].is_marked && !s->slot[other].is_tried && s->slot[other].order == order;
    if (!is_so && !is_blank(s, other) && !gp_slots_clear_marks(s)) return false;
    bool is_done = write_mark(s, other, TEST_AT, TEST_MAGIC, order);
    if (is_done && is_permanent) is_done = write_mark(s, other, KEEP_AT, KEEP_MAGIC, 0);
    gp_slots_look(s, other);
    return is_done;
}

bool gp_slots_confirm(gp_slots *s) {
    if (s->active < 0) return false;
    bool is_done = write_mark(s, s->active, KEEP_AT, KEEP_MAGIC, 0);
    s->slot[s->active].is_confirmed = is_done;
    return is_done;
}

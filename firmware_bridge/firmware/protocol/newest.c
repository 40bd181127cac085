/* The sending half of a best-effort channel, over a ring of bytes that the caller lends. */
#include "newest.h"

static void put(gp_newest *n, const void *data, size_t bytes) {
    const uint8_t *from = data;
    for (size_t i = 0; i < bytes; i++) n->ring[(n->at + n->used++) % n->ring_bytes] = from[i];
}

static gp_newest_item item_at(const gp_newest *n, uint16_t at) {
    gp_newest_item item;
    uint8_t raw[sizeof item];
    for (size_t i = 0; i < sizeof item; i++) raw[i] = n->ring[(at + i) % n->ring_bytes];
    memcpy(&item, raw, sizeof item);
    return item;
}

static uint16_t size_of(const gp_newest_item *item) { return (uint16_t)(sizeof *item + item->near_bytes); }

static void drop_oldest(gp_newest *n) {
    gp_newest_item item = item_at(n, n->at);
    n->at = (uint16_t)((n->at + size_of(&item)) % n->ring_bytes);
    n->used = (uint16_t)(n->used - size_of(&item));
    n->sent = 0;
    n->waiting--;
}

/* Drops the oldest message that has not begun; the one that has begun is moved up to take its place. */
static bool make_room(gp_newest *n) {
    if (!n->sent) {
        if (!n->waiting) return false;
        drop_oldest(n);
        return true;
    }
    if (n->waiting < 2) return false;
    gp_newest_item begun = item_at(n, n->at);
    uint16_t begun_bytes = size_of(&begun);
    gp_newest_item second = item_at(n, (uint16_t)((n->at + begun_bytes) % n->ring_bytes));
    for (uint16_t i = begun_bytes; i-- > 0;) {
        n->ring[(n->at + size_of(&second) + i) % n->ring_bytes] = n->ring[(n->at + i) % n->ring_bytes];
    }
    n->at = (uint16_t)((n->at + size_of(&second)) % n->ring_bytes);
    n->used = (uint16_t)(n->used - size_of(&second));
    n->waiting--;
    return true;
}

void gp_newest_init(gp_newest *n, uint8_t channel, uint8_t depth, uint8_t *ring, uint16_t ring_bytes) {
    memset(n, 0, sizeof *n);
    n->channel = channel;
    n->depth = depth;
    n->ring = ring;
    n->ring_bytes = ring_bytes;
}

void gp_newest_resume(gp_newest *n, uint16_t room, uint8_t credit) {
    if (n->sent) drop_oldest(n);
    n->room = room;
    n->limit = (uint16_t)(n->next + credit);
}

bool gp_newest_push(gp_newest *n, const uint8_t *message, uint16_t bytes, const uint8_t *far, uint16_t far_bytes) {
    gp_newest_item item;
    memset(&item, 0, sizeof item);
    item.far = far;
    item.far_bytes = far_bytes;
    item.near_bytes = bytes;
    if (!bytes || sizeof item + bytes > n->ring_bytes) return false;
    while (n->waiting - (n->sent ? 1 : 0) >= n->depth || n->used + size_of(&item) > n->ring_bytes) {
        n->dropped++;
        if (!make_room(n)) return false;
    }
    put(n, &item, sizeof item);
    put(n, message, bytes);
    n->waiting++;
    return true;
}

bool gp_newest_can_send(const gp_newest *n, uint32_t now_us) {
    if (!n->waiting) return false;
    return (int16_t)(n->limit - n->next) > 0 || now_us - n->sent_us >= GP_PROBE_MS * 1000u;
}

size_t gp_newest_packet(gp_newest *n, uint32_t now_us, uint8_t *out) {
    gp_newest_item item = item_at(n, n->at);
    uint32_t whole = (uint32_t)item.near_bytes + item.far_bytes;
    uint32_t part = whole - n->sent;
    if (part > (uint32_t)n->room - GP_HEADER_BYTES) part = (uint32_t)n->room - GP_HEADER_BYTES;
    bool is_last = n->sent + part == whole;
    size_t at = gp_data_head(GP_BEST_EFFORT, n->channel, n->next++, n->sent == 0, is_last, NULL, out);
    for (uint32_t i = n->sent; i < n->sent + part; i++) {
        uint32_t near_at = n->at + (uint32_t)sizeof item + i;
        out[at++] = i < item.near_bytes ? n->ring[near_at % n->ring_bytes] : item.far[i - item.near_bytes];
    }
    n->sent = (uint16_t)(n->sent + part);
    n->sent_us = now_us;
    if (is_last) drop_oldest(n);
    return at;
}

void gp_newest_granted(gp_newest *n, uint16_t limit) {
    if ((int16_t)(limit - n->limit) > 0 && (uint16_t)(limit - n->next) <= 0x7FFF) n->limit = limit;
}

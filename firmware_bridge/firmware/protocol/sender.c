/* The sending half of the reliable channel: selective repeat. A lost packet is found by what came after it. */
#include "sender.h"

#define HEAD_BYTES 3
#define MASK (GP_LOG_BYTES - 1)
enum { FIRST = 1, LAST = 2, BULK = 4, CAME = 8, LOST = 16, AGAIN = 32 };

#if (GP_LOG_BYTES & MASK) || GP_LOG_BYTES > 32768
#error "GP_LOG_BYTES must be a power of two up to 32768: positions in the log are 16 bits and masked"
#endif

static gp_sent *at_seq(gp_sender *s, uint16_t seq) { return &s->sent[seq % GP_MAX_WINDOW]; }
static uint16_t under_way(const gp_sender *s) { return (uint16_t)(s->next - s->base); }

static void put(gp_sender *s, const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) s->log[s->tail++ & MASK] = data[i];
}

static size_t room(const gp_sender *s) { return GP_LOG_BYTES - (uint16_t)(s->tail - s->head); }

void gp_sender_init(gp_sender *s) {
    memset(s, 0, sizeof *s);
    s->credit = GP_MAX_WINDOW;
}

size_t gp_sender_room(const gp_sender *s) { return room(s) > HEAD_BYTES ? room(s) - HEAD_BYTES : 0; }

static bool append(gp_sender *s, const uint8_t *message, size_t bytes, uint8_t kind) {
    if (!bytes || bytes > gp_sender_room(s)) return false;
    const uint8_t head[HEAD_BYTES] = {(uint8_t)bytes, (uint8_t)(bytes >> 8), kind};
    put(s, head, sizeof head);
    put(s, message, bytes);
    return true;
}

bool gp_sender_push(gp_sender *s, const uint8_t *message, size_t bytes) { return append(s, message, bytes, 0); }

bool gp_sender_push_bulk(gp_sender *s, const uint8_t *message, size_t bytes) {
    if (s->bulk_bytes || !bytes || bytes > sizeof s->bulk) return false;
    memcpy(s->bulk, message, bytes);
    s->bulk_bytes = (uint16_t)bytes;
    return true;
}

/* Makes sure that there is a message at `cut`, if any waits; the bulk one comes when no other does. */
static bool load(gp_sender *s) {
    if (s->left) return true;
    if (s->cut == s->tail) {
        if (!s->bulk_bytes || gp_sender_room(s) < (size_t)s->bulk_bytes + GP_REPLY_BYTES) return false;
        append(s, s->bulk, s->bulk_bytes, BULK);
        s->bulk_bytes = 0;
    }
    s->left = (uint16_t)(s->log[s->cut & MASK] | s->log[(s->cut + 1) & MASK] << 8);
    s->is_bulk = s->log[(s->cut + 2) & MASK] == BULK;
    s->is_begun = false;
    s->cut = (uint16_t)(s->cut + HEAD_BYTES);
    return true;
}

static gp_sent *first_lost(const gp_sender *s) {
    for (uint16_t i = 0; i < under_way(s); i++) {
        const gp_sent *sent = &s->sent[(uint16_t)(s->base + i) % GP_MAX_WINDOW];
        if (sent->flags & LOST) return (gp_sent *)sent;
    }
    return NULL;
}

static uint32_t patience_us(const gp_sender *s) {
    uint32_t raw = s->smooth_us + 4 * s->spread_us + GP_ACK_DELAY_MS * 1000u;
    if (!s->smooth_us) raw = GP_FIRST_TIMEOUT_MS * 1000u;
    if (raw < GP_MIN_TIMEOUT_MS * 1000u) raw = GP_MIN_TIMEOUT_MS * 1000u;
    for (uint8_t i = 0; i < s->timeouts && raw < GP_MAX_TIMEOUT_MS * 1000u; i++) raw *= 2;
    return raw < GP_MAX_TIMEOUT_MS * 1000u ? raw : GP_MAX_TIMEOUT_MS * 1000u;
}

/* Without credit one may go: its answer says when there is some again. */
static uint16_t window(const gp_sender *s) { return s->credit ? s->credit : 1; }

/* Finds the oldest lost when nothing was heard of it for too long; sooner if the link stands idle because of it. */
static void notice_timeout(gp_sender *s, uint32_t now_us) {
    gp_sent *oldest = at_seq(s, s->base);
    if (!under_way(s) || oldest->flags & LOST) return;
    uint32_t waited_us = now_us - oldest->sent_us, patience = patience_us(s), least = patience;
    bool stands_idle = oldest->flags & AGAIN && s->credit && under_way(s) >= window(s) && load(s);
    if (stands_idle && s->smooth_us / 2 && s->smooth_us / 2 < patience) least = s->smooth_us / 2;
    if (waited_us < least) return;
    oldest->flags |= LOST;
    if (waited_us >= patience && s->timeouts < 6) s->timeouts++;
}

bool gp_sender_can_send(gp_sender *s, uint32_t now_us) {
    notice_timeout(s, now_us);
    return first_lost(s) || (under_way(s) < window(s) && load(s));
}

bool gp_sender_next_is_bulk(const gp_sender *s) {
    const gp_sent *lost = first_lost(s);
    return lost ? lost->flags & BULK : s->is_bulk;
}

static gp_sent *cut_one(gp_sender *s) {
    gp_sent *sent = at_seq(s, s->next++);
    uint16_t most = (uint16_t)(s->room - GP_HEADER_BYTES);
    memset(sent, 0, sizeof *sent);
    sent->at = s->cut;
    sent->left = s->left;
    sent->bytes = s->left < most ? s->left : most;
    sent->flags = (uint8_t)((s->is_begun ? 0 : FIRST) | (sent->bytes == s->left ? LAST : 0) | (s->is_bulk ? BULK : 0));
    s->cut = (uint16_t)(s->cut + sent->bytes);
    s->left = (uint16_t)(s->left - sent->bytes);
    s->is_begun = true;
    return sent;
}

size_t gp_sender_packet(gp_sender *s, uint32_t now_us, const gp_ack *ack, bool *took_ack, uint8_t *out) {
    gp_sent *sent = first_lost(s);
    if (sent) {
        sent->flags = (uint8_t)((sent->flags & ~LOST) | AGAIN);
        s->resent++;
    } else {
        sent = cut_one(s);
    }
    sent->sent_us = now_us;
    sent->order = ++s->order;
    *took_ack = ack && GP_HEADER_BYTES + GP_ACK_BYTES + sent->bytes <= s->room;
    uint16_t seq = (uint16_t)(s->base + (uint16_t)((uint16_t)(sent - s->sent) - s->base) % GP_MAX_WINDOW);
    size_t at = gp_data_head(GP_RELIABLE, 0, seq, sent->flags & FIRST, sent->flags & LAST, *took_ack ? ack : NULL, out);
    for (uint16_t i = 0; i < sent->bytes; i++) out[at++] = s->log[(uint16_t)(sent->at + i) & MASK];
    return at;
}

static void add_trip(gp_sender *s, uint32_t took_us) {
    if (!took_us) took_us = 1;
    if (!s->least_us || took_us < s->least_us) s->least_us = took_us;
    if (!s->smooth_us) {
        s->smooth_us = took_us;
        s->spread_us = took_us / 2;
        return;
    }
    int32_t off = (int32_t)(took_us - s->smooth_us);
    int32_t far = off < 0 ? -off : off;
    s->spread_us = (uint32_t)((int32_t)s->spread_us + (far - (int32_t)s->spread_us) / 4);
    s->smooth_us = (uint32_t)((int32_t)s->smooth_us + off / 8);
    if (!s->smooth_us) s->smooth_us = 1;
}

/* A packet is known to have come; whether that is news. */
static bool came(gp_sender *s, gp_sent *sent, uint32_t now_us) {
    if (sent->flags & CAME) return false;
    sent->flags = (uint8_t)((sent->flags & ~LOST) | CAME);
    uint32_t took_us = now_us - sent->sent_us;
    bool is_once = !(sent->flags & AGAIN);
    if (is_once) add_trip(s, took_us);
    /* else the acknowledgement may be for an earlier sending and says nothing about the order */
    if ((is_once || took_us >= s->least_us) && sent->order > s->newest_order) s->newest_order = sent->order;
    return true;
}

static void drop_until(gp_sender *s, uint16_t base) {
    for (; s->base != base; s->base++) {
        const gp_sent *sent = at_seq(s, s->base);
        s->head = (uint16_t)(sent->at + sent->bytes);
    }
}

bool gp_sender_can_resume(const gp_sender *s, uint16_t next) { return (uint16_t)(next - s->base) <= under_way(s); }

bool gp_sender_acknowledged(gp_sender *s, const gp_ack *ack, uint32_t now_us) {
    if ((int16_t)(ack->next - s->base) < 0) return true; /* an old one that was overtaken */
    if (!gp_sender_can_resume(s, ack->next)) return false;
    s->credit = ack->credit;
    bool is_progress = ack->next != s->base;
    for (uint16_t seq = s->base; seq != ack->next; seq++) came(s, at_seq(s, seq), now_us);
    drop_until(s, ack->next);
    for (uint16_t i = 1; i < under_way(s); i++) {
        if (ack->bitmap >> (i - 1) & 1) is_progress |= came(s, at_seq(s, (uint16_t)(s->base + i)), now_us);
    }
    if (is_progress) s->timeouts = 0;
    for (uint16_t i = 0; i < under_way(s); i++) {
        gp_sent *sent = at_seq(s, (uint16_t)(s->base + i));
        if (!(sent->flags & CAME) && sent->order + GP_REORDERED <= s->newest_order) sent->flags |= LOST;
    }
    return true;
}

bool gp_sender_resume(gp_sender *s, uint16_t next, uint16_t packet_room, uint8_t credit) {
    if (!gp_sender_can_resume(s, next)) return false;
    drop_until(s, next);
    if (under_way(s)) {
        const gp_sent *oldest = at_seq(s, s->base);
        s->cut = oldest->at;
        s->left = oldest->left;
        s->is_begun = !(oldest->flags & FIRST);
        s->is_bulk = oldest->flags & BULK;
        s->next = s->base;
    }
    s->room = packet_room;
    s->credit = credit > GP_MAX_WINDOW ? GP_MAX_WINDOW : credit;
    s->newest_order = s->order;
    s->timeouts = 0;
    return true;
}

bool gp_sender_is_idle(const gp_sender *s) { return s->cut == s->tail && !s->left && !s->bulk_bytes && !under_way(s); }

/* The receiving half of the reliable channel: places for packets out of order, and one message that is put together. */
#include "receiver.h"

enum { FIRST = 1, LAST = 2 };

static uint8_t place(const gp_receiver *r, uint16_t seq) {
    return (uint8_t)((r->first + (uint16_t)(seq - r->taken)) % r->window);
}

static void due(gp_receiver *r, uint32_t at_us) {
    if (!r->is_ack_due || (int32_t)(at_us - r->ack_at_us) < 0) r->ack_at_us = at_us;
    r->is_ack_due = true;
}

static bool is_held(const gp_receiver *r, uint16_t seq) {
    return (uint16_t)(seq - r->taken) < r->window && r->held_bytes[place(r, seq)] != 0;
}

void gp_receiver_init(gp_receiver *r) { memset(r, 0, sizeof *r); }

uint8_t gp_receiver_window(uint16_t packet_room) {
    unsigned places = GP_HOLD_BYTES / (unsigned)(packet_room - GP_HEADER_BYTES);
    return (uint8_t)(places < GP_MAX_WINDOW ? places : GP_MAX_WINDOW);
}

bool gp_receiver_can_resume(const gp_receiver *r, uint16_t packet_room) {
    return r->taken == r->next || r->place_bytes == packet_room - GP_HEADER_BYTES;
}

void gp_receiver_resume(gp_receiver *r, uint16_t packet_room) {
    uint16_t in_order = (uint16_t)(r->next - r->taken);
    r->window = gp_receiver_window(packet_room);
    r->place_bytes = (uint16_t)(packet_room - GP_HEADER_BYTES);
    if (!in_order) r->first = 0;
    for (uint16_t i = in_order; i < GP_MAX_WINDOW; i++) {
        if (i < r->window) r->held_bytes[(uint8_t)((r->first + i) % r->window)] = 0;
    }
    r->is_ack_due = false;
    r->unsaid = 0;
}

uint8_t gp_receiver_credit(const gp_receiver *r) { return (uint8_t)(r->window - (uint16_t)(r->next - r->taken)); }

bool gp_receiver_has_hole(const gp_receiver *r) {
    for (uint16_t i = 1; i < gp_receiver_credit(r); i++) {
        if (is_held(r, (uint16_t)(r->next + i))) return true;
    }
    return false;
}

bool gp_receiver_add(gp_receiver *r, const gp_packet *packet, uint32_t now_us) {
    int16_t ahead = (int16_t)(packet->number - r->next);
    if (ahead < 0 || is_held(r, packet->number)) {
        r->doubles++;
        due(r, now_us); /* the peer does not know: the acknowledgement was lost */
        return true;
    }
    if (ahead >= gp_receiver_credit(r)) {
        due(r, now_us); /* beyond what it may send: dropped, and told again what it may */
        return true;
    }
    if (packet->bytes > r->place_bytes) return false;
    uint8_t at = place(r, packet->number);
    memcpy(r->hold + (size_t)at * r->place_bytes, packet->payload, packet->bytes);
    r->held_bytes[at] = (uint16_t)packet->bytes;
    r->held_flags[at] = (uint8_t)((packet->is_first ? FIRST : 0) | (packet->is_last ? LAST : 0));
    bool is_hole = ahead != 0 || gp_receiver_has_hole(r);
    while (gp_receiver_credit(r) && is_held(r, r->next)) r->next++;
    if (r->unsaid < GP_ACK_EVERY) r->unsaid++;
    due(r, is_hole || r->unsaid >= GP_ACK_EVERY ? now_us : now_us + GP_ACK_DELAY_MS * 1000u);
    return true;
}

gp_taken gp_receiver_take(gp_receiver *r, uint32_t now_us, const uint8_t **message, size_t *bytes) {
    while (r->taken != r->next) {
        uint8_t was = gp_receiver_credit(r);
        uint8_t at = r->first;
        uint16_t part_bytes = r->held_bytes[at];
        bool is_first = r->held_flags[at] & FIRST, is_last = r->held_flags[at] & LAST;
        if (is_first != (r->message_bytes == 0) || r->message_bytes + part_bytes > (int)sizeof r->message) return GP_BROKEN;
        memcpy(r->message + r->message_bytes, r->hold + (size_t)at * r->place_bytes, part_bytes);
        r->message_bytes = (uint16_t)(r->message_bytes + part_bytes);
        r->held_bytes[at] = 0;
        r->taken++;
        r->first = (uint8_t)((r->first + 1) % r->window);
        if (was < r->window / 2 && !r->is_ack_due) due(r, now_us); /* the peer may be waiting for exactly this */
        if (is_last) {
            *message = r->message;
            *bytes = r->message_bytes;
            r->message_bytes = 0;
            return GP_MESSAGE;
        }
    }
    return GP_NOTHING;
}

gp_ack gp_receiver_ack(gp_receiver *r) {
    gp_ack ack = {.next = r->next, .credit = gp_receiver_credit(r)};
    for (uint16_t i = 1; i < ack.credit; i++) {
        if (is_held(r, (uint16_t)(r->next + i))) ack.bitmap |= (uint64_t)1 << (i - 1);
    }
    r->is_ack_due = false;
    r->unsaid = 0;
    return ack;
}

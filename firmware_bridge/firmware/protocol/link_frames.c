/* What leaves next: control, an acknowledgement that is due, reliable, best-effort. */
#include "link.h"

static size_t write_control(gp_link *l, uint32_t now_us, uint8_t *out) {
    gp_control first = l->controls[0];
    memmove(l->controls, l->controls + 1, (size_t)(--l->control_count) * sizeof first);
    memcpy(l->packet, first.packet, first.bytes);
    if (l->packet[0] == (GP_CONTROL | GP_CONTROL_PONG)) gp_put4(l->packet + 9, now_us);
    return gp_frame(l->packet, first.bytes, &first.seal, out);
}

static size_t write_reliable(gp_link *l, uint32_t now_us, uint8_t *out) {
    gp_receiver *r = &l->receiver;
    bool took_ack = false;
    bool can_ride = r->is_ack_due && !gp_receiver_has_hole(r);
    gp_ack ack = {.next = r->next, .credit = gp_receiver_credit(r)};
    size_t bytes = gp_sender_packet(&l->sender, now_us, can_ride ? &ack : NULL, &took_ack, l->packet);
    if (took_ack) gp_receiver_ack(r);
    return gp_frame(l->packet, bytes, &l->seal, out);
}

size_t gp_link_frame(gp_link *l, uint32_t now_us, uint8_t out[GP_MAX_MTU]) {
    if (l->control_count) return write_control(l, now_us, out);
    if (l->state != GP_OPEN) return 0;
    if (l->receiver.is_ack_due && (int32_t)(now_us - l->receiver.ack_at_us) >= 0) {
        gp_ack ack = gp_receiver_ack(&l->receiver);
        return gp_frame(l->packet, gp_ack_write(&ack, l->packet), &l->seal, out);
    }
    gp_newest *newest = NULL;
    for (int i = 3; i >= 0; i--) {
        if (gp_newest_can_send(&l->newest[i], now_us)) newest = &l->newest[i];
    }
    if (gp_sender_can_send(&l->sender, now_us)) {
        bool yields = newest && gp_sender_next_is_bulk(&l->sender) && !l->went_best_effort;
        if (!yields) {
            l->went_best_effort = false;
            return write_reliable(l, now_us, out);
        }
    }
    if (!newest) return 0;
    l->went_best_effort = true;
    return gp_frame(l->packet, gp_newest_packet(newest, now_us, l->packet), &l->seal, out);
}

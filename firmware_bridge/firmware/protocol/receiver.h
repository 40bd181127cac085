/* The receiving half of the reliable channel: packets in, whole messages out, each once and in order. The clock is given. */
#ifndef GP_RECEIVER_H
#define GP_RECEIVER_H

#include "packet.h"
#include "sizes.h"

typedef struct {
    uint8_t hold[GP_HOLD_BYTES]; /* `window` places of `place_bytes` for packets that were not taken */
    uint8_t message[GP_MAX_TO_DEVICE_BYTES];
    uint16_t held_bytes[GP_MAX_WINDOW]; /* 0: the place is free */
    uint8_t held_flags[GP_MAX_WINDOW];
    uint16_t next; /* the next sequence number expected; all before it came */
    uint16_t taken; /* all before it are in messages */
    uint16_t place_bytes;
    uint16_t message_bytes;
    uint8_t window, first; /* places; the one of packet `taken` */
    uint8_t unsaid; /* packets that came since the last acknowledgement */
    bool is_ack_due;
    uint32_t ack_at_us;
    uint32_t doubles;
} gp_receiver;

/* What gp_receiver_take found. */
typedef enum { GP_NOTHING, GP_MESSAGE, GP_BROKEN } gp_taken;

void gp_receiver_init(gp_receiver *receiver);

/* How many packets of such a size can be held. */
uint8_t gp_receiver_window(uint16_t packet_room);

/* A new connection: forgets what came out of order. False: packets in order wait and do not fit the new size. */
bool gp_receiver_can_resume(const gp_receiver *receiver, uint16_t packet_room);
void gp_receiver_resume(gp_receiver *receiver, uint16_t packet_room);

/* Packets from `next` on that there is room for. */
uint8_t gp_receiver_credit(const gp_receiver *receiver);

/* False: the peer breaks the protocol (a packet longer than agreed). */
bool gp_receiver_add(gp_receiver *receiver, const gp_packet *packet, uint32_t now_us);

/* The next whole message is in `message`, `message_bytes` long, until the next call; or GP_BROKEN: fragments do not fit. */
gp_taken gp_receiver_take(gp_receiver *receiver, uint32_t now_us, const uint8_t **message, size_t *bytes);

bool gp_receiver_has_hole(const gp_receiver *receiver);

/* What has come so far; ask when it is sent. */
gp_ack gp_receiver_ack(gp_receiver *receiver);

#endif

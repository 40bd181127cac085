/* The sending half of the reliable channel: messages in, packets out until they are acknowledged. The clock is given. */
#ifndef GP_SENDER_H
#define GP_SENDER_H

#include "packet.h"
#include "sizes.h"

/* A packet that was sent and is not known to have come. Its bytes are in the log. */
typedef struct {
    uint32_t sent_us;
    uint32_t order; /* counts transmissions */
    uint16_t at; /* in the log */
    uint16_t left; /* bytes of its message from here on */
    uint16_t bytes;
    uint8_t flags;
} gp_sent;

typedef struct {
    uint8_t log[GP_LOG_BYTES]; /* ring of messages, each behind its length u16 and kind u8 */
    uint8_t bulk[GP_BULK_BYTES];
    gp_sent sent[GP_MAX_WINDOW];
    uint16_t head, cut, tail; /* positions in the log: oldest byte kept, next byte to send, end; they wrap at 65536 */
    uint16_t left; /* bytes of the message at `cut` that are not sent */
    uint16_t bulk_bytes;
    uint16_t base, next; /* sequence numbers: oldest not acknowledged, next to send */
    uint16_t room; /* the longest packet */
    bool is_begun, is_bulk; /* the message at `cut` */
    uint8_t credit, timeouts;
    uint32_t smooth_us, spread_us, least_us; /* round trip, RFC 6298 */
    uint32_t order, newest_order; /* the latest transmission known to have come */
    uint32_t resent;
} gp_sender;

void gp_sender_init(gp_sender *sender);

/* Bytes of messages that can still be pushed. */
size_t gp_sender_room(const gp_sender *sender);

/* False: there is no room. A bulk message waits until nothing else does, and only one is held. */
bool gp_sender_push(gp_sender *sender, const uint8_t *message, size_t bytes);
bool gp_sender_push_bulk(gp_sender *sender, const uint8_t *message, size_t bytes);

bool gp_sender_can_send(gp_sender *sender, uint32_t now_us);

/* Whether the packet that would be sent next is of a bulk message; ask gp_sender_can_send before. */
bool gp_sender_next_is_bulk(const gp_sender *sender);

/* Writes the next packet; ask gp_sender_can_send before. `ack` rides along if there is room: then *took_ack. */
size_t gp_sender_packet(gp_sender *sender, uint32_t now_us, const gp_ack *ack, bool *took_ack, uint8_t *out);

/* False: it acknowledges what was never sent. */
bool gp_sender_acknowledged(gp_sender *sender, const gp_ack *ack, uint32_t now_us);

/* Whether a peer that expects `next` can go on. */
bool gp_sender_can_resume(const gp_sender *sender, uint16_t next);

/* Starts again at the packet that the peer expects; what is left is cut anew for `room`. */
bool gp_sender_resume(gp_sender *sender, uint16_t next, uint16_t room, uint8_t credit);

/* Whether everything was acknowledged. */
bool gp_sender_is_idle(const gp_sender *sender);

#endif

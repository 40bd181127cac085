/* The sending half of a best-effort channel: the newest wins, nothing is sent twice. The clock is given. */
#ifndef GP_NEWEST_H
#define GP_NEWEST_H

#include "packet.h"

typedef struct {
    uint8_t *ring; /* messages, each behind a gp_newest_item */
    uint16_t ring_bytes, at, used; /* first byte of the oldest message; bytes in use */
    uint16_t sent; /* bytes of the oldest message that were sent already */
    uint8_t channel, depth, waiting;
    uint16_t room; /* the longest packet */
    uint16_t next, limit;
    uint32_t sent_us;
    uint32_t dropped; /* messages that newer ones replaced */
} gp_newest;

/* `far` is a long tail that stays where it is until it was sent: a picture. */
typedef struct {
    const uint8_t *far;
    uint16_t far_bytes, near_bytes;
} gp_newest_item;

void gp_newest_init(gp_newest *newest, uint8_t channel, uint8_t depth, uint8_t *ring, uint16_t ring_bytes);

/* A new connection: what was half sent is gone. */
void gp_newest_resume(gp_newest *newest, uint16_t room, uint8_t credit);

/* Takes a message; of more than `depth`, or than there is memory for, the oldest makes room. False: it can never fit, or
 * waits behind one that has begun. */
bool gp_newest_push(gp_newest *newest, const uint8_t *message, uint16_t bytes, const uint8_t *far, uint16_t far_bytes);

bool gp_newest_can_send(const gp_newest *newest, uint32_t now_us);
size_t gp_newest_packet(gp_newest *newest, uint32_t now_us, uint8_t *out);
void gp_newest_granted(gp_newest *newest, uint16_t limit);

#endif

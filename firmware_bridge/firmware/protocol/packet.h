/* Packets: what one frame carries, read and written. No state here; docs/protocol.md draws every byte. */
#ifndef GP_PACKET_H
#define GP_PACKET_H

#include "frame.h"

typedef struct {
    uint16_t next;
    uint8_t credit;
    uint64_t bitmap; /* bit i: next + 1 + i came too */
} gp_ack;

typedef struct {
    uint8_t type; /* GP_CONTROL, GP_RELIABLE, GP_BEST_EFFORT or GP_ACK */
    uint8_t channel; /* of a control packet its number */
    bool is_first, is_last, has_ack;
    uint16_t number; /* sequence number; of a credit its limit */
    gp_ack ack;
    const uint8_t *payload; /* of a control packet its fields; points into what was read */
    size_t bytes;
} gp_packet;

/* False: malformed, or of a kind that this version does not know. */
bool gp_packet_read(gp_packet *packet, const uint8_t *data, size_t bytes);

/* An acknowledgement of the reliable channel; returns its bytes, at most 12. */
size_t gp_ack_write(const gp_ack *ack, uint8_t *out);

/* The head of a data packet; `ack` may be NULL; returns its bytes, 3 or 6. */
size_t gp_data_head(uint8_t type, uint8_t channel, uint16_t seq, bool is_first, bool is_last, const gp_ack *ack, uint8_t *out);

#endif

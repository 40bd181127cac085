/* Frames: COBS of a packet and its CRC-32, ended by one zero byte. Knows nothing of what packets mean. */
#ifndef GP_FRAME_H
#define GP_FRAME_H

#include "messages.h"

/* Session u32 and connection u8: covered by the CRC, not sent. GP_NO_SESSION for Hello and Refuse. */
typedef struct {
    uint8_t bytes[GP_TAG_BYTES];
} gp_seal;

/* Cuts a stream into decoded frames; right again at the next zero, whatever came before. */
typedef struct {
    uint8_t held[GP_MAX_MTU - 1];
    uint16_t bytes;
    bool is_skipping;
    bool is_done; /* `held` was given out and is free at the next call */
    uint32_t too_long;
    uint32_t not_cobs;
} gp_decoder;

gp_seal gp_seal_of(uint32_t session, uint8_t connection);

/* CRC-32 of Ethernet and zlib; start with 0, go on with what was returned. */
uint32_t gp_crc32(uint32_t crc, const uint8_t *data, size_t bytes);

/* The longest packet whose frame is at most `mtu` bytes (20…512) whatever its content. */
uint16_t gp_packet_room(uint16_t mtu);

/* Without zeros; at most one byte longer per 254. `out` has room for bytes + bytes / 254 + 1. */
size_t gp_cobs_encode(const uint8_t *data, size_t bytes, uint8_t *out);

/* Decodes in place; false: not COBS. */
bool gp_cobs_decode(uint8_t *data, size_t bytes, size_t *decoded_bytes);

/* The frame of a packet of at most GP_MAX_PACKET_BYTES; `packet` has four bytes more, which are written. */
size_t gp_frame(uint8_t *packet, size_t bytes, const gp_seal *seal, uint8_t out[GP_MAX_MTU]);

void gp_decoder_reset(gp_decoder *decoder);

/* Takes bytes until a frame is complete: its content (packet and CRC, not checked), valid until the next call, or NULL when
 * all bytes are used up. Call it again with what is left. */
const uint8_t *gp_decoder_feed(gp_decoder *decoder, const uint8_t **data, size_t *bytes, size_t *body_bytes);

/* Whether the CRC of a decoded frame is that of its packet under this seal; the packet has 4 bytes less. */
bool gp_opens(const uint8_t *body, size_t bytes, const gp_seal *seal);

/* Whether the first byte says that the seal is that of no session. */
bool gp_is_untagged(uint8_t first);

#endif

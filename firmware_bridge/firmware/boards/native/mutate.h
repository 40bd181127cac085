/* Packets of every kind, and what a bad wire makes of their frames. The same seed gives the same sequence. */
#ifndef GP_MUTATE_H
#define GP_MUTATE_H

#include "packet.h"

typedef struct {
    uint64_t state;
} gp_dice;

gp_dice gp_dice_of(uint64_t seed);
uint32_t gp_draw(gp_dice *dice, uint32_t below);

/* A valid packet; its bytes, at most GP_MAX_PACKET_BYTES. */
size_t gp_draw_packet(gp_dice *dice, uint8_t *packet);

/* One to four of: flipped bit, other byte, zero, removed, inserted, doubled, cut off. Returns the new length, at most `room`. */
size_t gp_mutate(gp_dice *dice, uint8_t *data, size_t bytes, size_t room);

#endif

/* The reference application: glasses over the link, without an operating system. Events and time go in through functions. */
#ifndef GP_GLASSES_H
#define GP_GLASSES_H

#include "state.h"
#include "tell.h"

/* The start: decides which image runs, and begins with a new boot id. */
void gp_glasses_init(gp_glasses *glasses, const gp_board *board, uint16_t mtu, uint32_t now_us);

/* Lets time do what it does: heartbeat of the light, samples, pictures, deadlines. Every millisecond or so. */
void gp_glasses_poll(gp_glasses *glasses, uint32_t now_us);

/* What the person and the hardware do. */
void gp_glasses_button(gp_glasses *glasses, uint8_t button, uint8_t action, uint32_t now_us);
void gp_glasses_touch(gp_glasses *glasses, uint8_t gesture, uint32_t now_us);
void gp_glasses_wear(gp_glasses *glasses, uint8_t state, uint32_t now_us);
void gp_glasses_battery(gp_glasses *glasses, uint8_t percent, uint8_t flags);
void gp_glasses_temperature(gp_glasses *glasses, int16_t centi_c, uint32_t now_us);

#endif

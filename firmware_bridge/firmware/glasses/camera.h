/* The camera with its recording light. */
#ifndef GP_CAMERA_H
#define GP_CAMERA_H

#include "state.h"

void gp_camera_control_came(gp_glasses *glasses, const gp_camera_control *control, uint32_t now_us);
void gp_camera_stop(gp_glasses *glasses, uint8_t cause, uint32_t now_us);
void gp_camera_poll(gp_glasses *glasses, uint32_t now_us);
bool gp_light_turn(gp_glasses *glasses, bool is_on, uint32_t now_us);

#endif

/* Microphone and inertial sensor. */
#ifndef GP_STREAMS_H
#define GP_STREAMS_H

#include "state.h"

void gp_mic_control_came(gp_glasses *glasses, const gp_mic_control *control, uint32_t now_us);
void gp_mic_stop(gp_glasses *glasses, uint8_t cause);
void gp_imu_control_came(gp_glasses *glasses, const gp_imu_control *control, uint32_t now_us);
void gp_streams_poll(gp_glasses *glasses, uint32_t now_us);

#endif

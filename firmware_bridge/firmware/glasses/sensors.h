/* What a board without sensors says in their place: a nod for the inertial sensor, a tone for the microphone. */
#ifndef GP_SENSORS_H
#define GP_SENSORS_H

#include "messages.h"

enum { GP_IMU_SAMPLE_BYTES = 12, GP_IMU_RATE_HZ = 200, GP_IMU_BATCH = 16, GP_SOUND_BYTES = 640 };

/* The motion at `t_us`: a slow nod, six int16 in the order of ImuBatch. 2048 counts per g, 16.4 per degree per second. */
void gp_motion(uint32_t t_us, uint8_t out[GP_IMU_SAMPLE_BYTES]);

/* `count` samples of a tone of 1 kHz from sample `first` on, at 8 or 16 kHz, as `codec` (PCM16 or µ-law); its bytes. */
size_t gp_tone(uint32_t first, uint16_t count, uint16_t rate_hz, uint8_t codec, int32_t gain_db, uint8_t *out);

/* µ-law of ITU-T G.711. */
uint8_t gp_ulaw(int16_t sample);

#endif

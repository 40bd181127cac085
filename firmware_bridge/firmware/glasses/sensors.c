/* Made-up motion and sound, from a table of one sine. */
#include "sensors.h"

/* sin(2 pi i / 16) in units of 1 / 4096 */
static const int16_t SINE[16] = {0, 1567, 2896, 3784, 4096, 3784, 2896, 1567, 0, -1567, -2896, -3784, -4096, -3784, -2896, -1567};

void gp_motion(uint32_t t_us, uint8_t out[GP_IMU_SAMPLE_BYTES]) {
    /* A period of 1.05 s: 2^20 µs, so that the phase does not jump when the clock wraps. */
    uint32_t step = t_us >> 16 & 15, between = t_us & 0xFFFF;
    int32_t here = SINE[step], there = SINE[(step + 1) & 15];
    int32_t sine = here + (there - here) * (int32_t)(between >> 4) / 4096;
    const int16_t sample[6] = {(int16_t)(sine / 8), 0, 2048, 0, (int16_t)(sine / 4), 0};
    for (int i = 0; i < 6; i++) gp_put2(out + 2 * i, (uint32_t)(uint16_t)sample[i]);
}

uint8_t gp_ulaw(int16_t sample) {
    int32_t level = sample < 0 ? -(int32_t)sample : sample, sign = sample < 0 ? 0x80 : 0, exponent = 7;
    level = (level > 32635 ? 32635 : level) + 132;
    while (exponent > 0 && !(level >> (exponent + 7) & 1)) exponent--;
    return (uint8_t)~(sign | exponent << 4 | (level >> (exponent + 3) & 15));
}

size_t gp_tone(uint32_t first, uint16_t count, uint16_t rate_hz, uint8_t codec, int32_t gain_db, uint8_t *out) {
    size_t at = 0;
    int32_t steps = gain_db / 6; /* of 6 dB each */
    uint32_t stride = 16000u / rate_hz;
    for (uint32_t i = first; i < first + count; i++) {
        int32_t value = SINE[i * stride & 15];
        value = steps < 0 ? value / (1 << -steps) : value * (1 << steps);
        value = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
        if (codec == GP_CODEC_ULAW) {
            out[at++] = gp_ulaw((int16_t)value);
        } else {
            gp_put2(out + at, (uint32_t)value);
            at += 2;
        }
    }
    return at;
}

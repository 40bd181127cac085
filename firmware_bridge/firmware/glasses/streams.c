/* Microphone and inertial sensor as streams on best-effort channels. */
#include "streams.h"

#include "tell.h"

/* Whether it is time; after a pause (no processor time) it goes on from now instead of catching up. */
static bool is_due(uint32_t *next_us, uint32_t every_us, uint32_t now_us) {
    uint32_t late_us = now_us - *next_us;
    if (late_us >= 0x80000000u) return false;
    *next_us = late_us > 20 * every_us ? now_us : *next_us + every_us;
    return true;
}

void gp_mic_stop(gp_glasses *g, uint8_t cause) {
    if (!g->microphone.state.on) return;
    g->microphone.state.on = 0;
    g->microphone.state.cause = cause;
    g->dirty |= GP_DIRTY_MIC;
}

void gp_mic_control_came(gp_glasses *g, const gp_mic_control *control, uint32_t now_us) {
    gp_microphone *m = &g->microphone;
    bool is_known = control->codec <= GP_CODEC_ULAW && (control->rate_hz == 8000 || control->rate_hz == 16000);
    m->state = (gp_mic_state){control->on && is_known, control->codec, control->rate_hz, GP_CAUSE_OK};
    if (control->on && !is_known) m->state.cause = GP_CAUSE_UNSUPPORTED;
    if (m->state.on) {
        uint32_t most = GP_SOUND_BYTES / (control->codec == GP_CODEC_PCM16 ? 2u : 1u);
        uint32_t samples = (uint32_t)control->rate_hz / 1000 * (control->frame_ms ? control->frame_ms : 20);
        m->samples = (uint16_t)(samples < most ? samples : most);
        m->frame_us = m->samples * 1000u / (control->rate_hz / 1000u);
        m->next_us = now_us + m->frame_us;
        m->first_sample = 0;
    }
    g->dirty &= (uint8_t)~GP_DIRTY_MIC;
    gp_glasses_send(g, gp_write_mic_state(&m->state, g->scratch, sizeof g->scratch), now_us);
}

static void send_sound(gp_glasses *g, uint32_t end_us) {
    gp_microphone *m = &g->microphone;
    uint8_t *sound = g->scratch + 1 + GP_MIC_DATA_FIXED_BYTES;
    int32_t gain_db = g->settings[GP_SETTING_MIC_GAIN_DB - 1];
    gp_mic_data data = {end_us - m->frame_us, m->first_sample, m->samples, m->state.codec, NULL, 0};
    size_t bytes = gp_write_mic_data(&data, g->scratch, sizeof g->scratch);
    bytes += gp_tone(m->first_sample, m->samples, m->state.rate_hz, m->state.codec, gain_db, sound);
    m->first_sample += m->samples;
    gp_link_newest(&g->link, GP_CHANNEL_AUDIO, g->scratch, bytes, NULL, 0);
}

void gp_imu_control_came(gp_glasses *g, const gp_imu_control *control, uint32_t now_us) {
    gp_inertial *i = &g->inertial;
    i->rate_hz = control->rate_hz < GP_IMU_RATE_HZ ? control->rate_hz : GP_IMU_RATE_HZ;
    i->batch = control->batch < 1 ? 1 : control->batch > GP_IMU_BATCH ? GP_IMU_BATCH : control->batch;
    if (!i->rate_hz) return;
    if (i->rate_hz < 16) i->rate_hz = 16; /* slower has no place in the 16 bits of interval_us */
    i->interval_us = 1000000u / i->rate_hz;
    i->next_us = now_us + i->interval_us * i->batch;
}

static void send_motion(gp_glasses *g, uint32_t end_us) {
    const gp_inertial *i = &g->inertial;
    uint8_t *samples = g->scratch + 1 + GP_IMU_BATCH_FIXED_BYTES;
    gp_imu_batch batch = {end_us - i->interval_us * i->batch, (uint16_t)i->interval_us, 2048, 1640, NULL, 0};
    size_t bytes = gp_write_imu_batch(&batch, g->scratch, sizeof g->scratch);
    for (uint32_t n = 0; n < i->batch; n++) gp_motion(batch.t_us + n * i->interval_us, samples + n * GP_IMU_SAMPLE_BYTES);
    gp_link_newest(&g->link, GP_CHANNEL_SENSOR, g->scratch, bytes + (size_t)i->batch * GP_IMU_SAMPLE_BYTES, NULL, 0);
}

void gp_streams_poll(gp_glasses *g, uint32_t now_us) {
    uint32_t due_us = g->microphone.next_us;
    if (g->microphone.state.on && is_due(&g->microphone.next_us, g->microphone.frame_us, now_us)) send_sound(g, due_us);
    due_us = g->inertial.next_us;
    if (g->inertial.rate_hz && is_due(&g->inertial.next_us, g->inertial.interval_us * g->inertial.batch, now_us)) send_motion(g, due_us);
}

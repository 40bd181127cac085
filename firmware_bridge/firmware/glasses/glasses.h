/* The reference application: glasses over the link, without an operating system. Events and time go in through functions. */
#ifndef GP_GLASSES_H
#define GP_GLASSES_H

#include "board.h"
#include "canvas.h"
#include "link.h"
#include "picture.h"
#include "sensors.h"
#include "smp.h"

/* State that the host does not know yet. */
enum { GP_DIRTY_BATTERY = 1, GP_DIRTY_THERMAL = 2, GP_DIRTY_WEAR = 4, GP_DIRTY_LIGHT = 8, GP_DIRTY_CAMERA = 16, GP_DIRTY_MIC = 32 };

typedef struct {
    gp_camera_state state;
    uint16_t number; /* captures of this stream */
    uint32_t next_us, photo_us, frame_us;
    uint32_t photo_at; /* bytes of the photo that are handed over */
    bool is_sending; /* a photo is on its way */
    bool is_light_held; /* the camera was the one that turned it on */
} gp_camera;

typedef struct {
    gp_mic_state state;
    uint16_t samples; /* of one message */
    uint32_t next_us, frame_us, first_sample;
} gp_microphone;

typedef struct {
    uint16_t rate_hz;
    uint8_t batch;
    uint32_t next_us, interval_us;
} gp_inertial;

typedef struct {
    const gp_board *board;
    gp_link link;
    gp_smp smp;
    gp_canvas canvas;
    gp_camera camera;
    gp_microphone microphone;
    gp_inertial inertial;
    gp_battery battery;
    gp_thermal thermal;
    gp_wear wear;
    gp_light_state light;
    uint32_t light_us, beat_us; /* when it was turned on, and said so */
    int32_t settings[GP_SETTING_SLEEP_AFTER_S];
    uint8_t dirty;
    bool is_resetting;
    uint32_t reset_us;
    uint8_t scratch[GP_SOUND_BYTES + 16]; /* the message that is being written */
} gp_glasses;

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
void gp_glasses_log(gp_glasses *glasses, uint8_t level, const char *text, uint32_t now_us);

/* Inside: a message from the host. */
void gp_glasses_message(gp_glasses *glasses, const uint8_t *message, size_t bytes, uint32_t now_us);

/* Inside: the camera with its light, microphone and inertial sensor. */
void gp_camera_control_came(gp_glasses *glasses, const gp_camera_control *control, uint32_t now_us);
void gp_camera_stop(gp_glasses *glasses, uint8_t cause, uint32_t now_us);
void gp_camera_poll(gp_glasses *glasses, uint32_t now_us);
bool gp_light_turn(gp_glasses *glasses, bool is_on, uint32_t now_us);
void gp_mic_control_came(gp_glasses *glasses, const gp_mic_control *control, uint32_t now_us);
void gp_mic_stop(gp_glasses *glasses, uint8_t cause);
void gp_imu_control_came(gp_glasses *glasses, const gp_imu_control *control, uint32_t now_us);
void gp_streams_poll(gp_glasses *glasses, uint32_t now_us);

/* Inside: sends a written message on the reliable channel; there is always room for an answer. */
void gp_glasses_send(gp_glasses *glasses, size_t bytes, uint32_t now_us);

#endif

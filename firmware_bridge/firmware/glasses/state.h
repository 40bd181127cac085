/* Everything that the glasses know, in one place without a heap. */
#ifndef GP_STATE_H
#define GP_STATE_H

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

#endif

/* The camera and its recording light: no capture without light that is measured to be on, and no light longer than needed. */
#include "camera.h"

#include "tell.h"

/* After a photo the light stays on a little, so that a person sees it. */
enum { LIGHT_AFTER_US = 250000, PHOTO_PART_BYTES = 480, FASTEST_FPS_X10 = 150 };

bool gp_light_turn(gp_glasses *g, bool is_on, uint32_t now_us) {
    if (is_on && !g->light.on) g->light_us = g->beat_us = now_us;
    g->board->light(g->board->context, is_on);
    bool was_on = g->light.on;
    g->light.on = g->board->light_is_on(g->board->context);
    g->light.t_us = now_us;
    if (was_on != g->light.on) g->dirty |= GP_DIRTY_LIGHT;
    return g->light.on == is_on;
}

void gp_camera_stop(gp_glasses *g, uint8_t cause, uint32_t now_us) {
    gp_camera *c = &g->camera;
    if (c->state.mode == GP_CAMERA_MODE_OFF && !c->is_light_held) return;
    if (c->state.mode != GP_CAMERA_MODE_OFF) g->dirty |= GP_DIRTY_CAMERA;
    if (c->is_light_held) gp_light_turn(g, false, now_us);
    c->is_light_held = c->is_sending = false;
    c->state.mode = GP_CAMERA_MODE_OFF;
    c->state.cause = cause;
}

static uint8_t why_not(const gp_glasses *g, const gp_camera_control *control) {
    if (control->mode > GP_CAMERA_MODE_STREAM) return GP_CAUSE_INVALID;
    if (g->thermal.level >= GP_HEAT_CRITICAL) return GP_CAUSE_HOT;
    if (g->battery.flags & GP_CHARGE_FLAG_CRITICAL) return GP_CAUSE_BATTERY_LOW;
    if (g->wear.state == GP_WORN_FOLDED) return GP_CAUSE_NOT_WORN;
    if (g->camera.state.mode != GP_CAMERA_MODE_OFF) return GP_CAUSE_BUSY;
    return GP_CAUSE_OK;
}

static void answer(gp_glasses *g, const gp_camera_state *state, uint32_t now_us) {
    gp_glasses_send(g, gp_write_camera_state(state, g->scratch, sizeof g->scratch), now_us);
}

void gp_camera_control_came(gp_glasses *g, const gp_camera_control *control, uint32_t now_us) {
    gp_camera *c = &g->camera;
    if (control->mode == GP_CAMERA_MODE_OFF) {
        gp_camera_stop(g, GP_CAUSE_OK, now_us);
        g->dirty &= (uint8_t)~GP_DIRTY_CAMERA;
        c->state.request = control->request;
        c->state.cause = GP_CAUSE_OK;
        answer(g, &c->state, now_us);
        return;
    }
    gp_camera_state wanted = {control->request, control->mode, why_not(g, control), GP_PICTURE_WIDTH, GP_PICTURE_HEIGHT, 0};
    if (wanted.cause == GP_CAUSE_OK && !gp_light_turn(g, true, now_us)) wanted.cause = GP_CAUSE_LIGHT_FAILED;
    if (wanted.cause != GP_CAUSE_OK) {
        wanted.mode = c->state.mode; /* what it does goes on */
        answer(g, &wanted, now_us);
        return;
    }
    c->is_light_held = true;
    if (wanted.mode == GP_CAMERA_MODE_STREAM) {
        wanted.fps_x10 = control->fps_x10 && control->fps_x10 < FASTEST_FPS_X10 ? control->fps_x10 : FASTEST_FPS_X10;
        c->frame_us = 10000000u / wanted.fps_x10;
        c->next_us = now_us;
        c->number = 0;
    } else {
        c->photo_us = now_us;
        c->photo_at = 0;
        c->is_sending = true;
    }
    c->state = wanted;
    answer(g, &c->state, now_us);
}

static void send_photo(gp_glasses *g) {
    gp_camera *c = &g->camera;
    uint32_t bytes = GP_PICTURE_BYTES - c->photo_at < PHOTO_PART_BYTES ? GP_PICTURE_BYTES - c->photo_at : PHOTO_PART_BYTES;
    gp_photo_part part = {c->state.request, c->photo_us, GP_PICTURE_BYTES, c->photo_at, GP_PICTURE + c->photo_at, bytes};
    if (!gp_link_push_bulk(&g->link, g->scratch, gp_write_photo_part(&part, g->scratch, sizeof g->scratch))) return;
    c->photo_at += bytes;
    if (c->photo_at < GP_PICTURE_BYTES) return;
    c->is_sending = false;
    c->state.mode = GP_CAMERA_MODE_OFF;
    g->dirty |= GP_DIRTY_CAMERA;
}

static void send_frame(gp_glasses *g, uint32_t now_us) {
    gp_camera *c = &g->camera;
    gp_camera_frame frame = {c->state.request, c->number++, now_us, NULL, 0};
    size_t bytes = gp_write_camera_frame(&frame, g->scratch, sizeof g->scratch);
    gp_link_newest(&g->link, GP_CHANNEL_VIDEO, g->scratch, bytes, GP_PICTURE, GP_PICTURE_BYTES);
    c->next_us += c->frame_us;
    if (now_us - c->next_us < 0x80000000u && now_us - c->next_us > c->frame_us) c->next_us = now_us; /* never catches up in a burst */
}

static void poll_light(gp_glasses *g, uint32_t now_us) {
    gp_camera *c = &g->camera;
    bool was_on = g->light.on;
    g->light.on = g->board->light_is_on(g->board->context);
    if (was_on && !g->light.on) {
        g->light.t_us = now_us;
        g->dirty |= GP_DIRTY_LIGHT;
        if (c->is_light_held) gp_camera_stop(g, GP_CAUSE_LIGHT_FAILED, now_us);
    }
    bool is_done = c->state.mode != GP_CAMERA_MODE_STREAM && now_us - c->photo_us >= LIGHT_AFTER_US;
    if (c->is_light_held && is_done) {
        c->is_light_held = false;
        gp_light_turn(g, false, now_us);
    }
    if (g->light.on && now_us - g->beat_us >= GP_LIGHT_BEAT_MS * 1000u) {
        gp_light_beat beat = {1, now_us};
        g->beat_us = now_us;
        gp_link_newest(&g->link, GP_CHANNEL_SENSOR, g->scratch, gp_write_light_beat(&beat, g->scratch, sizeof g->scratch), NULL, 0);
    }
}

void gp_camera_poll(gp_glasses *g, uint32_t now_us) {
    poll_light(g, now_us);
    if (g->camera.is_sending) send_photo(g);
    bool is_due = (int32_t)(now_us - g->camera.next_us) >= 0;
    if (g->camera.state.mode == GP_CAMERA_MODE_STREAM && is_due) send_frame(g, now_us);
}

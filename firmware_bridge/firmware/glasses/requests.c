/* What the host asks for, message by message; what is not known or not possible is answered by Refused. */
#include "requests.h"

#include "camera.h"
#include "streams.h"
#include "tell.h"

static void refuse(gp_glasses *g, uint8_t message, uint8_t cause, uint16_t request, uint32_t now_us) {
    gp_refused refused = {message, cause, request};
    gp_glasses_send(g, gp_write_refused(&refused, g->scratch, sizeof g->scratch), now_us);
}

static bool draw(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    gp_display_text text;
    gp_display_rect rect;
    gp_display_bitmap bitmap;
    gp_display_clear clear;
    switch (m[0]) {
        case GP_MSG_DISPLAY_TEXT:
            if (!gp_read_display_text(&text, m + 1, bytes - 1)) return false;
            gp_canvas_page(&g->canvas, text.page);
            gp_canvas_text(&g->canvas, &text);
            return true;
        case GP_MSG_DISPLAY_RECT:
            if (!gp_read_display_rect(&rect, m + 1, bytes - 1)) return false;
            gp_canvas_page(&g->canvas, rect.page);
            gp_canvas_rect(&g->canvas, &rect);
            return true;
        case GP_MSG_DISPLAY_BITMAP:
            if (!gp_read_display_bitmap(&bitmap, m + 1, bytes - 1)) return false;
            gp_canvas_page(&g->canvas, bitmap.page);
            if (!gp_canvas_bitmap(&g->canvas, &bitmap)) refuse(g, m[0], GP_CAUSE_INVALID, bitmap.page, now_us);
            return true;
        default:
            if (!gp_read_display_clear(&clear, m + 1, bytes - 1)) return false;
            gp_canvas_page(&g->canvas, clear.page);
            gp_canvas_clear(&g->canvas);
            return true;
    }
}

static bool show(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    gp_display_show request;
    if (!gp_read_display_show(&request, m + 1, bytes - 1)) return false;
    gp_canvas_page(&g->canvas, request.page);
    g->board->show(g->board->context, g->canvas.pixels);
    gp_display_shown shown = {request.page, now_us};
    gp_glasses_send(g, gp_write_display_shown(&shown, g->scratch, sizeof g->scratch), now_us);
    return true;
}

static void say_setting(gp_glasses *g, uint8_t key, uint32_t now_us) {
    gp_setting_value value = {key, g->settings[key - 1]};
    gp_glasses_send(g, gp_write_setting_value(&value, g->scratch, sizeof g->scratch), now_us);
}

static bool set(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    static const int32_t LEAST[] = {0, -24, 100, 0}, MOST[] = {100, 18, 1000, 3600};
    gp_setting_set wanted;
    if (!gp_read_setting_set(&wanted, m + 1, bytes - 1)) return false;
    if (wanted.key < 1 || wanted.key > GP_SETTING_SLEEP_AFTER_S) {
        refuse(g, m[0], GP_CAUSE_UNSUPPORTED, 0, now_us);
    } else if (wanted.value < LEAST[wanted.key - 1] || wanted.value > MOST[wanted.key - 1]) {
        refuse(g, m[0], GP_CAUSE_INVALID, 0, now_us);
    } else {
        g->settings[wanted.key - 1] = wanted.value;
        say_setting(g, wanted.key, now_us);
    }
    return true;
}

static bool get(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    gp_setting_get wanted;
    if (!gp_read_setting_get(&wanted, m + 1, bytes - 1)) return false;
    if (wanted.key < 1 || wanted.key > GP_SETTING_SLEEP_AFTER_S) refuse(g, m[0], GP_CAUSE_UNSUPPORTED, 0, now_us);
    else say_setting(g, wanted.key, now_us);
    return true;
}

static bool brightness(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    gp_display_brightness wanted;
    if (!gp_read_display_brightness(&wanted, m + 1, bytes - 1)) return false;
    if (wanted.percent == 255) refuse(g, m[0], GP_CAUSE_UNSUPPORTED, 0, now_us); /* no light sensor */
    else if (wanted.percent > 100) refuse(g, m[0], GP_CAUSE_INVALID, 0, now_us);
    else g->settings[GP_SETTING_BRIGHTNESS_PERCENT - 1] = wanted.percent;
    return true;
}

static bool light(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    gp_light_set wanted;
    if (!gp_read_light_set(&wanted, m + 1, bytes - 1)) return false;
    bool is_needed = g->camera.is_light_held; /* a host cannot turn it off under the camera */
    gp_light_turn(g, wanted.on || is_needed, now_us);
    gp_light_state state = g->light;
    state.request = wanted.request;
    g->dirty &= (uint8_t)~GP_DIRTY_LIGHT;
    gp_glasses_send(g, gp_write_light_state(&state, g->scratch, sizeof g->scratch), now_us);
    return true;
}

static bool manage(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    gp_smp_request request;
    if (!gp_read_smp_request(&request, m + 1, bytes - 1)) return false;
    size_t room = GP_REPLY_BYTES - 2 - GP_SMP_RESPONSE_FIXED_BYTES;
    gp_smp_response response = {NULL, 0};
    size_t head = gp_write_smp_response(&response, g->scratch, sizeof g->scratch);
    size_t answer = gp_smp_answer(&g->smp, request.smp, request.smp_bytes, g->scratch + head, room);
    if (!answer) return false;
    gp_glasses_send(g, head + answer, now_us);
    if (g->smp.wants_reset && !g->is_resetting) {
        g->is_resetting = true;
        g->reset_us = now_us;
    }
    return true;
}

static bool start(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    gp_camera_control camera;
    gp_mic_control microphone;
    gp_imu_control inertial;
    if (m[0] == GP_MSG_CAMERA_CONTROL && gp_read_camera_control(&camera, m + 1, bytes - 1)) {
        gp_camera_control_came(g, &camera, now_us);
    } else if (m[0] == GP_MSG_MIC_CONTROL && gp_read_mic_control(&microphone, m + 1, bytes - 1)) {
        gp_mic_control_came(g, &microphone, now_us);
    } else if (m[0] == GP_MSG_IMU_CONTROL && gp_read_imu_control(&inertial, m + 1, bytes - 1)) {
        gp_imu_control_came(g, &inertial, now_us);
    } else {
        return false;
    }
    return true;
}

void gp_glasses_message(gp_glasses *g, const uint8_t *m, size_t bytes, uint32_t now_us) {
    gp_host_info host;
    bool is_read;
    switch (m[0]) {
        case GP_MSG_HOST_INFO:
            is_read = gp_read_host_info(&host, m + 1, bytes - 1);
            if (is_read) gp_glasses_log(g, GP_SEVERITY_INFO, "the host said its name", now_us);
            break;
        case GP_MSG_IMU_CONTROL:
        case GP_MSG_MIC_CONTROL:
        case GP_MSG_CAMERA_CONTROL: is_read = start(g, m, bytes, now_us); break;
        case GP_MSG_DISPLAY_TEXT:
        case GP_MSG_DISPLAY_RECT:
        case GP_MSG_DISPLAY_BITMAP:
        case GP_MSG_DISPLAY_CLEAR: is_read = draw(g, m, bytes, now_us); break;
        case GP_MSG_DISPLAY_SHOW: is_read = show(g, m, bytes, now_us); break;
        case GP_MSG_DISPLAY_BRIGHTNESS: is_read = brightness(g, m, bytes, now_us); break;
        case GP_MSG_LIGHT_SET: is_read = light(g, m, bytes, now_us); break;
        case GP_MSG_SETTING_SET: is_read = set(g, m, bytes, now_us); break;
        case GP_MSG_SETTING_GET: is_read = get(g, m, bytes, now_us); break;
        case GP_MSG_SMP_REQUEST: is_read = manage(g, m, bytes, now_us); break;
        default: refuse(g, m[0], GP_CAUSE_UNKNOWN, 0, now_us); return;
    }
    if (!is_read) refuse(g, m[0], GP_CAUSE_INVALID, 0, now_us);
}

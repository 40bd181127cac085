/* The reference application: the start, the state that the host is told, and the loop. */
#include "glasses.h"

#include "camera.h"
#include "requests.h"
#include "streams.h"

enum { RESET_AFTER_US = 1000000, STATE_BYTES = 64 };

static void say_capabilities(gp_glasses *g, uint32_t now_us) {
    gp_capabilities c;
    const gp_slots *slots = &g->smp.slots;
    memset(&c, 0, sizeof c);
    c.serial = g->board->serial;
    c.boot = g->link.boot;
    if (slots->active >= 0) {
        gp_version v = slots->slot[slots->active].version;
        c.firmware = (uint32_t)v.major << 24 | (uint32_t)v.minor << 16 | v.patch;
    }
    for (size_t i = 0; i < 16 && g->board->product[i]; i++) c.product[i] = g->board->product[i];
    c.features = GP_FEATURE_LIGHT | GP_FEATURE_WEAR | GP_FEATURE_TOUCH | GP_FEATURE_UPDATE | GP_FEATURE_BATTERY | GP_FEATURE_THERMAL;
    c.max_message_bytes = GP_MAX_TO_DEVICE_BYTES;
    c.display_width = GP_CANVAS_WIDTH;
    c.display_height = GP_CANVAS_HEIGHT;
    c.display_bits = 1;
    c.camera_width = GP_PICTURE_WIDTH;
    c.camera_height = GP_PICTURE_HEIGHT;
    c.camera_fps_x10 = 150;
    c.mic_rate_hz = 16000;
    c.mic_codecs = 1 << GP_CODEC_PCM16 | 1 << GP_CODEC_ULAW;
    c.imu_rate_hz = GP_IMU_RATE_HZ;
    c.buttons = 2;
    c.battery_mwh = 600;
    gp_glasses_send(g, gp_write_capabilities(&c, g->scratch, sizeof g->scratch), now_us);
}

static size_t write_state(gp_glasses *g, uint8_t what) {
    switch (what) {
        case GP_DIRTY_BATTERY: return gp_write_battery(&g->battery, g->scratch, sizeof g->scratch);
        case GP_DIRTY_THERMAL: return gp_write_thermal(&g->thermal, g->scratch, sizeof g->scratch);
        case GP_DIRTY_WEAR: return gp_write_wear(&g->wear, g->scratch, sizeof g->scratch);
        case GP_DIRTY_LIGHT: return gp_write_light_state(&g->light, g->scratch, sizeof g->scratch);
        case GP_DIRTY_CAMERA: return gp_write_camera_state(&g->camera.state, g->scratch, sizeof g->scratch);
        default: return gp_write_mic_state(&g->microphone.state, g->scratch, sizeof g->scratch);
    }
}

/* State changes wait as one bit each, so that they never fill the queue: the host is told what is true when there is room. */
static void say_changes(gp_glasses *g, uint32_t now_us) {
    if (g->link.state == GP_IDLE) g->dirty = 0; /* the next snapshot tells */
    for (uint8_t what = GP_DIRTY_BATTERY; what <= GP_DIRTY_MIC; what = (uint8_t)(what << 1)) {
        if (!(g->dirty & what) || gp_sender_room(&g->link.sender) < GP_REPLY_BYTES + STATE_BYTES) continue;
        g->dirty &= (uint8_t)~what;
        gp_glasses_send(g, write_state(g, what), now_us);
    }
}

static void opened(void *program, bool is_new, uint32_t now_us) {
    gp_glasses *g = program;
    if (!is_new) return;
    g->dirty = 0;
    say_capabilities(g, now_us);
    for (uint8_t what = GP_DIRTY_BATTERY; what <= GP_DIRTY_MIC; what = (uint8_t)(what << 1)) {
        gp_glasses_send(g, write_state(g, what), now_us);
    }
    gp_glasses_send(g, gp_write_snapshot_end(&(gp_snapshot_end){0}, g->scratch, sizeof g->scratch), now_us);
}

static void lost(void *program, bool is_kept, uint32_t now_us) {
    gp_glasses *g = program;
    (void)is_kept;
    gp_camera_stop(g, GP_CAUSE_LINK_LOST, now_us);
    if (g->light.on) gp_light_turn(g, false, now_us);
    gp_mic_stop(g, GP_CAUSE_LINK_LOST);
    g->inertial.rate_hz = 0;
}

static void message(void *program, const uint8_t *bytes, size_t count, uint32_t now_us) {
    gp_glasses_message(program, bytes, count, now_us);
}

void gp_glasses_init(gp_glasses *g, const gp_board *board, uint16_t mtu, uint32_t now_us) {
    memset(g, 0, sizeof *g);
    g->board = board;
    gp_link_init(&g->link, (gp_link_program){g, opened, lost, message}, board->random(board->context), mtu);
    gp_slots_boot(&g->smp.slots, board->flash, board->key);
    g->smp.buffer_bytes = GP_MAX_TO_DEVICE_BYTES - 1 - GP_SMP_REQUEST_FIXED_BYTES;
    g->smp.buffers = GP_HOLD_BYTES / GP_MAX_TO_DEVICE_BYTES; /* what the link holds for us */
    g->battery = (gp_battery){80, 0, 3900, -40};
    g->thermal = (gp_thermal){2500, GP_HEAT_NORMAL};
    g->wear = (gp_wear){now_us, GP_WORN_DONNED};
    const int32_t settings[GP_SETTING_SLEEP_AFTER_S] = {50, 0, 300, 60};
    memcpy(g->settings, settings, sizeof settings);
    board->light(board->context, false);
    board->show(board->context, g->canvas.pixels);
}

static void poll_reset(gp_glasses *g, uint32_t now_us) {
    bool is_late = now_us - g->reset_us >= RESET_AFTER_US;
    if (g->link.state == GP_OPEN && !is_late && !gp_sender_is_idle(&g->link.sender)) return;
    if (g->link.state != GP_IDLE) gp_link_end(&g->link, GP_REASON_RESTART, now_us);
    if (g->link.control_count && !is_late) return; /* the farewell goes out first */
    g->is_resetting = g->smp.wants_reset = false;
    g->board->reset(g->board->context);
}

void gp_glasses_poll(gp_glasses *g, uint32_t now_us) {
    gp_link_poll(&g->link, now_us);
    gp_camera_poll(g, now_us);
    gp_streams_poll(g, now_us);
    say_changes(g, now_us);
    if (g->is_resetting) poll_reset(g, now_us);
}

void gp_glasses_button(gp_glasses *g, uint8_t button, uint8_t action, uint32_t now_us) {
    gp_button event = {now_us, button, action};
    gp_glasses_send(g, gp_write_button(&event, g->scratch, sizeof g->scratch), now_us);
}

void gp_glasses_touch(gp_glasses *g, uint8_t gesture, uint32_t now_us) {
    gp_touch event = {now_us, gesture};
    gp_glasses_send(g, gp_write_touch(&event, g->scratch, sizeof g->scratch), now_us);
}

void gp_glasses_wear(gp_glasses *g, uint8_t state, uint32_t now_us) {
    if (state == g->wear.state) return;
    g->wear = (gp_wear){now_us, state};
    g->dirty |= GP_DIRTY_WEAR;
    if (state == GP_WORN_FOLDED) {
        gp_camera_stop(g, GP_CAUSE_NOT_WORN, now_us);
        gp_mic_stop(g, GP_CAUSE_NOT_WORN);
    }
}

void gp_glasses_battery(gp_glasses *g, uint8_t percent, uint8_t flags) {
    bool is_low = percent <= GP_LOW_PERCENT, is_critical = percent <= GP_CRITICAL_PERCENT;
    g->battery.percent = percent;
    g->battery.flags = (uint8_t)(flags | (is_low ? GP_CHARGE_FLAG_LOW : 0) | (is_critical ? GP_CHARGE_FLAG_CRITICAL : 0));
    g->dirty |= GP_DIRTY_BATTERY;
}

void gp_glasses_temperature(gp_glasses *g, int16_t centi_c, uint32_t now_us) {
    g->thermal.centi_c = centi_c;
    g->thermal.level = (uint8_t)((centi_c >= GP_WARM_CENTI_C) + (centi_c >= GP_HOT_CENTI_C) + (centi_c >= GP_CRITICAL_CENTI_C));
    g->dirty |= GP_DIRTY_THERMAL;
    if (g->thermal.level == GP_HEAT_CRITICAL) gp_camera_stop(g, GP_CAUSE_HOT, now_us);
}

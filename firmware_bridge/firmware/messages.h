/* The wire between host and glasses. Printed by `python -m firmware_bridge header`: do not edit. */
#ifndef GP_MESSAGES_H
#define GP_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t gp_get1(const uint8_t *p) { return p[0]; }
static inline uint32_t gp_get2(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static inline uint32_t gp_get4(const uint8_t *p) { return gp_get2(p) | gp_get2(p + 2) << 16; }
static inline void gp_put1(uint8_t *p, uint32_t v) { p[0] = (uint8_t)v; }
static inline void gp_put2(uint8_t *p, uint32_t v) { p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); }
static inline void gp_put4(uint8_t *p, uint32_t v) { gp_put2(p, v); gp_put2(p + 2, v >> 16); }
static inline size_t gp_text_bytes(const char *text) {
    size_t n = 0;
    while (n < 16 && text[n]) n++;
    return n;
}

#define GP_PROTOCOL_VERSION 1
#define GP_MIN_MTU 20
#define GP_MAX_MTU 512
#define GP_CRC_BYTES 4
#define GP_MAX_PACKET_BYTES 504
#define GP_TAG_BYTES 5
#define GP_HEADER_BYTES 3
#define GP_ACK_BYTES 3
#define GP_MAX_WINDOW 64
#define GP_REORDERED 3
#define GP_ACK_EVERY 2
#define GP_ACK_DELAY_MS 10
#define GP_FIRST_TIMEOUT_MS 200
#define GP_MIN_TIMEOUT_MS 30
#define GP_MAX_TIMEOUT_MS 1000
#define GP_PROBE_MS 50
#define GP_MAX_TO_DEVICE_BYTES 1024
#define GP_MAX_TO_HOST_BYTES 65535
#define GP_OPENING_MS 10000
#define GP_STEADY_MS 1000
#define GP_HELLO_EVERY_MS 50
#define GP_HELLO_SLOW_MS 250
#define GP_HELLO_FAST 8
#define GP_GREETING_MS 3000
#define GP_SNAPSHOT_MS 3000
#define GP_PING_EVERY_MS 250
#define GP_PING_FAST_MS 20
#define GP_PING_FAST_COUNT 100
#define GP_PING_LEARN_COUNT 500
#define GP_LATE_MS 750
#define GP_SUSPECT_MS 1500
#define GP_LOST_MS 3000
#define GP_PENDING_MS 3000
#define GP_KEEP_S 600
#define GP_BACKOFF_FIRST_MS 100
#define GP_BACKOFF_MAX_MS 10000
#define GP_LIGHT_BEAT_MS 50
#define GP_LIGHT_MAX_AGE_MS 200
#define GP_REPLY_MS 5000
#define GP_WARM_CENTI_C 3800
#define GP_HOT_CENTI_C 4300
#define GP_CRITICAL_CENTI_C 4800
#define GP_LOW_PERCENT 15
#define GP_CRITICAL_PERCENT 3
#define GP_NO_SESSION 0
#define GP_NO_CONNECTION 1

/* first byte of a packet: the type in the two highest bits */
#define GP_TYPE_MASK 0xC0
#define GP_CONTROL 0x00
#define GP_RELIABLE 0x40
#define GP_BEST_EFFORT 0x80
#define GP_ACK 0xC0
#define GP_FIRST 0x20
#define GP_LAST 0x10
#define GP_WITH_ACK 0x08
#define GP_CHANNEL_MASK 0x07

enum gp_channel_value { GP_CHANNEL_AUDIO = 1, GP_CHANNEL_SENSOR = 2, GP_CHANNEL_VIDEO = 3, GP_CHANNEL_LOG = 4 };
enum gp_reason_value { GP_REASON_ASKED = 0, GP_REASON_VERSION = 1, GP_REASON_UNKNOWN_SESSION = 2, GP_REASON_BUSY = 3, GP_REASON_PROTOCOL = 4, GP_REASON_RESTART = 5, GP_REASON_POWER = 6 };
enum gp_feature_value { GP_FEATURE_LIGHT = 1, GP_FEATURE_WEAR = 2, GP_FEATURE_TOUCH = 4, GP_FEATURE_UPDATE = 8, GP_FEATURE_BATTERY = 16, GP_FEATURE_THERMAL = 32 };
enum gp_charge_flag_value { GP_CHARGE_FLAG_CHARGING = 1, GP_CHARGE_FLAG_FULL = 2, GP_CHARGE_FLAG_LOW = 4, GP_CHARGE_FLAG_CRITICAL = 8 };
enum gp_heat_value { GP_HEAT_NORMAL = 0, GP_HEAT_WARM = 1, GP_HEAT_HOT = 2, GP_HEAT_CRITICAL = 3 };
enum gp_worn_value { GP_WORN_DOFFED = 0, GP_WORN_DONNED = 1, GP_WORN_FOLDED = 2 };
enum gp_press_value { GP_PRESS_DOWN = 0, GP_PRESS_UP = 1, GP_PRESS_CLICK = 2, GP_PRESS_DOUBLE = 3, GP_PRESS_LONG = 4 };
enum gp_gesture_value { GP_GESTURE_TAP = 0, GP_GESTURE_DOUBLE = 1, GP_GESTURE_LONG = 2, GP_GESTURE_FORWARD = 3, GP_GESTURE_BACK = 4, GP_GESTURE_UP = 5, GP_GESTURE_DOWN = 6 };
enum gp_codec_value { GP_CODEC_PCM16 = 0, GP_CODEC_ULAW = 1, GP_CODEC_OPUS = 2, GP_CODEC_LC3 = 3 };
enum gp_camera_mode_value { GP_CAMERA_MODE_OFF = 0, GP_CAMERA_MODE_PHOTO = 1, GP_CAMERA_MODE_STREAM = 2 };
enum gp_cause_value { GP_CAUSE_OK = 0, GP_CAUSE_UNKNOWN = 1, GP_CAUSE_UNSUPPORTED = 2, GP_CAUSE_INVALID = 3, GP_CAUSE_BUSY = 4, GP_CAUSE_HOT = 5, GP_CAUSE_BATTERY_LOW = 6, GP_CAUSE_NOT_WORN = 7, GP_CAUSE_LIGHT_FAILED = 8, GP_CAUSE_NO_MEMORY = 9, GP_CAUSE_LINK_LOST = 10 };
enum gp_setting_value { GP_SETTING_BRIGHTNESS_PERCENT = 1, GP_SETTING_MIC_GAIN_DB = 2, GP_SETTING_DOUBLE_CLICK_MS = 3, GP_SETTING_SLEEP_AFTER_S = 4 };
enum gp_severity_value { GP_SEVERITY_DEBUG = 0, GP_SEVERITY_INFO = 1, GP_SEVERITY_WARNING = 2, GP_SEVERITY_ERROR = 3 };

/* Host to device: open or resume a session. The only packet, with Refuse, whose CRC has the tag of no session. */
#define GP_CONTROL_HELLO 0x01
#define GP_HELLO_FIXED_BYTES 13
typedef struct {
    uint8_t version;
    uint32_t session;
    uint8_t connection;
    uint16_t next;
    uint8_t window;
    uint8_t credit;
    uint16_t mtu;
    uint8_t resumes;
} gp_hello;

static inline bool gp_read_hello(gp_hello *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < GP_HELLO_FIXED_BYTES) return false;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->version = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->session = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->connection = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->next = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->window = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->credit = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->mtu = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->resumes = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_hello(const gp_hello *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_HELLO_FIXED_BYTES) return 0;
    out[at++] = 0x01;
    gp_put1(out + at, (uint32_t)m->version);
    at += 1;
    gp_put4(out + at, (uint32_t)m->session);
    at += 4;
    gp_put1(out + at, (uint32_t)m->connection);
    at += 1;
    gp_put2(out + at, (uint32_t)m->next);
    at += 2;
    gp_put1(out + at, (uint32_t)m->window);
    at += 1;
    gp_put1(out + at, (uint32_t)m->credit);
    at += 1;
    gp_put2(out + at, (uint32_t)m->mtu);
    at += 2;
    gp_put1(out + at, (uint32_t)m->resumes);
    at += 1;
    (void)m;
    return at;
}

/* Device to host: the answer, under the tag of the session and connection that the hello named. */
#define GP_CONTROL_WELCOME 0x02
#define GP_WELCOME_FIXED_BYTES 11
typedef struct {
    uint8_t version;
    uint32_t boot;
    uint16_t next;
    uint8_t window;
    uint8_t credit;
    uint16_t mtu;
} gp_welcome;

static inline bool gp_read_welcome(gp_welcome *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < GP_WELCOME_FIXED_BYTES) return false;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->version = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->boot = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->next = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->window = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->credit = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->mtu = (uint16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_welcome(const gp_welcome *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_WELCOME_FIXED_BYTES) return 0;
    out[at++] = 0x02;
    gp_put1(out + at, (uint32_t)m->version);
    at += 1;
    gp_put4(out + at, (uint32_t)m->boot);
    at += 4;
    gp_put2(out + at, (uint32_t)m->next);
    at += 2;
    gp_put1(out + at, (uint32_t)m->window);
    at += 1;
    gp_put1(out + at, (uint32_t)m->credit);
    at += 1;
    gp_put2(out + at, (uint32_t)m->mtu);
    at += 2;
    (void)m;
    return at;
}

/* Device to host: no session, and why; names what it refuses because it has the tag of no session. */
#define GP_CONTROL_REFUSE 0x03
#define GP_REFUSE_FIXED_BYTES 10
typedef struct {
    uint8_t reason;
    uint32_t session;
    uint8_t connection;
    uint32_t boot;
} gp_refuse;

static inline bool gp_read_refuse(gp_refuse *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < GP_REFUSE_FIXED_BYTES) return false;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->reason = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->session = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->connection = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->boot = (uint32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_refuse(const gp_refuse *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_REFUSE_FIXED_BYTES) return 0;
    out[at++] = 0x03;
    gp_put1(out + at, (uint32_t)m->reason);
    at += 1;
    gp_put4(out + at, (uint32_t)m->session);
    at += 4;
    gp_put1(out + at, (uint32_t)m->connection);
    at += 1;
    gp_put4(out + at, (uint32_t)m->boot);
    at += 4;
    (void)m;
    return at;
}

/* Either way: this session is over. */
#define GP_CONTROL_BYE 0x04
#define GP_BYE_FIXED_BYTES 1
typedef struct {
    uint8_t reason;
} gp_bye;

static inline bool gp_read_bye(gp_bye *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < GP_BYE_FIXED_BYTES) return false;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->reason = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_bye(const gp_bye *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_BYE_FIXED_BYTES) return 0;
    out[at++] = 0x04;
    gp_put1(out + at, (uint32_t)m->reason);
    at += 1;
    (void)m;
    return at;
}

/* Host to device: are you there, and what time is it? `sent_us` is the low 32 bits of the host's microseconds. */
#define GP_CONTROL_PING 0x05
#define GP_PING_FIXED_BYTES 4
typedef struct {
    uint32_t sent_us;
} gp_ping;

static inline bool gp_read_ping(gp_ping *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < GP_PING_FIXED_BYTES) return false;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->sent_us = (uint32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_ping(const gp_ping *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_PING_FIXED_BYTES) return 0;
    out[at++] = 0x05;
    gp_put4(out + at, (uint32_t)m->sent_us);
    at += 4;
    (void)m;
    return at;
}

/* Device to host: the ping's time, and the device's own clock when the ping came and when this leaves. */
#define GP_CONTROL_PONG 0x06
#define GP_PONG_FIXED_BYTES 12
typedef struct {
    uint32_t sent_us;
    uint32_t came_us;
    uint32_t left_us;
} gp_pong;

static inline bool gp_read_pong(gp_pong *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < GP_PONG_FIXED_BYTES) return false;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->sent_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->came_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->left_us = (uint32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_pong(const gp_pong *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_PONG_FIXED_BYTES) return 0;
    out[at++] = 0x06;
    gp_put4(out + at, (uint32_t)m->sent_us);
    at += 4;
    gp_put4(out + at, (uint32_t)m->came_us);
    at += 4;
    gp_put4(out + at, (uint32_t)m->left_us);
    at += 4;
    (void)m;
    return at;
}

/* device to host, reliable: What the device is and has; the first reliable message of a session. Zero: it has none of it. */
#define GP_MSG_CAPABILITIES 0x01
#define GP_CAPABILITIES_FIXED_BYTES 53
typedef struct {
    uint32_t serial;
    uint32_t boot;
    uint32_t firmware;
    char product[17];
    uint32_t features;
    uint16_t max_message_bytes;
    uint16_t display_width;
    uint16_t display_height;
    uint8_t display_bits;
    uint16_t camera_width;
    uint16_t camera_height;
    uint16_t camera_fps_x10;
    uint16_t mic_rate_hz;
    uint8_t mic_codecs;
    uint16_t imu_rate_hz;
    uint8_t buttons;
    uint16_t battery_mwh;
} gp_capabilities;

static inline bool gp_read_capabilities(gp_capabilities *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->max_message_bytes = 1024;
    m->display_bits = 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->serial = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->boot = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->firmware = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 16) return false;
    memcpy(m->product, body + at, 16);
    at += 16;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->features = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->max_message_bytes = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->display_width = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->display_height = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->display_bits = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->camera_width = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->camera_height = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->camera_fps_x10 = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->mic_rate_hz = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->mic_codecs = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->imu_rate_hz = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->buttons = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->battery_mwh = (uint16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_capabilities(const gp_capabilities *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_CAPABILITIES_FIXED_BYTES) return 0;
    out[at++] = 0x01;
    gp_put4(out + at, (uint32_t)m->serial);
    at += 4;
    gp_put4(out + at, (uint32_t)m->boot);
    at += 4;
    gp_put4(out + at, (uint32_t)m->firmware);
    at += 4;
    memset(out + at, 0, 16);
    memcpy(out + at, m->product, gp_text_bytes(m->product));
    at += 16;
    gp_put4(out + at, (uint32_t)m->features);
    at += 4;
    gp_put2(out + at, (uint32_t)m->max_message_bytes);
    at += 2;
    gp_put2(out + at, (uint32_t)m->display_width);
    at += 2;
    gp_put2(out + at, (uint32_t)m->display_height);
    at += 2;
    gp_put1(out + at, (uint32_t)m->display_bits);
    at += 1;
    gp_put2(out + at, (uint32_t)m->camera_width);
    at += 2;
    gp_put2(out + at, (uint32_t)m->camera_height);
    at += 2;
    gp_put2(out + at, (uint32_t)m->camera_fps_x10);
    at += 2;
    gp_put2(out + at, (uint32_t)m->mic_rate_hz);
    at += 2;
    gp_put1(out + at, (uint32_t)m->mic_codecs);
    at += 1;
    gp_put2(out + at, (uint32_t)m->imu_rate_hz);
    at += 2;
    gp_put1(out + at, (uint32_t)m->buttons);
    at += 1;
    gp_put2(out + at, (uint32_t)m->battery_mwh);
    at += 2;
    (void)m;
    return at;
}

/* device to host, reliable: The state is told in full (Battery, Thermal, Wear, LightState, CameraState, MicState); changes follow. */
#define GP_MSG_SNAPSHOT_END 0x02
#define GP_SNAPSHOT_END_FIXED_BYTES 0
typedef struct {
    uint8_t nothing; /* C99 has no empty struct */
} gp_snapshot_end;

static inline bool gp_read_snapshot_end(gp_snapshot_end *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_snapshot_end(const gp_snapshot_end *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_SNAPSHOT_END_FIXED_BYTES) return 0;
    out[at++] = 0x02;
    (void)m;
    return at;
}

/* host to device, reliable: Who the host is and the wall clock, for a clock on the display. */
#define GP_MSG_HOST_INFO 0x03
#define GP_HOST_INFO_FIXED_BYTES 22
typedef struct {
    uint32_t unix_s;
    int16_t utc_offset_min;
    char name[17];
} gp_host_info;

static inline bool gp_read_host_info(gp_host_info *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 4) return false;
    m->unix_s = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->utc_offset_min = (int16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 16) return false;
    memcpy(m->name, body + at, 16);
    at += 16;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_host_info(const gp_host_info *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_HOST_INFO_FIXED_BYTES) return 0;
    out[at++] = 0x03;
    gp_put4(out + at, (uint32_t)m->unix_s);
    at += 4;
    gp_put2(out + at, (uint32_t)m->utc_offset_min);
    at += 2;
    memset(out + at, 0, 16);
    memcpy(out + at, m->name, gp_text_bytes(m->name));
    at += 16;
    (void)m;
    return at;
}

/* device to host, reliable: A request was not carried out. */
#define GP_MSG_REFUSED 0x04
#define GP_REFUSED_FIXED_BYTES 4
typedef struct {
    uint8_t message;
    uint8_t cause;
    uint16_t request;
} gp_refused;

static inline bool gp_read_refused(gp_refused *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->cause = 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->message = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->cause = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->request = (uint16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_refused(const gp_refused *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_REFUSED_FIXED_BYTES) return 0;
    out[at++] = 0x04;
    gp_put1(out + at, (uint32_t)m->message);
    at += 1;
    gp_put1(out + at, (uint32_t)m->cause);
    at += 1;
    gp_put2(out + at, (uint32_t)m->request);
    at += 2;
    (void)m;
    return at;
}

/* device to host, reliable: The battery, on change of a percent or a flag. */
#define GP_MSG_BATTERY 0x10
#define GP_BATTERY_FIXED_BYTES 6
typedef struct {
    uint8_t percent;
    uint8_t flags;
    uint16_t millivolts;
    int16_t current_ma;
} gp_battery;

static inline bool gp_read_battery(gp_battery *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->percent = 255;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->percent = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->flags = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->millivolts = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->current_ma = (int16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_battery(const gp_battery *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_BATTERY_FIXED_BYTES) return 0;
    out[at++] = 0x10;
    gp_put1(out + at, (uint32_t)m->percent);
    at += 1;
    gp_put1(out + at, (uint32_t)m->flags);
    at += 1;
    gp_put2(out + at, (uint32_t)m->millivolts);
    at += 2;
    gp_put2(out + at, (uint32_t)m->current_ma);
    at += 2;
    (void)m;
    return at;
}

/* device to host, reliable: The temperature, on change of a degree or of the level. */
#define GP_MSG_THERMAL 0x11
#define GP_THERMAL_FIXED_BYTES 3
typedef struct {
    int16_t centi_c;
    uint8_t level;
} gp_thermal;

static inline bool gp_read_thermal(gp_thermal *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->centi_c = 2500;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->centi_c = (int16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->level = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_thermal(const gp_thermal *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_THERMAL_FIXED_BYTES) return 0;
    out[at++] = 0x11;
    gp_put2(out + at, (uint32_t)m->centi_c);
    at += 2;
    gp_put1(out + at, (uint32_t)m->level);
    at += 1;
    (void)m;
    return at;
}

/* device to host, reliable: Put on, taken off, folded. */
#define GP_MSG_WEAR 0x12
#define GP_WEAR_FIXED_BYTES 5
typedef struct {
    uint32_t t_us;
    uint8_t state;
} gp_wear;

static inline bool gp_read_wear(gp_wear *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->state = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_wear(const gp_wear *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_WEAR_FIXED_BYTES) return 0;
    out[at++] = 0x12;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    gp_put1(out + at, (uint32_t)m->state);
    at += 1;
    (void)m;
    return at;
}

/* device to host, reliable: A button. */
#define GP_MSG_BUTTON 0x13
#define GP_BUTTON_FIXED_BYTES 6
typedef struct {
    uint32_t t_us;
    uint8_t button;
    uint8_t action;
} gp_button;

static inline bool gp_read_button(gp_button *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->button = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->action = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_button(const gp_button *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_BUTTON_FIXED_BYTES) return 0;
    out[at++] = 0x13;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    gp_put1(out + at, (uint32_t)m->button);
    at += 1;
    gp_put1(out + at, (uint32_t)m->action);
    at += 1;
    (void)m;
    return at;
}

/* device to host, reliable: A gesture on the touch surface. */
#define GP_MSG_TOUCH 0x14
#define GP_TOUCH_FIXED_BYTES 5
typedef struct {
    uint32_t t_us;
    uint8_t gesture;
} gp_touch;

static inline bool gp_read_touch(gp_touch *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->gesture = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_touch(const gp_touch *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_TOUCH_FIXED_BYTES) return 0;
    out[at++] = 0x14;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    gp_put1(out + at, (uint32_t)m->gesture);
    at += 1;
    (void)m;
    return at;
}

/* host to device, reliable: Starts or stops the inertial sensor. */
#define GP_MSG_IMU_CONTROL 0x15
#define GP_IMU_CONTROL_FIXED_BYTES 3
typedef struct {
    uint16_t rate_hz;
    uint8_t batch;
} gp_imu_control;

static inline bool gp_read_imu_control(gp_imu_control *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->batch = 8;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->rate_hz = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->batch = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_imu_control(const gp_imu_control *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_IMU_CONTROL_FIXED_BYTES) return 0;
    out[at++] = 0x15;
    gp_put2(out + at, (uint32_t)m->rate_hz);
    at += 2;
    gp_put1(out + at, (uint32_t)m->batch);
    at += 1;
    (void)m;
    return at;
}

/* device to host, channel 2: Samples of six int16: acceleration x y z, rotation x y z. */
#define GP_MSG_IMU_BATCH 0x16
#define GP_IMU_BATCH_FIXED_BYTES 11
typedef struct {
    uint32_t t_us;
    uint16_t interval_us;
    uint16_t accel_lsb_per_g;
    uint16_t gyro_lsb_per_100_dps;
    const uint8_t *samples;
    size_t samples_bytes;
} gp_imu_batch;

static inline bool gp_read_imu_batch(gp_imu_batch *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->samples = body + end; m->samples_bytes = bytes - end;
    m->accel_lsb_per_g = 2048;
    m->gyro_lsb_per_100_dps = 1640;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->interval_us = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->accel_lsb_per_g = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->gyro_lsb_per_100_dps = (uint16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_imu_batch(const gp_imu_batch *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_IMU_BATCH_FIXED_BYTES + m->samples_bytes) return 0;
    out[at++] = 0x16;
    out[at++] = 11;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    gp_put2(out + at, (uint32_t)m->interval_us);
    at += 2;
    gp_put2(out + at, (uint32_t)m->accel_lsb_per_g);
    at += 2;
    gp_put2(out + at, (uint32_t)m->gyro_lsb_per_100_dps);
    at += 2;
    if (m->samples_bytes) memcpy(out + at, m->samples, m->samples_bytes);
    at += m->samples_bytes;
    (void)m;
    return at;
}

/* host to device, reliable: Starts or stops the microphone; answered by MicState. */
#define GP_MSG_MIC_CONTROL 0x20
#define GP_MIC_CONTROL_FIXED_BYTES 5
typedef struct {
    uint8_t on;
    uint8_t codec;
    uint16_t rate_hz;
    uint8_t frame_ms;
} gp_mic_control;

static inline bool gp_read_mic_control(gp_mic_control *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->rate_hz = 16000;
    m->frame_ms = 20;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->on = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->codec = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->rate_hz = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->frame_ms = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_mic_control(const gp_mic_control *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_MIC_CONTROL_FIXED_BYTES) return 0;
    out[at++] = 0x20;
    gp_put1(out + at, (uint32_t)m->on);
    at += 1;
    gp_put1(out + at, (uint32_t)m->codec);
    at += 1;
    gp_put2(out + at, (uint32_t)m->rate_hz);
    at += 2;
    gp_put1(out + at, (uint32_t)m->frame_ms);
    at += 1;
    (void)m;
    return at;
}

/* device to host, reliable: What the microphone does, on change. */
#define GP_MSG_MIC_STATE 0x21
#define GP_MIC_STATE_FIXED_BYTES 5
typedef struct {
    uint8_t on;
    uint8_t codec;
    uint16_t rate_hz;
    uint8_t cause;
} gp_mic_state;

static inline bool gp_read_mic_state(gp_mic_state *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 1) return false;
    m->on = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->codec = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->rate_hz = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->cause = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_mic_state(const gp_mic_state *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_MIC_STATE_FIXED_BYTES) return 0;
    out[at++] = 0x21;
    gp_put1(out + at, (uint32_t)m->on);
    at += 1;
    gp_put1(out + at, (uint32_t)m->codec);
    at += 1;
    gp_put2(out + at, (uint32_t)m->rate_hz);
    at += 2;
    gp_put1(out + at, (uint32_t)m->cause);
    at += 1;
    (void)m;
    return at;
}

/* device to host, channel 1: Sound. */
#define GP_MSG_MIC_DATA 0x22
#define GP_MIC_DATA_FIXED_BYTES 12
typedef struct {
    uint32_t t_us;
    uint32_t first_sample;
    uint16_t samples;
    uint8_t codec;
    const uint8_t *sound;
    size_t sound_bytes;
} gp_mic_data;

static inline bool gp_read_mic_data(gp_mic_data *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->sound = body + end; m->sound_bytes = bytes - end;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->first_sample = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->samples = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->codec = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_mic_data(const gp_mic_data *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_MIC_DATA_FIXED_BYTES + m->sound_bytes) return 0;
    out[at++] = 0x22;
    out[at++] = 12;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    gp_put4(out + at, (uint32_t)m->first_sample);
    at += 4;
    gp_put2(out + at, (uint32_t)m->samples);
    at += 2;
    gp_put1(out + at, (uint32_t)m->codec);
    at += 1;
    if (m->sound_bytes) memcpy(out + at, m->sound, m->sound_bytes);
    at += m->sound_bytes;
    (void)m;
    return at;
}

/* host to device, reliable: Asks for a photo, starts or stops the stream; answered by CameraState with the same request. */
#define GP_MSG_CAMERA_CONTROL 0x30
#define GP_CAMERA_CONTROL_FIXED_BYTES 10
typedef struct {
    uint16_t request;
    uint8_t mode;
    uint16_t width;
    uint16_t height;
    uint8_t quality;
    uint16_t fps_x10;
} gp_camera_control;

static inline bool gp_read_camera_control(gp_camera_control *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->quality = 60;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->request = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->mode = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->width = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->height = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->quality = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->fps_x10 = (uint16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_camera_control(const gp_camera_control *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_CAMERA_CONTROL_FIXED_BYTES) return 0;
    out[at++] = 0x30;
    gp_put2(out + at, (uint32_t)m->request);
    at += 2;
    gp_put1(out + at, (uint32_t)m->mode);
    at += 1;
    gp_put2(out + at, (uint32_t)m->width);
    at += 2;
    gp_put2(out + at, (uint32_t)m->height);
    at += 2;
    gp_put1(out + at, (uint32_t)m->quality);
    at += 1;
    gp_put2(out + at, (uint32_t)m->fps_x10);
    at += 2;
    (void)m;
    return at;
}

/* device to host, reliable: What the camera does, on change and in answer to CameraControl. */
#define GP_MSG_CAMERA_STATE 0x31
#define GP_CAMERA_STATE_FIXED_BYTES 10
typedef struct {
    uint16_t request;
    uint8_t mode;
    uint8_t cause;
    uint16_t width;
    uint16_t height;
    uint16_t fps_x10;
} gp_camera_state;

static inline bool gp_read_camera_state(gp_camera_state *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 2) return false;
    m->request = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->mode = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->cause = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->width = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->height = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->fps_x10 = (uint16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_camera_state(const gp_camera_state *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_CAMERA_STATE_FIXED_BYTES) return 0;
    out[at++] = 0x31;
    gp_put2(out + at, (uint32_t)m->request);
    at += 2;
    gp_put1(out + at, (uint32_t)m->mode);
    at += 1;
    gp_put1(out + at, (uint32_t)m->cause);
    at += 1;
    gp_put2(out + at, (uint32_t)m->width);
    at += 2;
    gp_put2(out + at, (uint32_t)m->height);
    at += 2;
    gp_put2(out + at, (uint32_t)m->fps_x10);
    at += 2;
    (void)m;
    return at;
}

/* device to host, channel 3: One whole JPEG of the stream. */
#define GP_MSG_CAMERA_FRAME 0x32
#define GP_CAMERA_FRAME_FIXED_BYTES 9
typedef struct {
    uint16_t request;
    uint16_t number;
    uint32_t t_us;
    const uint8_t *jpeg;
    size_t jpeg_bytes;
} gp_camera_frame;

static inline bool gp_read_camera_frame(gp_camera_frame *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->jpeg = body + end; m->jpeg_bytes = bytes - end;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->request = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->number = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_camera_frame(const gp_camera_frame *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_CAMERA_FRAME_FIXED_BYTES + m->jpeg_bytes) return 0;
    out[at++] = 0x32;
    out[at++] = 9;
    gp_put2(out + at, (uint32_t)m->request);
    at += 2;
    gp_put2(out + at, (uint32_t)m->number);
    at += 2;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    if (m->jpeg_bytes) memcpy(out + at, m->jpeg, m->jpeg_bytes);
    at += m->jpeg_bytes;
    (void)m;
    return at;
}

/* device to host, reliable, bulk: A part of a JPEG that was asked for; parts come in order. */
#define GP_MSG_PHOTO_PART 0x33
#define GP_PHOTO_PART_FIXED_BYTES 15
typedef struct {
    uint16_t request;
    uint32_t t_us;
    uint32_t total_bytes;
    uint32_t offset;
    const uint8_t *jpeg;
    size_t jpeg_bytes;
} gp_photo_part;

static inline bool gp_read_photo_part(gp_photo_part *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->jpeg = body + end; m->jpeg_bytes = bytes - end;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->request = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->total_bytes = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->offset = (uint32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_photo_part(const gp_photo_part *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_PHOTO_PART_FIXED_BYTES + m->jpeg_bytes) return 0;
    out[at++] = 0x33;
    out[at++] = 15;
    gp_put2(out + at, (uint32_t)m->request);
    at += 2;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    gp_put4(out + at, (uint32_t)m->total_bytes);
    at += 4;
    gp_put4(out + at, (uint32_t)m->offset);
    at += 4;
    if (m->jpeg_bytes) memcpy(out + at, m->jpeg, m->jpeg_bytes);
    at += m->jpeg_bytes;
    (void)m;
    return at;
}

/* host to device, reliable: Draws lines of text (LF separates them) on a page; the device's own font. */
#define GP_MSG_DISPLAY_TEXT 0x40
#define GP_DISPLAY_TEXT_FIXED_BYTES 9
typedef struct {
    uint16_t page;
    uint16_t x;
    uint16_t y;
    uint8_t size;
    uint8_t level;
    const uint8_t *text;
    size_t text_bytes;
} gp_display_text;

static inline bool gp_read_display_text(gp_display_text *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->text = body + end; m->text_bytes = bytes - end;
    m->level = 255;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->page = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->x = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->y = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->size = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->level = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_display_text(const gp_display_text *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_DISPLAY_TEXT_FIXED_BYTES + m->text_bytes) return 0;
    out[at++] = 0x40;
    out[at++] = 9;
    gp_put2(out + at, (uint32_t)m->page);
    at += 2;
    gp_put2(out + at, (uint32_t)m->x);
    at += 2;
    gp_put2(out + at, (uint32_t)m->y);
    at += 2;
    gp_put1(out + at, (uint32_t)m->size);
    at += 1;
    gp_put1(out + at, (uint32_t)m->level);
    at += 1;
    if (m->text_bytes) memcpy(out + at, m->text, m->text_bytes);
    at += m->text_bytes;
    (void)m;
    return at;
}

/* host to device, reliable: Draws a rectangle on a page. */
#define GP_MSG_DISPLAY_RECT 0x41
#define GP_DISPLAY_RECT_FIXED_BYTES 12
typedef struct {
    uint16_t page;
    uint16_t x;
    uint16_t y;
    uint16_t width;
    uint16_t height;
    uint8_t level;
    uint8_t filled;
} gp_display_rect;

static inline bool gp_read_display_rect(gp_display_rect *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->level = 255;
    m->filled = 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->page = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->x = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->y = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->width = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->height = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->level = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->filled = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_display_rect(const gp_display_rect *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_DISPLAY_RECT_FIXED_BYTES) return 0;
    out[at++] = 0x41;
    gp_put2(out + at, (uint32_t)m->page);
    at += 2;
    gp_put2(out + at, (uint32_t)m->x);
    at += 2;
    gp_put2(out + at, (uint32_t)m->y);
    at += 2;
    gp_put2(out + at, (uint32_t)m->width);
    at += 2;
    gp_put2(out + at, (uint32_t)m->height);
    at += 2;
    gp_put1(out + at, (uint32_t)m->level);
    at += 1;
    gp_put1(out + at, (uint32_t)m->filled);
    at += 1;
    (void)m;
    return at;
}

/* host to device, reliable: Draws rows of pixels on a page; a larger picture is several of these. */
#define GP_MSG_DISPLAY_BITMAP 0x42
#define GP_DISPLAY_BITMAP_FIXED_BYTES 10
typedef struct {
    uint16_t page;
    uint16_t x;
    uint16_t y;
    uint16_t width;
    uint8_t bits;
    const uint8_t *pixels;
    size_t pixels_bytes;
} gp_display_bitmap;

static inline bool gp_read_display_bitmap(gp_display_bitmap *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->pixels = body + end; m->pixels_bytes = bytes - end;
    m->bits = 1;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->page = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->x = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->y = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 2) return false;
    m->width = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->bits = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_display_bitmap(const gp_display_bitmap *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_DISPLAY_BITMAP_FIXED_BYTES + m->pixels_bytes) return 0;
    out[at++] = 0x42;
    out[at++] = 10;
    gp_put2(out + at, (uint32_t)m->page);
    at += 2;
    gp_put2(out + at, (uint32_t)m->x);
    at += 2;
    gp_put2(out + at, (uint32_t)m->y);
    at += 2;
    gp_put2(out + at, (uint32_t)m->width);
    at += 2;
    gp_put1(out + at, (uint32_t)m->bits);
    at += 1;
    if (m->pixels_bytes) memcpy(out + at, m->pixels, m->pixels_bytes);
    at += m->pixels_bytes;
    (void)m;
    return at;
}

/* host to device, reliable: Makes a page empty. */
#define GP_MSG_DISPLAY_CLEAR 0x43
#define GP_DISPLAY_CLEAR_FIXED_BYTES 2
typedef struct {
    uint16_t page;
} gp_display_clear;

static inline bool gp_read_display_clear(gp_display_clear *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 2) return false;
    m->page = (uint16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_display_clear(const gp_display_clear *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_DISPLAY_CLEAR_FIXED_BYTES) return 0;
    out[at++] = 0x43;
    gp_put2(out + at, (uint32_t)m->page);
    at += 2;
    (void)m;
    return at;
}

/* host to device, reliable: How bright the display is. */
#define GP_MSG_DISPLAY_BRIGHTNESS 0x44
#define GP_DISPLAY_BRIGHTNESS_FIXED_BYTES 1
typedef struct {
    uint8_t percent;
} gp_display_brightness;

static inline bool gp_read_display_brightness(gp_display_brightness *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    m->percent = 50;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->percent = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_display_brightness(const gp_display_brightness *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_DISPLAY_BRIGHTNESS_FIXED_BYTES) return 0;
    out[at++] = 0x44;
    gp_put1(out + at, (uint32_t)m->percent);
    at += 1;
    (void)m;
    return at;
}

/* host to device, reliable: Brings what was drawn on a page to the eye; answered by DisplayShown when it is there. */
#define GP_MSG_DISPLAY_SHOW 0x45
#define GP_DISPLAY_SHOW_FIXED_BYTES 2
typedef struct {
    uint16_t page;
} gp_display_show;

static inline bool gp_read_display_show(gp_display_show *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 2) return false;
    m->page = (uint16_t)gp_get2(body + at);
    at += 2;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_display_show(const gp_display_show *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_DISPLAY_SHOW_FIXED_BYTES) return 0;
    out[at++] = 0x45;
    gp_put2(out + at, (uint32_t)m->page);
    at += 2;
    (void)m;
    return at;
}

/* device to host, reliable: The page is really on the display. */
#define GP_MSG_DISPLAY_SHOWN 0x46
#define GP_DISPLAY_SHOWN_FIXED_BYTES 6
typedef struct {
    uint16_t page;
    uint32_t t_us;
} gp_display_shown;

static inline bool gp_read_display_shown(gp_display_shown *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 2) return false;
    m->page = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_display_shown(const gp_display_shown *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_DISPLAY_SHOWN_FIXED_BYTES) return 0;
    out[at++] = 0x46;
    gp_put2(out + at, (uint32_t)m->page);
    at += 2;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    (void)m;
    return at;
}

/* host to device, reliable: Turns the recording light on or off; answered by LightState. The device turns it on by itself before it captures. */
#define GP_MSG_LIGHT_SET 0x50
#define GP_LIGHT_SET_FIXED_BYTES 3
typedef struct {
    uint16_t request;
    uint8_t on;
} gp_light_set;

static inline bool gp_read_light_set(gp_light_set *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 2) return false;
    m->request = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->on = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_light_set(const gp_light_set *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_LIGHT_SET_FIXED_BYTES) return 0;
    out[at++] = 0x50;
    gp_put2(out + at, (uint32_t)m->request);
    at += 2;
    gp_put1(out + at, (uint32_t)m->on);
    at += 1;
    (void)m;
    return at;
}

/* device to host, reliable: The recording light as measured, in answer and on change. */
#define GP_MSG_LIGHT_STATE 0x51
#define GP_LIGHT_STATE_FIXED_BYTES 7
typedef struct {
    uint16_t request;
    uint8_t on;
    uint32_t t_us;
} gp_light_state;

static inline bool gp_read_light_state(gp_light_state *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 2) return false;
    m->request = (uint16_t)gp_get2(body + at);
    at += 2;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->on = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_light_state(const gp_light_state *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_LIGHT_STATE_FIXED_BYTES) return 0;
    out[at++] = 0x51;
    gp_put2(out + at, (uint32_t)m->request);
    at += 2;
    gp_put1(out + at, (uint32_t)m->on);
    at += 1;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    (void)m;
    return at;
}

/* device to host, channel 2: The recording light as measured just now: every 50 ms while it is on. Without it the host releases no frame. */
#define GP_MSG_LIGHT_BEAT 0x52
#define GP_LIGHT_BEAT_FIXED_BYTES 5
typedef struct {
    uint8_t on;
    uint32_t t_us;
} gp_light_beat;

static inline bool gp_read_light_beat(gp_light_beat *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 1) return false;
    m->on = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_light_beat(const gp_light_beat *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_LIGHT_BEAT_FIXED_BYTES) return 0;
    out[at++] = 0x52;
    gp_put1(out + at, (uint32_t)m->on);
    at += 1;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    (void)m;
    return at;
}

/* device to host, channel 4: A line of the device's log. */
#define GP_MSG_LOG 0x60
#define GP_LOG_FIXED_BYTES 6
typedef struct {
    uint32_t t_us;
    uint8_t level;
    const uint8_t *text;
    size_t text_bytes;
} gp_log;

static inline bool gp_read_log(gp_log *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->text = body + end; m->text_bytes = bytes - end;
    m->level = 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->t_us = (uint32_t)gp_get4(body + at);
    at += 4;
    if (at == end) return true;
    if (end - at < 1) return false;
    m->level = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_log(const gp_log *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_LOG_FIXED_BYTES + m->text_bytes) return 0;
    out[at++] = 0x60;
    out[at++] = 6;
    gp_put4(out + at, (uint32_t)m->t_us);
    at += 4;
    gp_put1(out + at, (uint32_t)m->level);
    at += 1;
    if (m->text_bytes) memcpy(out + at, m->text, m->text_bytes);
    at += m->text_bytes;
    (void)m;
    return at;
}

/* host to device, reliable: Changes a setting; answered by SettingValue, or by Refused. */
#define GP_MSG_SETTING_SET 0x61
#define GP_SETTING_SET_FIXED_BYTES 5
typedef struct {
    uint8_t key;
    int32_t value;
} gp_setting_set;

static inline bool gp_read_setting_set(gp_setting_set *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 1) return false;
    m->key = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->value = (int32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_setting_set(const gp_setting_set *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_SETTING_SET_FIXED_BYTES) return 0;
    out[at++] = 0x61;
    gp_put1(out + at, (uint32_t)m->key);
    at += 1;
    gp_put4(out + at, (uint32_t)m->value);
    at += 4;
    (void)m;
    return at;
}

/* host to device, reliable: Asks for a setting; answered by SettingValue, or by Refused. */
#define GP_MSG_SETTING_GET 0x62
#define GP_SETTING_GET_FIXED_BYTES 1
typedef struct {
    uint8_t key;
} gp_setting_get;

static inline bool gp_read_setting_get(gp_setting_get *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 1) return false;
    m->key = (uint8_t)gp_get1(body + at);
    at += 1;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_setting_get(const gp_setting_get *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_SETTING_GET_FIXED_BYTES) return 0;
    out[at++] = 0x62;
    gp_put1(out + at, (uint32_t)m->key);
    at += 1;
    (void)m;
    return at;
}

/* device to host, reliable: A setting as it is now. */
#define GP_MSG_SETTING_VALUE 0x63
#define GP_SETTING_VALUE_FIXED_BYTES 5
typedef struct {
    uint8_t key;
    int32_t value;
} gp_setting_value;

static inline bool gp_read_setting_value(gp_setting_value *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (at == end) return true;
    if (end - at < 1) return false;
    m->key = (uint8_t)gp_get1(body + at);
    at += 1;
    if (at == end) return true;
    if (end - at < 4) return false;
    m->value = (int32_t)gp_get4(body + at);
    at += 4;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_setting_value(const gp_setting_value *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_SETTING_VALUE_FIXED_BYTES) return 0;
    out[at++] = 0x63;
    gp_put1(out + at, (uint32_t)m->key);
    at += 1;
    gp_put4(out + at, (uint32_t)m->value);
    at += 4;
    (void)m;
    return at;
}

/* host to device, reliable, bulk: One packet of MCUmgr's Simple Management Protocol, header and CBOR, as it is. */
#define GP_MSG_SMP_REQUEST 0x70
#define GP_SMP_REQUEST_FIXED_BYTES 1
typedef struct {
    const uint8_t *smp;
    size_t smp_bytes;
} gp_smp_request;

static inline bool gp_read_smp_request(gp_smp_request *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->smp = body + end; m->smp_bytes = bytes - end;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_smp_request(const gp_smp_request *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_SMP_REQUEST_FIXED_BYTES + m->smp_bytes) return 0;
    out[at++] = 0x70;
    out[at++] = 1;
    if (m->smp_bytes) memcpy(out + at, m->smp, m->smp_bytes);
    at += m->smp_bytes;
    (void)m;
    return at;
}

/* device to host, reliable: The answer to it. */
#define GP_MSG_SMP_RESPONSE 0x71
#define GP_SMP_RESPONSE_FIXED_BYTES 1
typedef struct {
    const uint8_t *smp;
    size_t smp_bytes;
} gp_smp_response;

static inline bool gp_read_smp_response(gp_smp_response *m, const uint8_t *body, size_t bytes) {
    size_t at = 0, end = bytes;
    memset(m, 0, sizeof *m);
    if (bytes < 1 || body[0] < 1 || body[0] > bytes) return false;
    at = 1; end = body[0];
    m->smp = body + end; m->smp_bytes = bytes - end;
    (void)at; (void)end; (void)body; (void)bytes;
    return true;
}

static inline size_t gp_write_smp_response(const gp_smp_response *m, uint8_t *out, size_t room) {
    size_t at = 0;
    if (room < 1 + GP_SMP_RESPONSE_FIXED_BYTES + m->smp_bytes) return 0;
    out[at++] = 0x71;
    out[at++] = 1;
    if (m->smp_bytes) memcpy(out + at, m->smp, m->smp_bytes);
    at += m->smp_bytes;
    (void)m;
    return at;
}

#endif

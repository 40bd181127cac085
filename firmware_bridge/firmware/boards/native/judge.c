/* What the C code makes of damaged streams and messages. */
#include "judge.h"

#include "mutate.h"
#include "receiver.h"
#include "sender.h"

size_t judge_stream(uint64_t index, uint8_t out[JUDGE_STREAM_BYTES]) {
    gp_dice dice = gp_dice_of(index);
    uint8_t packet[GP_MAX_PACKET_BYTES + GP_CRC_BYTES + 8], frame[GP_MAX_MTU];
    size_t at = 0;
    for (uint32_t frames = 1 + gp_draw(&dice, 3); frames; frames--) {
        size_t bytes = gp_draw_packet(&dice, packet);
        bool is_before = gp_draw(&dice, 2);
        if (is_before) bytes = gp_mutate(&dice, packet, bytes, GP_MAX_PACKET_BYTES);
        bool is_plain = bytes && gp_is_untagged(packet[0]);
        gp_seal seal = is_plain ? gp_seal_of(GP_NO_SESSION, GP_NO_CONNECTION) : gp_seal_of(JUDGE_SESSION, JUDGE_CONNECTION);
        bytes = gp_frame(packet, bytes, &seal, frame);
        memcpy(out + at, frame, bytes);
        if (!is_before) bytes = gp_mutate(&dice, out + at, bytes, GP_MAX_MTU + 8);
        at += bytes;
    }
    out[at++] = 0;
    return at;
}

static size_t write_again(const gp_packet *p, const uint8_t *raw, uint8_t *out) {
    static const uint8_t FIXED[] = {0, GP_HELLO_FIXED_BYTES, GP_WELCOME_FIXED_BYTES, GP_REFUSE_FIXED_BYTES, GP_BYE_FIXED_BYTES, GP_PING_FIXED_BYTES, GP_PONG_FIXED_BYTES};
    size_t at = 0;
    if (p->type == GP_CONTROL) {
        at = 1u + FIXED[p->channel]; /* without what a newer version put behind */
        memcpy(out, raw, at);
    } else if (p->type == GP_ACK && p->channel) {
        out[0] = (uint8_t)(GP_ACK | p->channel);
        gp_put2(out + 1, p->number);
        at = 3;
    } else if (p->type == GP_ACK) {
        at = gp_ack_write(&p->ack, out);
    } else {
        at = gp_data_head(p->type, p->channel, p->number, p->is_first, p->is_last, p->has_ack ? &p->ack : NULL, out);
        memcpy(out + at, p->payload, p->bytes);
        at += p->bytes;
    }
    return at;
}

size_t judge_verdict(const uint8_t *stream, size_t bytes, uint8_t out[JUDGE_VERDICT_BYTES]) {
    gp_decoder decoder;
    gp_packet packet;
    const uint8_t *body;
    size_t body_bytes, at = 0;
    memset(&decoder, 0, sizeof decoder);
    while ((body = gp_decoder_feed(&decoder, &stream, &bytes, &body_bytes)) != NULL) {
        bool is_plain = body_bytes && gp_is_untagged(body[0]);
        gp_seal seal = is_plain ? gp_seal_of(GP_NO_SESSION, GP_NO_CONNECTION) : gp_seal_of(JUDGE_SESSION, JUDGE_CONNECTION);
        if (!gp_opens(body, body_bytes, &seal)) {
            out[at++] = 0;
        } else if (!gp_packet_read(&packet, body, body_bytes - GP_CRC_BYTES)) {
            out[at++] = 1;
        } else {
            size_t length = write_again(&packet, body, out + at + 3);
            out[at] = 2;
            gp_put2(out + at + 1, (uint32_t)length);
            at += 3 + length;
        }
    }
    out[at++] = (uint8_t)decoder.too_long;
    out[at++] = (uint8_t)decoder.not_cobs;
    return at;
}

size_t judge_message(const uint8_t *message, size_t bytes, uint8_t out[JUDGE_VERDICT_BYTES]) {
#define CASE(NUMBER, name) \
    case GP_MSG_##NUMBER: { \
        gp_##name value; \
        return gp_read_##name(&value, message + 1, bytes - 1) ? gp_write_##name(&value, out, JUDGE_VERDICT_BYTES) : 0; \
    }
    switch (message[0]) {
        CASE(CAPABILITIES, capabilities)
        CASE(SNAPSHOT_END, snapshot_end)
        CASE(HOST_INFO, host_info)
        CASE(REFUSED, refused)
        CASE(BATTERY, battery)
        CASE(THERMAL, thermal)
        CASE(WEAR, wear)
        CASE(BUTTON, button)
        CASE(TOUCH, touch)
        CASE(IMU_CONTROL, imu_control)
        CASE(IMU_BATCH, imu_batch)
        CASE(MIC_CONTROL, mic_control)
        CASE(MIC_STATE, mic_state)
        CASE(MIC_DATA, mic_data)
        CASE(CAMERA_CONTROL, camera_control)
        CASE(CAMERA_STATE, camera_state)
        CASE(CAMERA_FRAME, camera_frame)
        CASE(PHOTO_PART, photo_part)
        CASE(DISPLAY_TEXT, display_text)
        CASE(DISPLAY_RECT, display_rect)
        CASE(DISPLAY_BITMAP, display_bitmap)
        CASE(DISPLAY_CLEAR, display_clear)
        CASE(DISPLAY_BRIGHTNESS, display_brightness)
        CASE(DISPLAY_SHOW, display_show)
        CASE(DISPLAY_SHOWN, display_shown)
        CASE(LIGHT_SET, light_set)
        CASE(LIGHT_STATE, light_state)
        CASE(LIGHT_BEAT, light_beat)
        CASE(LOG, log)
        CASE(SETTING_SET, setting_set)
        CASE(SETTING_GET, setting_get)
        CASE(SETTING_VALUE, setting_value)
        CASE(SMP_REQUEST, smp_request)
        CASE(SMP_RESPONSE, smp_response)
        default: out[0] = 0xFF; return 1;
    }
#undef CASE
}

int judge_cobs(const uint8_t *data, size_t bytes, uint8_t *out) {
    size_t decoded;
    memcpy(out, data, bytes);
    return gp_cobs_decode(out, bytes, &decoded) ? (int)decoded : -1;
}

size_t judge_fragments(uint16_t mtu, uint16_t first, const uint8_t *message, size_t bytes, uint8_t *out) {
    static gp_sender sender;
    uint8_t packet[GP_MAX_PACKET_BYTES + GP_CRC_BYTES];
    gp_seal seal = gp_seal_of(JUDGE_SESSION, JUDGE_CONNECTION);
    bool took_ack;
    size_t at = 0;
    gp_sender_init(&sender);
    sender.base = sender.next = first;
    gp_sender_resume(&sender, first, gp_packet_room(mtu), GP_MAX_WINDOW);
    if (!gp_sender_push(&sender, message, bytes)) return 0;
    while (gp_sender_can_send(&sender, 0)) {
        size_t length = gp_sender_packet(&sender, 0, NULL, &took_ack, packet);
        at += gp_frame(packet, length, &seal, out + at);
    }
    return at;
}

static gp_receiver receiver;

void judge_receiver_begin(uint16_t first) {
    gp_receiver_init(&receiver);
    receiver.next = receiver.taken = first;
    gp_receiver_resume(&receiver, GP_HOLD_BYTES / 4 + GP_HEADER_BYTES); /* places so long that there are four */
}

int judge_receiver(const uint8_t *packet, size_t bytes, uint8_t *ack, uint8_t *taken, size_t *taken_bytes) {
    gp_packet p;
    const uint8_t *message;
    size_t message_bytes;
    *taken_bytes = 0;
    if (!gp_packet_read(&p, packet, bytes) || p.type != GP_RELIABLE || !gp_receiver_add(&receiver, &p, 0)) return -1;
    for (gp_taken found; (found = gp_receiver_take(&receiver, 0, &message, &message_bytes)) != GP_NOTHING;) {
        if (found == GP_BROKEN) return -1;
        gp_put2(taken + *taken_bytes, (uint32_t)message_bytes);
        memcpy(taken + *taken_bytes + 2, message, message_bytes);
        *taken_bytes += 2 + message_bytes;
    }
    gp_ack answer = gp_receiver_ack(&receiver);
    return (int)gp_ack_write(&answer, ack);
}

/* Feeds whole glasses with what a hostile host could send: raw bytes, sealed packets with damaged contents, messages with
 * damaged bodies, time that passes, a medium that comes and goes. Built with sanitizers; with clang it is a libFuzzer target, else
 * `fuzz SECONDS SEED` mutates by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../flash_model.h"
#include "cbor.h"
#include "device.h"
#include "mutate.h"
#include "smp.h"

/* What the hostile host knows: it can open sessions and count, as any host can. */
typedef struct {
    uint32_t session, now_us;
    uint8_t connection;
    uint16_t next, expects;
    uint64_t frames_out, reliable_back;
} host;

static void feed_packet(host *h, uint8_t *packet, size_t bytes) {
    uint8_t frame[GP_MAX_MTU];
    gp_seal seal = bytes && gp_is_untagged(packet[0]) ? gp_seal_of(GP_NO_SESSION, GP_NO_CONNECTION) : gp_seal_of(h->session, h->connection);
    device_feed(frame, gp_frame(packet, bytes, &seal, frame), h->now_us);
}

/* Reads what the device sends, so that its queue empties, and acknowledges it. */
static void drain(host *h, bool says_so) {
    uint8_t frame[GP_MAX_MTU], out[16 + GP_CRC_BYTES];
    gp_decoder decoder;
    gp_packet packet;
    memset(&decoder, 0, sizeof decoder);
    for (size_t bytes; (bytes = device_frame(h->now_us, frame)) != 0;) {
        const uint8_t *at = frame, *body;
        size_t body_bytes;
        h->frames_out++;
        if (bytes > GP_MAX_MTU || frame[bytes - 1] != 0) abort();
        body = gp_decoder_feed(&decoder, &at, &bytes, &body_bytes);
        if (!body || !gp_packet_read(&packet, body, body_bytes - GP_CRC_BYTES)) abort(); /* the device sends nonsense */
        if (packet.type == GP_RELIABLE && packet.number == h->expects) h->expects++, h->reliable_back++;
        h->now_us += 100;
    }
    if (!says_so) return;
    gp_ack ack = {h->expects, 64, 0};
    feed_packet(h, out, gp_ack_write(&ack, out));
}

static void greet(host *h, bool resumes) {
    uint8_t packet[16 + GP_CRC_BYTES];
    gp_hello hello = {1, h->session, ++h->connection, h->expects, 64, 255, 512, resumes};
    if (!resumes) h->next = h->expects = hello.next = 0;
    feed_packet(h, packet, gp_write_hello(&hello, packet, sizeof packet));
    drain(h, false);
    feed_packet(h, packet, gp_write_ping(&(gp_ping){h->now_us}, packet, sizeof packet));
    drain(h, true);
}

static void feed_message(host *h, const uint8_t *message, size_t bytes) {
    uint8_t packet[GP_MAX_PACKET_BYTES + GP_CRC_BYTES];
    for (size_t at = 0; at < bytes;) {
        size_t part = bytes - at < 480 ? bytes - at : 480;
        size_t head = gp_data_head(GP_RELIABLE, 0, h->next++, at == 0, at + part == bytes, NULL, packet);
        memcpy(packet + head, message + at, part);
        feed_packet(h, packet, head + part);
        at += part;
    }
}

/* The first byte of a piece says what is done, the second how long it is. */
static int run(const uint8_t *data, size_t size) {
    static const char *const LINES[] = {"button 0 2", "touch 3", "wear 2", "wear 1", "battery 2", "battery 90", "heat 5000", "heat 2500", "light 0", "light 1", "log hello"};
    host h = {.session = 77, .connection = 0, .now_us = 1};
    device_factory();
    device_boot(1, 512, h.now_us);
    greet(&h, false);
    while (size >= 2) {
        uint8_t what = data[0], packet[GP_MAX_PACKET_BYTES + GP_CRC_BYTES];
        size_t bytes = data[1] < size - 2 ? data[1] : size - 2;
        const uint8_t *piece = data + 2;
        switch (what % 8) {
            case 0: device_feed(piece, bytes, h.now_us); break;
            case 1:
                memcpy(packet, piece, bytes);
                feed_packet(&h, packet, bytes);
                break;
            case 2:
            case 3:
            case 4: if (bytes) feed_message(&h, piece, bytes); break;
            case 5:
                h.now_us += bytes ? (uint32_t)piece[0] * 20000u : 1000u;
                device_poll(h.now_us);
                break;
            case 6:
                if (bytes && piece[0] > 200) greet(&h, piece[0] & 1);
                else if (bytes && piece[0] > 190) device_closed(h.now_us), device_opened((uint16_t)(piece[0] * 3));
                else if (bytes && piece[0] > 180) device_cut_after(piece[0] * 16u);
                else if (bytes) device_command(LINES[piece[0] % (sizeof LINES / sizeof *LINES)], h.now_us);
                break;
            default: break;
        }
        if (device_wants_boot()) {
            device_cut_after(UINT32_MAX);
            if (device_boot(2, 512, h.now_us) < 0) abort(); /* no image starts */
        }
        device_poll(h.now_us);
        drain(&h, what & 8 || what % 8 > 1);
        data += 2 + bytes;
        size -= 2 + bytes;
    }
    return (int)h.reliable_back;
}

#ifdef GP_LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    run(data, size);
    return 0;
}
#else
/* A request of the update that a right host would send, for a small image with a right tag. */
static size_t draw_update(gp_dice *dice, uint8_t *out) {
    enum { BODY_BYTES = 61, HEAD_BYTES = 2 };
    uint8_t image[GP_IMAGE_HEADER_BYTES + BODY_BYTES + GP_HASH_BYTES + 3], hash[GP_HASH_BYTES];
    uint32_t bytes = gp_make_image(image, BODY_BYTES, (gp_version){(uint8_t)(2 + gp_draw(dice, 2)), 0, 0}, device_key()), what = gp_draw(dice, 8);
    bool is_upload = what < 4;
    uint32_t from = gp_draw(dice, 2) ? 0 : gp_draw(dice, bytes) & ~3u, part = 1 + gp_draw(dice, bytes - from);
    gp_cbor_writer body = {out + HEAD_BYTES + GP_SMP_HEADER_BYTES, 0, 240, false};
    gp_sha256 sha;
    gp_sha256_init(&sha);
    gp_sha256_add(&sha, image, is_upload ? bytes : bytes - GP_HASH_BYTES);
    gp_sha256_end(&sha, hash);
    gp_cbor_head(&body, GP_CBOR_MAP, is_upload ? 4 : what == 4 ? 1 : 2);
    if (is_upload) {
        gp_cbor_uint(&body, "off", from);
        gp_cbor_uint(&body, "len", bytes);
        gp_cbor_text(&body, "sha");
        gp_cbor_bytes(&body, GP_CBOR_BYTES, hash, sizeof hash);
        gp_cbor_text(&body, "data");
        gp_cbor_bytes(&body, GP_CBOR_BYTES, image + from, gp_draw(dice, 2) ? part : bytes - from);
    } else {
        gp_cbor_bool(&body, "confirm", what != 6);
        if (what != 4) {
            gp_cbor_text(&body, "hash");
            gp_cbor_bytes(&body, GP_CBOR_BYTES, hash, sizeof hash);
        }
    }
    bool is_reset = what == 5;
    const uint8_t head[HEAD_BYTES + GP_SMP_HEADER_BYTES] = {GP_MSG_SMP_REQUEST, 1, 2 | 8, 0, 0, (uint8_t)body.bytes, 0, !is_reset, 0, is_upload ? 1 : is_reset ? 5 : 0};
    memcpy(out, head, sizeof head);
    return sizeof head + body.bytes;
}

/* A message that the device knows, with a body that is right, damaged or nonsense. */
static size_t draw_message(gp_dice *dice, uint8_t *out) {
    static const uint8_t NUMBERS[] = {GP_MSG_HOST_INFO, GP_MSG_IMU_CONTROL, GP_MSG_MIC_CONTROL, GP_MSG_CAMERA_CONTROL, GP_MSG_DISPLAY_TEXT, GP_MSG_DISPLAY_RECT, GP_MSG_DISPLAY_BITMAP, GP_MSG_DISPLAY_CLEAR, GP_MSG_DISPLAY_BRIGHTNESS, GP_MSG_DISPLAY_SHOW, GP_MSG_LIGHT_SET, GP_MSG_SETTING_SET, GP_MSG_SETTING_GET, GP_MSG_SMP_REQUEST, GP_MSG_SMP_REQUEST, GP_MSG_SMP_REQUEST};
    out[0] = NUMBERS[gp_draw(dice, sizeof NUMBERS)];
    size_t bytes = 1 + gp_draw(dice, 60);
    for (size_t i = 1; i < bytes; i++) out[i] = (uint8_t)gp_draw(dice, gp_draw(dice, 2) ? 4 : 256);
    bool has_tail = out[0] == GP_MSG_DISPLAY_TEXT || out[0] == GP_MSG_DISPLAY_BITMAP;
    if (has_tail && bytes > 12) out[1] = (uint8_t)(9 + gp_draw(dice, 3));
    if (out[0] == GP_MSG_SMP_REQUEST) {
        bytes = draw_update(dice, out);
        if (!gp_draw(dice, 4)) { /* another command, with its length right */
            out[2] = (uint8_t)(gp_draw(dice, 2) ? 2 : 0) | 8;
            out[7] = (uint8_t)gp_draw(dice, 2);
            out[9] = (uint8_t)gp_draw(dice, 8);
        }
    }
    return gp_draw(dice, 2) ? bytes : gp_mutate(dice, out, bytes, 240);
}

int main(int count, char **words) {
    double seconds = count > 1 ? atof(words[1]) : 10;
    gp_dice dice = gp_dice_of(count > 2 ? strtoull(words[2], NULL, 10) : 1);
    unsigned long long runs = 0, pieces = 0, answers = 0;
    for (clock_t begin = clock(); (double)(clock() - begin) / CLOCKS_PER_SEC < seconds; runs++) {
        uint8_t script[16384];
        size_t at = 0;
        while (at + 600 < sizeof script) {
            uint8_t piece[GP_MAX_PACKET_BYTES + 16];
            uint8_t what = (uint8_t)gp_draw(&dice, 16);
            size_t bytes = what % 8 >= 2 && what % 8 <= 4 ? draw_message(&dice, piece) : gp_draw_packet(&dice, piece);
            if (what % 8 < 2) bytes = gp_mutate(&dice, piece, bytes, sizeof piece);
            if (what % 8 >= 5) piece[0] = (uint8_t)gp_draw(&dice, 256);
            if (bytes > 255) bytes = 255;
            script[at++] = what;
            script[at++] = (uint8_t)bytes;
            memcpy(script + at, piece, bytes);
            at += bytes;
            pieces++;
        }
        answers += (unsigned long long)run(script, at);
    }
    printf("{\"runs\": %llu, \"pieces\": %llu, \"answers\": %llu}\n", runs, pieces, answers);
    return 0;
}
#endif

/* An update with the power cut at every place: `power_cuts IMAGE_BYTES STEP_BYTES`. After each cut the board must start the old
 * image or the new one, whole, and the update must go on to its end, even if the power is cut a second time on the way.
 * Prints one line of JSON; status 1 if any of it failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flash_model.h"
#include "cbor.h"
#include "messages.h"
#include "smp.h"

enum { SLOT_BYTES = 64 * 4096, CHUNK_BYTES = 440, REQUEST_BYTES = 600 };
enum { OLD = 1, NEW = 2 };

static const uint8_t KEY[GP_HASH_BYTES] = "glasspath development key 000000";
static uint8_t memory[2 * SLOT_BYTES], factory[2 * SLOT_BYTES], images[3][SLOT_BYTES];
static uint32_t image_bytes[3];
static gp_flash_model model;
static gp_flash flash;
static gp_smp device;
static uint64_t resumed, bytes_spared;

static int boot(void) {
    memset(&device, 0, sizeof device);
    device.buffer_bytes = 1022;
    gp_slots_boot(&device.slots, &flash, KEY);
    return device.slots.active;
}

/* Which image starts: OLD, NEW, or 0 if it is neither, byte by byte. */
static int started(void) {
    int active = boot();
    for (int which = OLD; which <= NEW && active >= 0; which++) {
        if (!memcmp(memory + active * SLOT_BYTES, images[which], image_bytes[which])) return which;
    }
    return 0;
}

static bool ask(gp_cbor_writer *body, uint8_t command, gp_cbor_item *off) {
    static uint8_t answer[512];
    uint8_t *request = body->out - GP_SMP_HEADER_BYTES;
    const uint8_t head[GP_SMP_HEADER_BYTES] = {2 | 8, 0, (uint8_t)(body->bytes >> 8), (uint8_t)body->bytes, 0, 1, 0, command};
    memcpy(request, head, sizeof head);
    size_t bytes = gp_smp_answer(&device, request, body->bytes + sizeof head, answer, sizeof answer);
    gp_cbor_reader reader = {answer + sizeof head, answer + bytes};
    gp_cbor_item map, key, value;
    if (bytes < sizeof head || !gp_cbor_read(&reader, &map)) return false;
    for (uint32_t left = map.value; gp_cbor_pair(&reader, &left, &key, &value);) {
        if (gp_cbor_is(&key, "err") || gp_cbor_is(&key, "rc")) return false;
        if (gp_cbor_is(&key, "off") && off) *off = value;
    }
    return true;
}

static bool upload(const uint8_t hash[GP_HASH_BYTES]) {
    uint8_t request[REQUEST_BYTES];
    gp_cbor_item off = {0};
    bool is_first = true;
    while (off.value < image_bytes[NEW] || is_first) {
        gp_cbor_writer body = {request + GP_SMP_HEADER_BYTES, 0, sizeof request - GP_SMP_HEADER_BYTES, false};
        uint32_t at = off.value, bytes = image_bytes[NEW] - at < CHUNK_BYTES ? image_bytes[NEW] - at : CHUNK_BYTES;
        gp_cbor_head(&body, GP_CBOR_MAP, at ? 2 : 4);
        gp_cbor_uint(&body, "off", at);
        if (!at) {
            gp_cbor_uint(&body, "len", image_bytes[NEW]);
            gp_cbor_text(&body, "sha");
            gp_cbor_bytes(&body, GP_CBOR_BYTES, hash, GP_HASH_BYTES);
        }
        gp_cbor_text(&body, "data");
        gp_cbor_bytes(&body, GP_CBOR_BYTES, images[NEW] + at, bytes);
        if (!ask(&body, 1, &off)) return false;
        if (is_first && off.value > CHUNK_BYTES) resumed++, bytes_spared += off.value;
        if (!is_first && off.value <= at) return false;
        is_first = false;
    }
    return true;
}

static bool set_state(const uint8_t *hash, bool confirms) {
    uint8_t request[REQUEST_BYTES];
    gp_cbor_writer body = {request + GP_SMP_HEADER_BYTES, 0, sizeof request - GP_SMP_HEADER_BYTES, false};
    gp_cbor_head(&body, GP_CBOR_MAP, hash ? 2 : 1);
    if (hash) {
        gp_cbor_text(&body, "hash");
        gp_cbor_bytes(&body, GP_CBOR_BYTES, hash, GP_HASH_BYTES);
    }
    gp_cbor_bool(&body, "confirm", confirms);
    return ask(&body, 0, NULL);
}

/* What a host does: look which image runs; if it is the old one upload, mark and start the new one; then keep it. */
static bool update(const uint8_t whole_hash[GP_HASH_BYTES], const uint8_t image_hash[GP_HASH_BYTES]) {
    for (int tries = 0; tries < 3; tries++) {
        int runs = started();
        if (runs == NEW) {
            bool is_kept = device.slots.slot[device.slots.active].is_confirmed || set_state(NULL, true);
            if (is_kept || model.is_dead) return is_kept;
        } else if (runs == OLD && !upload(whole_hash)) {
            return false;
        } else if (runs == OLD && !set_state(image_hash, false)) {
            return false;
        }
        if (model.is_dead) return false;
    }
    return false;
}

int main(int count, char **words) {
    uint32_t wanted = count > 1 ? (uint32_t)strtoul(words[1], NULL, 10) : 200000, step = count > 2 ? (uint32_t)strtoul(words[2], NULL, 10) : 256;
    uint32_t overhead = GP_IMAGE_HEADER_BYTES + GP_HASH_BYTES;
    if (wanted < overhead || wanted > SLOT_BYTES - GP_SECTOR_BYTES || !step) {
        fprintf(stderr, "power_cuts: the image has %u to %u bytes, the step 1 or more\n", overhead, SLOT_BYTES - GP_SECTOR_BYTES);
        return 2;
    }
    image_bytes[OLD] = gp_make_image(images[OLD], wanted - overhead, (gp_version){1, 0, 0}, KEY);
    image_bytes[NEW] = gp_make_image(images[NEW], wanted - overhead, (gp_version){2, 0, 0}, KEY);
    flash = gp_flash_model_init(&model, memory, SLOT_BYTES);
    gp_factory(&flash, KEY);
    for (uint32_t at = 0; at < image_bytes[OLD]; at += GP_SECTOR_BYTES) flash.erase(flash.context, at);
    flash.write(flash.context, 0, images[OLD], (image_bytes[OLD] + 3) / 4 * 4);
    memcpy(factory, memory, sizeof memory);
    uint8_t whole_hash[GP_HASH_BYTES], image_hash[GP_HASH_BYTES];
    gp_sha256 sha;
    gp_sha256_init(&sha);
    gp_sha256_add(&sha, images[NEW], image_bytes[NEW]);
    gp_sha256_end(&sha, whole_hash);
    gp_sha256_init(&sha);
    gp_sha256_add(&sha, images[NEW], image_bytes[NEW] - GP_HASH_BYTES);
    gp_sha256_end(&sha, image_hash);
    model.changed_bytes = 0;
    if (!update(whole_hash, image_hash)) {
        fprintf(stderr, "power_cuts: the update fails without any cut\n");
        return 1;
    }
    uint32_t changes = (uint32_t)model.changed_bytes;
    unsigned cuts = 0, started_as[3] = {0}, unfinished = 0;
    for (uint32_t at = 0; at < changes; at += changes - at > 96 ? step : 1) { /* the marks at the end: every byte */
        if (changes - at > 96 && changes - at < 96 + step) step = changes - at - 96 ? changes - at - 96 : 1;
        memcpy(memory, factory, sizeof memory);
        gp_flash_model_power(&model, at);
        update(whole_hash, image_hash);
        gp_flash_model_power(&model, UINT32_MAX);
        int first = started();
        gp_flash_model_power(&model, (at * 2654435761u) % changes); /* the second cut, somewhere */
        update(whole_hash, image_hash);
        gp_flash_model_power(&model, UINT32_MAX);
        int second = started();
        cuts += 2;
        started_as[first]++;
        started_as[second]++;
        if (!update(whole_hash, image_hash) || started() != NEW) unfinished++;
    }
    printf("{\"cuts\": %u, \"started_old\": %u, \"started_new\": %u, \"started_neither\": %u, \"update_not_finished\": %u, \"uploads_resumed\": %llu, \"bytes_spared\": %llu, \"flash_bytes_changed\": %u}\n",
           cuts, started_as[OLD], started_as[NEW], started_as[0], unfinished, (unsigned long long)resumed, (unsigned long long)bytes_spared, changes);
    return started_as[0] || unfinished;
}

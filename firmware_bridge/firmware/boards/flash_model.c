/* A flash memory in RAM that behaves like one, and what the factory writes into it. */
#include "flash_model.h"

#include "messages.h"

static bool read(void *context, uint32_t at, void *out, size_t bytes) {
    const gp_flash_model *m = context;
    if (m->is_dead || at > m->bytes || bytes > m->bytes - at) return false;
    memcpy(out, m->memory + at, bytes);
    return true;
}

/* Changes bytes until the power goes; the byte in which it goes gets some of its bits. */
static bool change(gp_flash_model *m, uint32_t at, const uint8_t *data, size_t bytes) {
    if (m->is_dead || at > m->bytes || bytes > m->bytes - at) return false;
    for (size_t i = 0; i < bytes; i++) {
        uint8_t *cell = m->memory + at + i;
        if (m->is_limited && m->left_bytes-- == 0) {
            uint8_t half = data ? (uint8_t)(*cell & (data[i] | 0x5A)) : (uint8_t)(*cell | 0xA5);
            *cell = half;
            m->is_dead = true;
            return false;
        }
        *cell = data ? *cell & data[i] : 0xFF;
        m->changed_bytes++;
    }
    return true;
}

static bool write(void *context, uint32_t at, const void *data, size_t bytes) {
    if (at % GP_WRITE_BYTES || bytes % GP_WRITE_BYTES) return false;
    return change(context, at, data, bytes);
}

static bool erase(void *context, uint32_t at) {
    if (at % GP_SECTOR_BYTES) return false;
    return change(context, at, NULL, GP_SECTOR_BYTES);
}

gp_flash gp_flash_model_init(gp_flash_model *model, uint8_t *memory, uint32_t slot_bytes) {
    memset(model, 0, sizeof *model);
    model->memory = memory;
    model->bytes = 2 * slot_bytes;
    return (gp_flash){model, slot_bytes, read, write, erase};
}

void gp_flash_model_power(gp_flash_model *model, uint32_t bytes) {
    model->is_dead = false;
    model->is_limited = bytes != UINT32_MAX;
    model->left_bytes = bytes;
}

uint32_t gp_make_image(uint8_t *out, uint32_t body_bytes, gp_version version, const uint8_t *key) {
    uint32_t seed = (uint32_t)version.major << 24 | (uint32_t)version.minor << 16 | version.patch, whole = GP_IMAGE_HEADER_BYTES + body_bytes;
    memset(out, 0, GP_IMAGE_HEADER_BYTES);
    gp_put4(out + GP_IMAGE_AT_MAGIC, GP_IMAGE_MAGIC);
    gp_put2(out + GP_IMAGE_AT_HEADER_BYTES, GP_IMAGE_HEADER_BYTES);
    gp_put4(out + GP_IMAGE_AT_BODY_BYTES, body_bytes);
    out[GP_IMAGE_AT_VERSION] = version.major;
    out[GP_IMAGE_AT_VERSION + 1] = version.minor;
    gp_put2(out + GP_IMAGE_AT_VERSION + 2, version.patch);
    for (uint32_t i = 0; i < body_bytes; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[GP_IMAGE_HEADER_BYTES + i] = (uint8_t)(seed >> 24);
    }
    gp_hmac hmac;
    gp_hmac_init(&hmac, key);
    gp_hmac_add(&hmac, out, whole);
    gp_hmac_end(&hmac, out + whole);
    return whole + GP_HASH_BYTES;
}

bool gp_factory(const gp_flash *flash, const uint8_t *key) {
    enum { BODY_BYTES = 256 };
    uint8_t image[GP_IMAGE_HEADER_BYTES + BODY_BYTES + GP_HASH_BYTES];
    uint32_t bytes = gp_make_image(image, BODY_BYTES, (gp_version){1, 0, 0}, key);
    for (uint32_t at = 0; at < 2 * flash->slot_bytes; at += GP_SECTOR_BYTES) {
        if (!flash->erase(flash->context, at)) return false;
    }
    gp_slots slots = {.flash = flash, .key = key, .active = 0};
    return flash->write(flash->context, 0, image, bytes) && gp_slots_confirm(&slots);
}

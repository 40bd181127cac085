/* A flash memory in RAM that behaves like one: writing only clears bits, and a power cut tears what is being written. */
#ifndef GP_FLASH_MODEL_H
#define GP_FLASH_MODEL_H

#include "slots.h"

typedef struct {
    uint8_t *memory;
    uint32_t bytes;
    bool is_limited; /* whether the power will be cut */
    bool is_dead; /* it was cut: nothing works until gp_flash_model_power */
    uint32_t left_bytes; /* that can be written or erased before */
    uint64_t changed_bytes; /* written and erased since the beginning */
} gp_flash_model;

/* Two slots of `slot_bytes` in `memory`, which is left as it is. */
gp_flash gp_flash_model_init(gp_flash_model *model, uint8_t *memory, uint32_t slot_bytes);

/* The power comes back; it will be cut after `bytes` more, or (UINT32_MAX) not at all. */
void gp_flash_model_power(gp_flash_model *model, uint32_t bytes);

/* What the factory does: erases all, and writes a small image of version 1.0.0 into the first slot, kept. */
bool gp_factory(const gp_flash *flash, const uint8_t *key);

/* An image for tests and benchmarks: header, `body_bytes` that depend on the version, tag. Writes it to `out`; its size. */
uint32_t gp_make_image(uint8_t *out, uint32_t body_bytes, gp_version version, const uint8_t *key);

#endif

/* What the update needs of a flash memory: two slots of equal size, one behind the other. A board implements it. */
#ifndef GP_FLASH_H
#define GP_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GP_SECTOR_BYTES 4096u
#define GP_WRITE_BYTES 4u

/* `at` counts from the beginning of the first slot. False: it failed, and what is there now is unknown. */
typedef struct {
    void *context;
    uint32_t slot_bytes; /* a multiple of GP_SECTOR_BYTES, 2 to 128 of them; the last one holds the slot's marks */
    bool (*read)(void *context, uint32_t at, void *out, size_t bytes);
    bool (*write)(void *context, uint32_t at, const void *data, size_t bytes); /* `at` and `bytes` in GP_WRITE_BYTES; only clears bits */
    bool (*erase)(void *context, uint32_t at); /* one sector, to 0xFF */
} gp_flash;

#endif

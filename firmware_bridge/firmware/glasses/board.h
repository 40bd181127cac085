/* What a board gives to the glasses; docs/firmware.md says how to port to another one. */
#ifndef GP_BOARD_H
#define GP_BOARD_H

#include "flash.h"

typedef struct {
    void *context;
    const gp_flash *flash;
    const uint8_t *key; /* the device's key for firmware images, 32 bytes */
    uint32_t serial; /* tells one device from another */
    const char *product; /* at most 16 bytes */
    uint32_t (*random)(void *context); /* for the boot id: another one at each start */
    void (*light)(void *context, bool is_on);
    bool (*light_is_on)(void *context); /* measured, not remembered, where the hardware can */
    void (*show)(void *context, const uint8_t *pixels); /* returns when the panel has them; see canvas.h */
    void (*reset)(void *context); /* starts the firmware again; may return where that happens later */
} gp_board;

#endif

/* One device in a process: the glasses, a flash model and a panel, driven by whoever loads this as a library. */
#ifndef GP_DEVICE_H
#define GP_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEVICE_SLOT_BYTES = 64 * 4096, DEVICE_FLASH_BYTES = 2 * DEVICE_SLOT_BYTES };

/* Erases the flash as the factory does. Then boot. */
void device_factory(void);

/* Starts the firmware with the flash as it is; `seed` makes the boot id. Returns the slot that runs, -1: none. */
int device_boot(uint32_t seed, uint16_t mtu, uint32_t now_us);
void device_opened(uint16_t mtu);
void device_closed(uint32_t now_us);
void device_feed(const uint8_t *data, size_t bytes, uint32_t now_us);
size_t device_frame(uint32_t now_us, uint8_t *out);
void device_poll(uint32_t now_us);

/* Whether a reset was asked for since the last time this was asked; the caller boots again. */
bool device_wants_boot(void);

/* One line: "button 0 2", "touch 1", "wear 1", "battery 50", "heat 4600", "light 0" (it fails), "log text". False: unknown. */
bool device_command(const char *line, uint32_t now_us);

uint8_t *device_flash(void);
const uint8_t *device_panel(void);
const uint8_t *device_key(void);
void device_cut_after(uint32_t bytes);
bool device_is_cut(void);
bool device_light(void);

/* 0 idle, 1 open, 2 parked. */
int device_state(void);

#endif

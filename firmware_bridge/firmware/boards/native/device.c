/* One device in a process: the glasses on a board that is made of memory. */
#include "device.h"

#include <stdio.h>
#include <string.h>

#include "../flash_model.h"
#include "glasses.h"

/* For development only: a product keeps its own key where it cannot be read. */
static const uint8_t KEY[GP_HASH_BYTES] = "glasspath development key 000000";

static uint8_t flash_memory[DEVICE_FLASH_BYTES];
static gp_flash_model model;
static gp_flash flash;
static uint8_t panel[GP_CANVAS_BYTES];
static uint32_t boot_seed;
static bool is_light_on, is_light_broken, wants_boot;
static gp_glasses glasses;

static uint32_t give_random(void *context) {
    (void)context;
    return boot_seed;
}

static void turn_light(void *context, bool is_on) {
    (void)context;
    is_light_on = is_on;
}

static bool see_light(void *context) {
    (void)context;
    return is_light_on && !is_light_broken;
}

static void show(void *context, const uint8_t *pixels) {
    (void)context;
    memcpy(panel, pixels, sizeof panel);
}

static void reset(void *context) {
    (void)context;
    wants_boot = true;
}

static const gp_board BOARD = {NULL, &flash, KEY, 0x6A5500u, "native", give_random, turn_light, see_light, show, reset};

static void ready(void) {
    if (!model.memory) flash = gp_flash_model_init(&model, flash_memory, DEVICE_SLOT_BYTES);
}

void device_factory(void) {
    ready();
    gp_flash_model_power(&model, UINT32_MAX);
    gp_factory(&flash, KEY);
}

int device_boot(uint32_t seed, uint16_t mtu, uint32_t now_us) {
    ready();
    boot_seed = seed;
    wants_boot = is_light_broken = false;
    gp_glasses_init(&glasses, &BOARD, mtu, now_us);
    return glasses.smp.slots.active;
}

void device_opened(uint16_t mtu) { gp_link_opened(&glasses.link, mtu); }
void device_closed(uint32_t now_us) { gp_link_closed(&glasses.link, now_us); }
void device_feed(const uint8_t *data, size_t bytes, uint32_t now_us) { gp_link_feed(&glasses.link, data, bytes, now_us); }
size_t device_frame(uint32_t now_us, uint8_t *out) { return gp_link_frame(&glasses.link, now_us, out); }
void device_poll(uint32_t now_us) { gp_glasses_poll(&glasses, now_us); }

bool device_wants_boot(void) {
    bool was = wants_boot;
    wants_boot = false;
    return was;
}

bool device_command(const char *line, uint32_t now_us) {
    char verb[12] = "";
    int one = 0, two = 0, count = sscanf(line, "%11s %d %d", verb, &one, &two);
    if (!strcmp(verb, "button") && count == 3) gp_glasses_button(&glasses, (uint8_t)one, (uint8_t)two, now_us);
    else if (!strcmp(verb, "touch") && count == 2) gp_glasses_touch(&glasses, (uint8_t)one, now_us);
    else if (!strcmp(verb, "wear") && count == 2) gp_glasses_wear(&glasses, (uint8_t)one, now_us);
    else if (!strcmp(verb, "battery") && count == 2) gp_glasses_battery(&glasses, (uint8_t)one, 0);
    else if (!strcmp(verb, "heat") && count == 2) gp_glasses_temperature(&glasses, (int16_t)one, now_us);
    else if (!strcmp(verb, "light") && count == 2) is_light_broken = !one;
    else if (!strcmp(verb, "log")) gp_glasses_log(&glasses, GP_SEVERITY_INFO, line + 4, now_us);
    else return false;
    return true;
}

uint8_t *device_flash(void) { return flash_memory; }
const uint8_t *device_panel(void) { return panel; }
const uint8_t *device_key(void) { return KEY; }
void device_cut_after(uint32_t bytes) {
    ready();
    gp_flash_model_power(&model, bytes);
}
bool device_is_cut(void) { return model.is_dead; }
bool device_light(void) { return see_light(NULL); }
int device_state(void) { return (int)glasses.link.state; }

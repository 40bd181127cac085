/* The glasses on an MPS2 AN385, as QEMU emulates it: UART 0 is the link. The board has no flash that a program can write, no
 * camera, light or panel: slots and panel lie in PSRAM, the light is a register bit, the motion and the sound are made up. */
#include "../flash_model.h"
#include "glasses.h"
#include "mps2.h"

enum { SLOT_BYTES = 64 * 4096, FILLED = 0x464C5348 };
#define LEDS (*(volatile uint32_t *)0x40028000u) /* FPGA system control: two user LEDs */

/* For development only: a product keeps its own key where it cannot be read. */
static const uint8_t KEY[GP_HASH_BYTES] = "glasspath development key 000000";

/* Keeps its content over a reset; without power it is empty and the factory fills it. */
__attribute__((section(".flash_model"))) static struct {
    uint32_t is_filled, starts;
    uint8_t panel[GP_CANVAS_BYTES];
    uint8_t slots[2 * SLOT_BYTES];
} psram;
static gp_flash_model model;
static gp_flash flash;
static gp_glasses glasses;

/* The board has no source of randomness: the number of starts makes boot ids differ while there is power, the time of the
 * first byte does not exist yet. A product uses its generator. */
static uint32_t give_random(void *context) {
    (void)context;
    psram.starts++;
    return gp_crc32(mps2_now_us(), (const uint8_t *)&psram.starts, sizeof psram.starts);
}

static void turn_light(void *context, bool is_on) {
    (void)context;
    LEDS = is_on;
}

static bool see_light(void *context) {
    (void)context;
    return LEDS & 1;
}

static void show(void *context, const uint8_t *pixels) {
    (void)context;
    memcpy(psram.panel, pixels, sizeof psram.panel);
}

static void reset(void *context) {
    (void)context;
    mps2_reset();
}

static const gp_board BOARD = {NULL, &flash, KEY, 0x0A385u, "mps2-an385", give_random, turn_light, see_light, show, reset};

int main(void) {
    uint8_t in[64], out[GP_MAX_MTU];
    size_t out_bytes = 0, out_at = 0;
    mps2_begin();
    flash = gp_flash_model_init(&model, psram.slots, SLOT_BYTES);
    if (psram.is_filled != FILLED && gp_factory(&flash, KEY)) psram.is_filled = FILLED;
    gp_glasses_init(&glasses, &BOARD, GP_MAX_MTU, mps2_now_us());
    for (;;) {
        size_t in_bytes = mps2_read(in, sizeof in);
        if (in_bytes) gp_link_feed(&glasses.link, in, in_bytes, mps2_now_us());
        gp_glasses_poll(&glasses, mps2_now_us());
        if (out_at == out_bytes) {
            out_at = 0;
            out_bytes = gp_link_frame(&glasses.link, mps2_now_us(), out);
        }
        while (out_at < out_bytes && mps2_write_byte(out[out_at])) out_at++;
        if (!in_bytes && out_at == out_bytes) mps2_wait();
    }
}

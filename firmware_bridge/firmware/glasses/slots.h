/* Two slots for the firmware: which image is good, which one starts, and the marks that say so. No bytes are moved. */
#ifndef GP_SLOTS_H
#define GP_SLOTS_H

#include "flash.h"
#include "sha256.h"

#define GP_IMAGE_MAGIC 0x31495047u /* "GPI1" */
#define GP_IMAGE_HEADER_BYTES 32u

/* Where the image's header says what; all little-endian, the rest is zero. */
enum { GP_IMAGE_AT_MAGIC = 0, GP_IMAGE_AT_HEADER_BYTES = 4, GP_IMAGE_AT_BODY_BYTES = 8, GP_IMAGE_AT_VERSION = 12 };

typedef struct {
    uint8_t major, minor;
    uint16_t patch;
} gp_version;

typedef struct {
    bool is_valid; /* the tag is right */
    bool is_marked; /* for test, or permanently */
    bool is_tried, is_confirmed;
    uint32_t order; /* the later marked, the higher */
    gp_version version;
    uint8_t hash[GP_HASH_BYTES]; /* SHA-256 of header and body */
} gp_slot;

typedef struct {
    const gp_flash *flash;
    const uint8_t *key; /* 32 bytes */
    gp_slot slot[2];
    int active; /* the one that runs; -1: none has a valid image */
} gp_slots;

/* Reads both slots and decides which one starts; a test image is marked as tried before. */
void gp_slots_boot(gp_slots *slots, const gp_flash *flash, const uint8_t *key);

/* Reads a slot again. */
void gp_slots_look(gp_slots *slots, int index);

/* Marks the other slot: it starts next time, once, or for good. False: its image is not valid, or the
 * running one is not kept yet, or the flash failed. */
bool gp_slots_test(gp_slots *slots, bool is_permanent);

/* Keeps the running image. */
bool gp_slots_confirm(gp_slots *slots);

/* Before the other slot is written: takes away its marks. */
bool gp_slots_clear_marks(gp_slots *slots);

/* Where the marks' sector of a slot begins. Its first GP_MARKS_AT bytes are for the upload's journal. */
#define GP_MARKS_AT 1024u
uint32_t gp_slots_trailer(const gp_slots *slots, int index);

/* Which slot is uploaded to. */
int gp_slots_other(const gp_slots *slots);

#endif

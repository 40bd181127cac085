/* An image on its way into the other slot: in order, with a journal in flash, so that it goes on after a power cut. */
#ifndef GP_UPLOAD_H
#define GP_UPLOAD_H

#include "slots.h"

typedef enum { GP_UPLOAD_OK, GP_UPLOAD_TOO_LARGE, GP_UPLOAD_INVALID, GP_UPLOAD_FLASH, GP_UPLOAD_WRONG_HASH } gp_upload_result;

typedef struct {
    bool is_begun, is_done;
    uint32_t whole_bytes, at; /* the next byte that is wanted */
    uint8_t hash[GP_HASH_BYTES]; /* of the whole, as the host said */
} gp_upload;

/* Begins, or goes on with the same image where it ended: `at` says from which byte. */
gp_upload_result gp_upload_begin(gp_upload *upload, gp_slots *slots, uint32_t whole_bytes, const uint8_t *hash);

/* Takes bytes from `at` on, as many as can be written: `at` moves. After the last one the hash is checked. */
gp_upload_result gp_upload_add(gp_upload *upload, gp_slots *slots, const uint8_t *data, uint32_t bytes);

#endif

/* SHA-256 (FIPS 180-4) and HMAC (RFC 2104), in pieces of any size. */
#ifndef GP_SHA256_H
#define GP_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GP_HASH_BYTES 32

typedef struct {
    uint32_t state[8];
    uint8_t block[64];
    uint32_t bytes;
} gp_sha256;

/* HMAC-SHA-256 with a key of 32 bytes. */
typedef struct {
    gp_sha256 inner;
    const uint8_t *key;
} gp_hmac;

void gp_sha256_init(gp_sha256 *hash);
void gp_sha256_add(gp_sha256 *hash, const uint8_t *data, size_t bytes);
void gp_sha256_end(gp_sha256 *hash, uint8_t out[GP_HASH_BYTES]);

/* `key` has 32 bytes and stays where it is. */
void gp_hmac_init(gp_hmac *hmac, const uint8_t key[GP_HASH_BYTES]);
void gp_hmac_add(gp_hmac *hmac, const uint8_t *data, size_t bytes);
void gp_hmac_end(gp_hmac *hmac, uint8_t out[GP_HASH_BYTES]);

/* Takes the same time whatever differs. */
bool gp_equal_slowly(const uint8_t *a, const uint8_t *b, size_t bytes);

#endif

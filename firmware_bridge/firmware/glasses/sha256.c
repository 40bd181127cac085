/* SHA-256 (FIPS 180-4) and HMAC (RFC 2104). */
#include "sha256.h"

#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of eight. */
static const uint32_t K[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u};
static const uint32_t START[8] = {
    0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};

static uint32_t turn(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void take_block(uint32_t state[8], const uint8_t *block) {
    uint32_t w[16], v[8];
    for (int i = 0; i < 16; i++) {
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    }
    memcpy(v, state, sizeof v);
    for (int i = 0; i < 64; i++) {
        if (i >= 16) { /* the schedule in a ring of sixteen words */
            uint32_t a = w[(i + 1) & 15], b = w[(i + 14) & 15];
            w[i & 15] += (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[(i + 9) & 15] + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
        }
        uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i & 15];
        uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++) state[i] += v[i];
}

void gp_sha256_init(gp_sha256 *hash) {
    memcpy(hash->state, START, sizeof START);
    hash->bytes = 0;
}

void gp_sha256_add(gp_sha256 *hash, const uint8_t *data, size_t bytes) {
    while (bytes) {
        size_t held = hash->bytes % 64, part = 64 - held < bytes ? 64 - held : bytes;
        memcpy(hash->block + held, data, part);
        hash->bytes += (uint32_t)part;
        data += part;
        bytes -= part;
        if (hash->bytes % 64 == 0) take_block(hash->state, hash->block);
    }
}

void gp_sha256_end(gp_sha256 *hash, uint8_t out[GP_HASH_BYTES]) {
    static const uint8_t PAD[64] = {0x80};
    uint64_t bits = (uint64_t)hash->bytes * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
    gp_sha256_add(hash, PAD, 1 + (119 - hash->bytes % 64) % 64);
    gp_sha256_add(hash, length, sizeof length);
    for (int i = 0; i < 32; i++) out[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

static void add_padded_key(gp_sha256 *hash, const uint8_t *key, uint8_t with) {
    uint8_t block[64];
    for (int i = 0; i < 64; i++) block[i] = (uint8_t)((i < GP_HASH_BYTES ? key[i] : 0) ^ with);
    gp_sha256_init(hash);
    gp_sha256_add(hash, block, sizeof block);
}

void gp_hmac_init(gp_hmac *hmac, const uint8_t key[GP_HASH_BYTES]) {
    hmac->key = key;
    add_padded_key(&hmac->inner, key, 0x36);
}

void gp_hmac_add(gp_hmac *hmac, const uint8_t *data, size_t bytes) { gp_sha256_add(&hmac->inner, data, bytes); }

void gp_hmac_end(gp_hmac *hmac, uint8_t out[GP_HASH_BYTES]) {
    uint8_t inner[GP_HASH_BYTES];
    gp_sha256_end(&hmac->inner, inner);
    add_padded_key(&hmac->inner, hmac->key, 0x5C);
    gp_sha256_add(&hmac->inner, inner, sizeof inner);
    gp_sha256_end(&hmac->inner, out);
}

bool gp_equal_slowly(const uint8_t *a, const uint8_t *b, size_t bytes) {
    uint8_t differs = 0;
    for (size_t i = 0; i < bytes; i++) differs |= a[i] ^ b[i];
    return !differs;
}

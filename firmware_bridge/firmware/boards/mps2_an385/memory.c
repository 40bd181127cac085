/* The four functions that a compiler may call by itself; so the board needs no C library. */
#include <stddef.h>
#include <stdint.h>

#include "string.h"

/* Without -fno-tree-loop-distribute-patterns a compiler would turn these loops into calls of themselves. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    uint8_t *out = to;
    const uint8_t *in = from;
    while (bytes--) *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if (out <= in) return memcpy(to, from, bytes);
    while (bytes--) out[bytes] = in[bytes];
    return to;
}

void *memset(void *to, int value, size_t bytes) {
    uint8_t *out = to;
    while (bytes--) *out++ = (uint8_t)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
    const uint8_t *one = a, *two = b;
    for (; bytes--; one++, two++) {
        if (*one != *two) return *one - *two;
    }
    return 0;
}

size_t strlen(const char *text) {
    size_t bytes = 0;
    while (text[bytes]) bytes++;
    return bytes;
}

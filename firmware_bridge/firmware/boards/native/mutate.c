/* Packets of every kind, and what a bad wire makes of their frames (SplitMix64: Steele, Lea and Flood 2014). */
#include "mutate.h"

gp_dice gp_dice_of(uint64_t seed) { return (gp_dice){seed * 0x9E3779B97F4A7C15u + 1}; }

uint32_t gp_draw(gp_dice *dice, uint32_t below) {
    uint64_t z = dice->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)(((z ^ z >> 31) >> 32) * below >> 32);
}

static size_t fill(gp_dice *dice, uint8_t *out, size_t bytes) {
    uint32_t zeros = gp_draw(dice, 3) ? 8 : 0; /* some contents have many zeros, some none */
    for (size_t i = 0; i < bytes; i++) {
        bool is_zero = zeros && !gp_draw(dice, zeros);
        out[i] = (uint8_t)(is_zero ? 0 : 1 + gp_draw(dice, 255));
    }
    return bytes;
}

size_t gp_draw_packet(gp_dice *dice, uint8_t *packet) {
    static const uint8_t CONTROL_BYTES[] = {0, GP_HELLO_FIXED_BYTES, GP_WELCOME_FIXED_BYTES, GP_REFUSE_FIXED_BYTES, GP_BYE_FIXED_BYTES, GP_PING_FIXED_BYTES, GP_PONG_FIXED_BYTES};
    uint32_t kind = gp_draw(dice, 16);
    uint16_t number = (uint16_t)gp_draw(dice, 65536);
    size_t most = gp_draw(dice, 8) ? 60 : GP_MAX_PACKET_BYTES - 6;
    if (kind < 3) {
        packet[0] = (uint8_t)(1 + gp_draw(dice, 6));
        return 1 + fill(dice, packet + 1, CONTROL_BYTES[packet[0]] + (gp_draw(dice, 8) ? 0 : gp_draw(dice, 5)));
    }
    if (kind < 6) {
        gp_ack ack = {number, (uint8_t)gp_draw(dice, 65), gp_draw(dice, 2) ? 0 : (uint64_t)1 << gp_draw(dice, 64)};
        return gp_ack_write(&ack, packet);
    }
    if (kind == 6) {
        packet[0] = (uint8_t)(GP_ACK | (1 + gp_draw(dice, 7)));
        gp_put2(packet + 1, number);
        return 3;
    }
    bool is_reliable = kind < 12, has_ack = is_reliable && gp_draw(dice, 2);
    gp_ack ack = {(uint16_t)gp_draw(dice, 65536), (uint8_t)gp_draw(dice, 65), 0};
    uint8_t type = is_reliable ? GP_RELIABLE : GP_BEST_EFFORT, channel = (uint8_t)(is_reliable ? 0 : 1 + gp_draw(dice, 7));
    size_t at = gp_data_head(type, channel, number, gp_draw(dice, 2), gp_draw(dice, 2), has_ack ? &ack : NULL, packet);
    return at + fill(dice, packet + at, 1 + gp_draw(dice, (uint32_t)most));
}

static size_t insert(uint8_t *data, size_t bytes, size_t at, uint8_t byte) {
    memmove(data + at + 1, data + at, bytes - at);
    data[at] = byte;
    return bytes + 1;
}

size_t gp_mutate(gp_dice *dice, uint8_t *data, size_t bytes, size_t room) {
    for (uint32_t left = 1 + gp_draw(dice, 4); left && bytes; left--) {
        size_t at = gp_draw(dice, (uint32_t)bytes);
        switch (gp_draw(dice, 8)) {
            case 0:
            case 1: data[at] = (uint8_t)(data[at] ^ 1u << gp_draw(dice, 8)); break;
            case 2: data[at] = (uint8_t)gp_draw(dice, 256); break;
            case 3: data[at] = 0; break;
            case 4: memmove(data + at, data + at + 1, --bytes - at); break;
            case 5: if (bytes < room) bytes = insert(data, bytes, at, (uint8_t)gp_draw(dice, 256)); break;
            case 6: if (bytes < room) bytes = insert(data, bytes, at, data[at]); break;
            default: if (!gp_draw(dice, 4)) bytes = at; break;
        }
    }
    return bytes;
}

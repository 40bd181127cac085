/* Packets: what one frame carries, read and written. */
#include "packet.h"

static bool read_control(gp_packet *packet, const uint8_t *data, size_t bytes) {
    static const uint8_t FIXED[] = {0, GP_HELLO_FIXED_BYTES, GP_WELCOME_FIXED_BYTES, GP_REFUSE_FIXED_BYTES,
                                    GP_BYE_FIXED_BYTES, GP_PING_FIXED_BYTES, GP_PONG_FIXED_BYTES};
    packet->channel = data[0] & 0x3F;
    packet->payload = data + 1;
    packet->bytes = bytes - 1;
    return packet->channel && packet->channel < sizeof FIXED && packet->bytes >= FIXED[packet->channel];
}

static bool read_ack(gp_packet *packet, const uint8_t *data, size_t bytes) {
    if (data[0] & 0x38) return false;
    if (packet->channel) return bytes == GP_HEADER_BYTES; /* a credit */
    if (bytes < 4 || bytes > 4 + GP_MAX_WINDOW / 8 || data[3] > GP_MAX_WINDOW) return false;
    packet->ack.next = packet->number;
    packet->ack.credit = data[3];
    for (size_t i = 4; i < bytes; i++) packet->ack.bitmap |= (uint64_t)data[i] << 8 * (i - 4);
    return true;
}

bool gp_packet_read(gp_packet *packet, const uint8_t *data, size_t bytes) {
    memset(packet, 0, sizeof *packet);
    if (!bytes) return false;
    packet->type = data[0] & GP_TYPE_MASK;
    if (packet->type == GP_CONTROL) return read_control(packet, data, bytes);
    if (bytes < GP_HEADER_BYTES) return false;
    packet->channel = data[0] & GP_CHANNEL_MASK;
    packet->number = (uint16_t)gp_get2(data + 1);
    if (packet->type == GP_ACK) return read_ack(packet, data, bytes);
    packet->is_first = data[0] & GP_FIRST;
    packet->is_last = data[0] & GP_LAST;
    packet->has_ack = data[0] & GP_WITH_ACK;
    if ((packet->type == GP_RELIABLE) != (packet->channel == 0)) return false;
    if (packet->has_ack && packet->type == GP_BEST_EFFORT) return false;
    size_t start = GP_HEADER_BYTES + (packet->has_ack ? GP_ACK_BYTES : 0);
    if (bytes <= start) return false;
    if (packet->has_ack) {
        packet->ack.next = (uint16_t)gp_get2(data + 3);
        packet->ack.credit = data[5];
        if (packet->ack.credit > GP_MAX_WINDOW) return false;
    }
    packet->payload = data + start;
    packet->bytes = bytes - start;
    return true;
}

size_t gp_ack_write(const gp_ack *ack, uint8_t *out) {
    out[0] = GP_ACK;
    gp_put2(out + 1, ack->next);
    out[3] = ack->credit;
    size_t at = 4;
    for (uint64_t rest = ack->bitmap; rest; rest >>= 8) out[at++] = (uint8_t)rest;
    return at;
}

size_t gp_data_head(uint8_t type, uint8_t channel, uint16_t seq, bool is_first, bool is_last, const gp_ack *ack, uint8_t *out) {
    out[0] = (uint8_t)(type | channel | (is_first ? GP_FIRST : 0) | (is_last ? GP_LAST : 0) | (ack ? GP_WITH_ACK : 0));
    gp_put2(out + 1, seq);
    if (!ack) return GP_HEADER_BYTES;
    gp_put2(out + 3, ack->next);
    out[5] = ack->credit;
    return GP_HEADER_BYTES + GP_ACK_BYTES;
}

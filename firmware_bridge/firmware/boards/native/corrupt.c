/* Damages frames and counts what the decoder takes: `corrupt COUNT SEED`. Prints one line of JSON; status 1 if any packet was
 * taken that nobody sent. */
#include <stdio.h>
#include <stdlib.h>

#include "mutate.h"

enum { POOL = 512, RENEW = 20000 };

typedef struct {
    uint8_t packet[GP_MAX_PACKET_BYTES + GP_CRC_BYTES], frame[GP_MAX_MTU];
    size_t packet_bytes, frame_bytes;
} sent;

static sent pool[POOL];

static void renew(gp_dice *dice) {
    for (int i = 0; i < POOL; i++) {
        sent *s = &pool[i];
        s->packet_bytes = gp_draw_packet(dice, s->packet);
        gp_seal seal = gp_is_untagged(s->packet[0]) ? gp_seal_of(GP_NO_SESSION, GP_NO_CONNECTION) : gp_seal_of(0x1234ABCD, 7);
        s->frame_bytes = gp_frame(s->packet, s->packet_bytes, &seal, s->frame);
    }
}

static bool is_one_of(const uint8_t *body, size_t bytes, const sent *a, const sent *b) {
    return (bytes == a->packet_bytes && !memcmp(body, a->packet, bytes)) || (bytes == b->packet_bytes && !memcmp(body, b->packet, bytes));
}

int main(int count, char **words) {
    uint64_t wanted = count > 1 ? strtoull(words[1], NULL, 10) : 1000000, seed = count > 2 ? strtoull(words[2], NULL, 10) : 1;
    uint64_t corrupted = 0, unharmed = 0, rejected = 0, wrong = 0, bytes_read = 0;
    gp_dice dice = gp_dice_of(seed);
    gp_decoder decoder;
    memset(&decoder, 0, sizeof decoder);
    for (uint64_t turn = 0; corrupted < wanted; turn++) {
        if (turn % RENEW == 0) renew(&dice);
        const sent *a = &pool[gp_draw(&dice, POOL)], *b = a;
        uint8_t stream[2 * GP_MAX_MTU + 16];
        size_t bytes = a->frame_bytes;
        memcpy(stream, a->frame, bytes);
        if (!gp_draw(&dice, 8)) { /* the beginning of one frame and the end of another */
            b = &pool[gp_draw(&dice, POOL)];
            size_t keep = gp_draw(&dice, (uint32_t)bytes), from = gp_draw(&dice, (uint32_t)b->frame_bytes);
            memcpy(stream + keep, b->frame + from, b->frame_bytes - from);
            bytes = keep + b->frame_bytes - from;
        } else {
            bytes = gp_mutate(&dice, stream, bytes, sizeof stream - 1);
        }
        if (bytes == a->frame_bytes && !memcmp(stream, a->frame, bytes)) continue; /* two changes that undid each other */
        stream[bytes++] = 0;
        corrupted++;
        bytes_read += bytes;
        const uint8_t *at = stream, *body;
        size_t body_bytes;
        bool is_taken = false;
        gp_decoder_reset(&decoder);
        while ((body = gp_decoder_feed(&decoder, &at, &bytes, &body_bytes)) != NULL) {
            gp_seal seal = body_bytes && gp_is_untagged(body[0]) ? gp_seal_of(GP_NO_SESSION, GP_NO_CONNECTION) : gp_seal_of(0x1234ABCD, 7);
            if (!gp_opens(body, body_bytes, &seal)) continue;
            is_taken = true;
            if (!is_one_of(body, body_bytes - GP_CRC_BYTES, a, b)) wrong++;
        }
        if (is_taken) unharmed++;
        else rejected++;
    }
    printf("{\"corrupted\": %llu, \"rejected\": %llu, \"frame_unharmed\": %llu, \"accepted_wrongly\": %llu, \"bytes\": %llu}\n",
           (unsigned long long)corrupted, (unsigned long long)rejected, (unsigned long long)unharmed, (unsigned long long)wrong, (unsigned long long)bytes_read);
    return wrong != 0;
}

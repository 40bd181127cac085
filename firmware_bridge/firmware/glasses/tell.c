/* What the glasses say, by the channel that it takes. */
#include "tell.h"

void gp_glasses_send(gp_glasses *g, size_t bytes, uint32_t now_us) {
    if (!gp_link_push(&g->link, g->scratch, bytes, now_us)) gp_link_end(&g->link, GP_REASON_BUSY, now_us);
}

void gp_glasses_log(gp_glasses *g, uint8_t level, const char *text, uint32_t now_us) {
    size_t bytes = 0;
    while (text[bytes] && bytes < 80) bytes++;
    gp_log line = {now_us, level, (const uint8_t *)text, bytes};
    uint8_t message[96];
    gp_link_newest(&g->link, GP_CHANNEL_LOG, message, gp_write_log(&line, message, sizeof message), NULL, 0);
}

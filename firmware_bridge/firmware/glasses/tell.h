/* What the glasses say, by the channel that it takes. */
#ifndef GP_TELL_H
#define GP_TELL_H

#include "state.h"

/* Sends the message in `scratch` on the reliable channel; there is always room for an answer. */
void gp_glasses_send(gp_glasses *glasses, size_t bytes, uint32_t now_us);

/* A line of the log, up to 80 bytes; the newest wins. */
void gp_glasses_log(gp_glasses *glasses, uint8_t level, const char *text, uint32_t now_us);

#endif

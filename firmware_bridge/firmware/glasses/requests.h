/* What the host asks for. */
#ifndef GP_REQUESTS_H
#define GP_REQUESTS_H

#include "state.h"

/* A message from the host. */
void gp_glasses_message(gp_glasses *glasses, const uint8_t *message, size_t bytes, uint32_t now_us);

#endif

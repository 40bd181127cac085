/* MCUmgr's Simple Management Protocol: the part that updates need. One packet in, its answer out. */
#ifndef GP_SMP_H
#define GP_SMP_H

#include "upload.h"

#define GP_SMP_HEADER_BYTES 8

typedef struct {
    gp_slots slots;
    gp_upload upload;
    uint16_t buffer_bytes; /* the longest request, told to the host */
    uint8_t buffers; /* requests of that length that may be under way */
    bool wants_reset; /* the host asked for it; the answer goes out before */
} gp_smp;

/* The answer to a request of `bytes`, at most `room` bytes long; 0: it is no request and has none. */
size_t gp_smp_answer(gp_smp *smp, const uint8_t *request, size_t bytes, uint8_t *answer, size_t room);

#endif

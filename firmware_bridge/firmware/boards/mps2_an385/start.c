/* The start of the Cortex-M3: vectors, memory, then main. A fault starts the firmware again. */
#include <stdint.h>

#include "mps2.h"

extern uint32_t data_start[], data_end[], data_from[], bss_start[], bss_end[], stack_limit[], stack_top[];
int main(void);

void start(void) {
    uint32_t *from = data_from;
    for (uint32_t *to = data_start; to < data_end;) *to++ = *from++;
    for (uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
    for (uint32_t *to = stack_limit; to < (uint32_t *)__builtin_frame_address(0) - 16;) *to++ = MPS2_STACK_MARK;
    main();
    mps2_reset();
}

uint32_t mps2_stack_bytes(void) {
    const uint32_t *at = stack_limit;
    while (at < stack_top && *at == MPS2_STACK_MARK) at++;
    return (uint32_t)(stack_top - at) * 4;
}

static void fault(void) { mps2_reset(); }

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15 + 1])(void);
} VECTORS = {stack_top, {start, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, mps2_tick, mps2_received}};

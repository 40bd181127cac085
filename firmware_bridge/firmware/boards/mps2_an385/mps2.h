/* The parts of the MPS2 AN385 that the glasses use: a clock, a UART, a reset. */
#ifndef GP_MPS2_H
#define GP_MPS2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MPS2_STACK_MARK 0x5AC35AC3u

void mps2_begin(void);
uint32_t mps2_now_us(void);

/* Waits for an interrupt: a byte, or the next millisecond. */
void mps2_wait(void);

/* What was received, at most `room` bytes. */
size_t mps2_read(uint8_t *out, size_t room);

/* False: the UART is busy. */
bool mps2_write_byte(uint8_t byte);

void mps2_reset(void);

/* The deepest that the stack was, in bytes. */
uint32_t mps2_stack_bytes(void);

/* Interrupts. */
void mps2_tick(void);
void mps2_received(void);

#endif

/* Clock and UART of the MPS2 AN385 (Arm DAI 0385; CMSDK APB UART in DDI 0479; SysTick and SCB in the ARMv7-M manual). The
 * time is the FPGA's free counter: one composed of SysTick and its interrupt goes back for as long as the interrupt waits. */
#include "mps2.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define UART_DATA REGISTER(0x40004000u)
#define UART_STATE REGISTER(0x40004004u)
#define UART_CONTROL REGISTER(0x40004008u)
#define UART_INTERRUPT REGISTER(0x4000400Cu)
#define UART_DIVIDER REGISTER(0x40004010u)
#define TICK_CONTROL REGISTER(0xE000E010u)
#define TICK_RELOAD REGISTER(0xE000E014u)
#define TICK_VALUE REGISTER(0xE000E018u)
#define INTERRUPT_ENABLE REGISTER(0xE000E100u)
#define COUNTER REGISTER(0x40028018u)
#define COUNTER_PRESCALE REGISTER(0x4002801Cu)
#define SYSTEM_RESET REGISTER(0xE000ED0Cu)
enum { CLOCK_MHZ = 25, BAUD = 921600, TICKS = CLOCK_MHZ * 1000, HELD = 1024 };
enum { TX_FULL = 1, RX_FULL = 2, TX_ON = 1, RX_ON = 2, RX_INTERRUPT = 8, RX_FLAG = 2 };

static uint8_t held[HELD];
static volatile uint16_t head, tail; /* count on; the interrupt writes `tail` only, the program `head` only */

void mps2_begin(void) {
    UART_DIVIDER = CLOCK_MHZ * 1000000u / BAUD;
    UART_CONTROL = TX_ON | RX_ON | RX_INTERRUPT;
    INTERRUPT_ENABLE = 1; /* 0: UART 0 receive */
    COUNTER_PRESCALE = CLOCK_MHZ - 1; /* it counts microseconds */
    TICK_RELOAD = TICKS - 1;
    TICK_VALUE = 0;
    TICK_CONTROL = 7; /* processor clock, interrupt, on */
}

void mps2_tick(void) {} /* only wakes the program */

void mps2_received(void) {
    UART_INTERRUPT = RX_FLAG; /* before reading: a byte that comes after the last look must ask again */
    while (UART_STATE & RX_FULL) {
        uint8_t byte = (uint8_t)UART_DATA;
        if ((uint16_t)(tail - head) < HELD) held[tail++ % HELD] = byte; /* else it is lost; the frame's CRC will tell */
    }
}

uint32_t mps2_now_us(void) { return COUNTER; }

void mps2_wait(void) { __asm volatile("wfi"); }

size_t mps2_read(uint8_t *out, size_t room) {
    size_t bytes = 0;
    while (bytes < room && head != tail) out[bytes++] = held[head++ % HELD];
    return bytes;
}

bool mps2_write_byte(uint8_t byte) {
    if (UART_STATE & TX_FULL) return false;
    UART_DATA = byte;
    return true;
}

void mps2_reset(void) {
    SYSTEM_RESET = 0x05FA0004u;
    for (;;) {
    }
}

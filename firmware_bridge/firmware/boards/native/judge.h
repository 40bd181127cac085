/* What the C code makes of damaged streams and messages, in bytes that another implementation can compare with its own. */
#ifndef GP_JUDGE_H
#define GP_JUDGE_H

#include <stddef.h>
#include <stdint.h>

enum { JUDGE_STREAM_BYTES = 4096, JUDGE_VERDICT_BYTES = 4096, JUDGE_SESSION = 0x1234ABCD, JUDGE_CONNECTION = 7 };

/* Stream number `index`: one to three frames, damaged on the wire, or damaged before they were sealed. Its bytes. */
size_t judge_stream(uint64_t index, uint8_t out[JUDGE_STREAM_BYTES]);

/* For each decoded frame: 0 (wrong CRC), 1 (malformed), or 2, length u16 and the packet written again; at the end the
 * counts of frames that were too long and not COBS, one byte each. Its bytes. */
size_t judge_verdict(const uint8_t *stream, size_t bytes, uint8_t out[JUDGE_VERDICT_BYTES]);

/* A message read and written again; 0: it cannot be read; 1 byte 0xFF: its number is not known. */
size_t judge_message(const uint8_t *message, size_t bytes, uint8_t out[JUDGE_VERDICT_BYTES]);

/* The whole decoder as one call: COBS and CRC of a frame's content; what is behind it in `out`. -1: not COBS. */
int judge_cobs(const uint8_t *data, size_t bytes, uint8_t *out);

/* The frames of a message that is cut for an MTU, from sequence number `first` on, one behind the other. Their bytes. */
size_t judge_fragments(uint16_t mtu, uint16_t first, const uint8_t *message, size_t bytes, uint8_t *out);

/* A receiver with a window of four that expects `first`. */
void judge_receiver_begin(uint16_t first);

/* It gets a packet, the time stands still; what it acknowledges is written to `ack` (its bytes are returned), the messages that
 * it gives, each behind its length u16, to `taken`. -1: malformed, or it breaks the protocol. */
int judge_receiver(const uint8_t *packet, size_t bytes, uint8_t *ack, uint8_t *taken, size_t *taken_bytes);

#endif

/* The device's side of the link: sessions, channels, heartbeat. Bytes and time go in; frames and messages come out. */
#ifndef GP_LINK_H
#define GP_LINK_H

#include "newest.h"
#include "receiver.h"
#include "sender.h"

/* What the program is told. `is_new`: the session is new, its snapshot must follow. `is_kept`: it may be resumed. */
typedef struct {
    void *program;
    void (*opened)(void *program, bool is_new, uint32_t now_us);
    void (*lost)(void *program, bool is_kept, uint32_t now_us);
    void (*message)(void *program, const uint8_t *message, size_t bytes, uint32_t now_us);
} gp_link_program;

typedef enum { GP_IDLE, GP_OPEN, GP_PARKED } gp_link_state;

/* A control packet that waits, already written; `left_us` of a pong is filled in when it leaves. */
typedef struct {
    uint8_t packet[1 + GP_HELLO_FIXED_BYTES];
    uint8_t bytes;
    gp_seal seal;
} gp_control;

/* What was dropped. Nothing else happens because of it. */
typedef struct {
    uint32_t frames, wrong_crc, malformed, unexpected;
} gp_link_counters;

#define GP_CONTROLS 4

typedef struct {
    gp_link_program program;
    gp_link_state state;
    uint32_t boot, session;
    uint8_t connection;
    uint16_t mtu; /* the longest frame that this medium takes */
    uint32_t heard_us; /* the last valid packet; of a parked session when it was parked */
    gp_hello pending; /* session 0: none */
    uint32_t pending_us;
    gp_control welcome, pending_welcome; /* what a repeated hello is answered with */
    gp_seal seal, pending_seal;
    gp_control controls[GP_CONTROLS];
    uint8_t control_count;
    bool went_best_effort;
    gp_decoder decoder;
    gp_sender sender;
    gp_receiver receiver;
    gp_newest newest[4];
    uint8_t rings[GP_AUDIO_BYTES + GP_SENSOR_BYTES + GP_VIDEO_BYTES + GP_LOGGED_BYTES];
    uint8_t packet[GP_MAX_PACKET_BYTES + GP_CRC_BYTES];
    gp_link_counters counters;
} gp_link;

void gp_link_init(gp_link *link, gp_link_program program, uint32_t boot, uint16_t mtu);

/* The medium was opened (with frames of at most `mtu` bytes) or closed. A byte stream without such signs needs no call. */
void gp_link_opened(gp_link *link, uint16_t mtu);
void gp_link_closed(gp_link *link, uint32_t now_us);

/* Takes what the medium read. */
void gp_link_feed(gp_link *link, const uint8_t *data, size_t bytes, uint32_t now_us);

/* The next frame to write, or 0. */
size_t gp_link_frame(gp_link *link, uint32_t now_us, uint8_t out[GP_MAX_MTU]);

/* Lets time do what it does; call it at least every few milliseconds while there is a session. */
void gp_link_poll(gp_link *link, uint32_t now_us);

/* A reliable message. False: there is no room now; without a connection the session is then dropped. */
bool gp_link_push(gp_link *link, const uint8_t *message, size_t bytes, uint32_t now_us);

/* A reliable message that everything else goes before. False: one waits already. */
bool gp_link_push_bulk(gp_link *link, const uint8_t *message, size_t bytes);

/* A best-effort message; `far` may be NULL. Without a connection it is dropped. */
void gp_link_newest(gp_link *link, uint8_t channel, const uint8_t *message, size_t bytes, const uint8_t *far, size_t far_bytes);

/* Ends the session; the next frames say so. */
void gp_link_end(gp_link *link, uint8_t reason, uint32_t now_us);

#endif

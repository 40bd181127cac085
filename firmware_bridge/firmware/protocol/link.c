/* The device's side of the link as a state machine; docs/protocol.md has its table of states and deadlines. */
#include "link.h"

#define MS 1000u

/* A clock that is a little behind the one that `then_us` was read from is no long time. */
static bool is_past(uint32_t now_us, uint32_t then_us, uint32_t after_us) {
    uint32_t passed_us = now_us - then_us;
    return passed_us < 0x80000000u && passed_us >= after_us;
}

static void control(gp_link *l, const gp_control *packet) {
    if (l->control_count == GP_CONTROLS) { /* the oldest makes room: it is stale */
        memmove(l->controls, l->controls + 1, (GP_CONTROLS - 1) * sizeof *packet);
        l->control_count--;
    }
    l->controls[l->control_count++] = *packet;
}

static void leave(gp_link *l, gp_link_state state, uint32_t now_us) {
    bool was_open = l->state == GP_OPEN;
    l->state = state;
    l->heard_us = now_us;
    if (state == GP_IDLE) l->session = 0;
    if (was_open || state == GP_IDLE) l->program.lost(l->program.program, state == GP_PARKED, now_us);
}

void gp_link_init(gp_link *l, gp_link_program program, uint32_t boot, uint16_t mtu) {
    memset(l, 0, sizeof *l);
    l->program = program;
    l->boot = boot;
    l->mtu = mtu;
}

void gp_link_opened(gp_link *l, uint16_t mtu) {
    l->mtu = mtu < GP_MIN_MTU ? GP_MIN_MTU : mtu > GP_MAX_MTU ? GP_MAX_MTU : mtu;
    gp_decoder_reset(&l->decoder);
    l->control_count = 0;
}

void gp_link_closed(gp_link *l, uint32_t now_us) {
    l->pending.session = 0;
    if (l->state == GP_OPEN) leave(l, GP_PARKED, now_us);
}

void gp_link_end(gp_link *l, uint8_t reason, uint32_t now_us) {
    if (l->state == GP_IDLE) return;
    gp_control bye = {.seal = l->seal};
    bye.bytes = (uint8_t)gp_write_bye(&(gp_bye){reason}, bye.packet, sizeof bye.packet);
    if (l->state == GP_OPEN) control(l, &bye);
    leave(l, GP_IDLE, now_us);
}

static void refuse(gp_link *l, const gp_hello *hello, uint8_t reason) {
    gp_control packet;
    packet.seal = gp_seal_of(GP_NO_SESSION, GP_NO_CONNECTION);
    gp_refuse why = {reason, hello->session, hello->connection, l->boot};
    packet.bytes = (uint8_t)gp_write_refuse(&why, packet.packet, sizeof packet.packet);
    control(l, &packet);
}

static uint16_t room_for(const gp_link *l, const gp_hello *hello) {
    return gp_packet_room(hello->mtu < l->mtu ? hello->mtu : l->mtu);
}

static bool can_resume(const gp_link *l, const gp_hello *hello) {
    return l->state != GP_IDLE && l->session == hello->session && gp_sender_can_resume(&l->sender, hello->next) &&
           gp_receiver_can_resume(&l->receiver, room_for(l, hello)) &&
           gp_receiver_window(room_for(l, hello)) > (uint16_t)(l->receiver.next - l->receiver.taken);
}

static void hello_came(gp_link *l, const gp_hello *hello, uint32_t now_us) {
    if (!hello->session || !hello->window || hello->mtu < GP_MIN_MTU) {
        l->counters.malformed++;
        return;
    }
    if (!hello->version) {
        refuse(l, hello, GP_REASON_VERSION);
        return;
    }
    bool is_ours = l->state == GP_OPEN && l->session == hello->session;
    if (is_ours && l->connection == hello->connection) {
        control(l, &l->welcome); /* a double of the one that was answered */
        return;
    }
    if (is_ours && (int8_t)(hello->connection - l->connection) < 0) return; /* one that was overtaken by its successor */
    if (l->pending.session == hello->session && l->pending.connection == hello->connection &&
        l->pending.resumes == hello->resumes) {
        control(l, &l->pending_welcome);
        l->pending_us = now_us;
        return;
    }
    if (hello->resumes && !can_resume(l, hello)) {
        refuse(l, hello, GP_REASON_UNKNOWN_SESSION);
        return;
    }
    uint16_t in_order = hello->resumes ? (uint16_t)(l->receiver.next - l->receiver.taken) : 0;
    gp_welcome welcome = {.version = GP_PROTOCOL_VERSION, .boot = l->boot, .mtu = l->mtu};
    welcome.next = hello->resumes ? l->receiver.next : 0;
    welcome.window = (uint8_t)(gp_receiver_window(room_for(l, hello)) - in_order);
    l->pending = *hello;
    l->pending_us = now_us;
    l->pending_seal = gp_seal_of(hello->session, hello->connection);
    l->pending_welcome.seal = l->pending_seal;
    l->pending_welcome.bytes =
        (uint8_t)gp_write_welcome(&welcome, l->pending_welcome.packet, sizeof l->pending_welcome.packet);
    control(l, &l->pending_welcome);
}

static void fresh_channels(gp_link *l) {
    static const uint8_t DEPTHS[4] = {16, 8, 1, 16};
    static const uint16_t SIZES[4] = {GP_AUDIO_BYTES, GP_SENSOR_BYTES, GP_VIDEO_BYTES, GP_LOGGED_BYTES};
    uint8_t *ring = l->rings;
    gp_sender_init(&l->sender);
    gp_receiver_init(&l->receiver);
    for (uint8_t i = 0; i < 4; i++) {
        gp_newest_init(&l->newest[i], (uint8_t)(i + 1), DEPTHS[i], ring, SIZES[i]);
        ring += SIZES[i];
    }
}

/* The first valid packet under the pending seal: the host has the welcome, the connection is there. */
static void commit(gp_link *l, uint32_t now_us) {
    gp_hello hello = l->pending;
    bool is_new = !hello.resumes;
    l->pending.session = 0;
    if (is_new && l->state != GP_IDLE) leave(l, GP_IDLE, now_us);
    if (is_new) fresh_channels(l);
    l->session = hello.session;
    l->connection = hello.connection;
    l->seal = l->pending_seal;
    l->welcome = l->pending_welcome;
    l->heard_us = now_us;
    l->state = GP_OPEN;
    uint16_t room = room_for(l, &hello);
    gp_receiver_resume(&l->receiver, room);
    for (int i = 0; i < 4; i++) gp_newest_resume(&l->newest[i], room, hello.credit);
    if (!gp_sender_resume(&l->sender, hello.next, room, hello.window)) {
        gp_link_end(l, GP_REASON_PROTOCOL, now_us);
        return;
    }
    l->program.opened(l->program.program, is_new, now_us);
}

/* Messages are taken only while their answers have room. */
static void deliver(gp_link *l, uint32_t now_us) {
    const uint8_t *message;
    size_t bytes;
    while (l->state == GP_OPEN && gp_sender_room(&l->sender) >= GP_REPLY_BYTES) {
        gp_taken taken = gp_receiver_take(&l->receiver, now_us, &message, &bytes);
        if (taken == GP_NOTHING) return;
        if (taken == GP_BROKEN) {
            gp_link_end(l, GP_REASON_PROTOCOL, now_us);
            return;
        }
        l->program.message(l->program.program, message, bytes, now_us);
    }
}

static void ping_came(gp_link *l, const gp_packet *packet, uint32_t now_us) {
    gp_ping ping;
    gp_control answer = {.seal = l->seal};
    if (!gp_read_ping(&ping, packet->payload, packet->bytes)) return;
    gp_pong pong = {ping.sent_us, now_us, now_us};
    answer.bytes = (uint8_t)gp_write_pong(&pong, answer.packet, sizeof answer.packet);
    control(l, &answer);
}

static bool data_came(gp_link *l, const gp_packet *packet, uint32_t now_us) {
    if (packet->type == GP_ACK && packet->channel) {
        if (packet->channel <= 4) gp_newest_granted(&l->newest[packet->channel - 1], packet->number);
        else l->counters.unexpected++;
        return true;
    }
    if (packet->type == GP_BEST_EFFORT) {
        l->counters.unexpected++; /* no message goes to the device on such a channel */
        return true;
    }
    /* While a resumption is pending its numbers stay as the welcome said them. */
    bool is_settled = !l->pending.session || !l->pending.resumes;
    if ((packet->type == GP_ACK || packet->has_ack) && is_settled && !gp_sender_acknowledged(&l->sender, &packet->ack, now_us))
        return false;
    if (packet->type == GP_ACK) return true;
    if (l->pending.resumes) l->pending.session = 0; /* its welcome is not true any more */
    return gp_receiver_add(&l->receiver, packet, now_us);
}

static void packet_came(gp_link *l, const gp_packet *packet, bool is_pending, uint32_t now_us) {
    bool is_known = packet->type != GP_CONTROL || packet->channel == GP_CONTROL_PING || packet->channel == GP_CONTROL_BYE;
    if (!is_known) {
        l->counters.unexpected++; /* an echo of our own */
        return;
    }
    if (packet->type == GP_CONTROL && packet->channel == GP_CONTROL_BYE) {
        bool is_ours = !is_pending || (l->state != GP_IDLE && l->session == l->pending.session);
        l->pending.session = 0;
        if (is_ours) leave(l, GP_IDLE, now_us);
        return;
    }
    if (is_pending) {
        commit(l, now_us);
    } else if (l->state == GP_PARKED) { /* it was only quiet for a while */
        l->state = GP_OPEN;
        l->program.opened(l->program.program, false, now_us);
    }
    if (l->state != GP_OPEN) return;
    l->heard_us = now_us;
    if (packet->type == GP_CONTROL) {
        ping_came(l, packet, now_us);
    } else if (!data_came(l, packet, now_us)) {
        gp_link_end(l, GP_REASON_PROTOCOL, now_us);
    } else {
        deliver(l, now_us);
    }
}

static void body_came(gp_link *l, const uint8_t *body, size_t bytes, uint32_t now_us) {
    const gp_seal no_seal = gp_seal_of(GP_NO_SESSION, GP_NO_CONNECTION);
    l->counters.frames++;
    bool is_plain = bytes && gp_is_untagged(body[0]);
    bool is_current = !is_plain && l->state != GP_IDLE && gp_opens(body, bytes, &l->seal);
    bool is_pending = !is_plain && !is_current && l->pending.session && gp_opens(body, bytes, &l->pending_seal);
    if (!is_current && !is_pending && !(is_plain && gp_opens(body, bytes, &no_seal))) {
        l->counters.wrong_crc++;
        return;
    }
    gp_packet packet;
    if (!gp_packet_read(&packet, body, bytes - GP_CRC_BYTES)) {
        l->counters.malformed++;
    } else if (!is_plain) {
        packet_came(l, &packet, is_pending, now_us);
    } else if (packet.channel == GP_CONTROL_HELLO) {
        gp_hello hello;
        if (gp_read_hello(&hello, packet.payload, packet.bytes)) hello_came(l, &hello, now_us);
    } else {
        l->counters.unexpected++;
    }
}

void gp_link_feed(gp_link *l, const uint8_t *data, size_t bytes, uint32_t now_us) {
    const uint8_t *body;
    size_t body_bytes;
    while ((body = gp_decoder_feed(&l->decoder, &data, &bytes, &body_bytes)) != NULL) {
        body_came(l, body, body_bytes, now_us);
    }
}

void gp_link_poll(gp_link *l, uint32_t now_us) {
    if (l->pending.session && is_past(now_us, l->pending_us, GP_PENDING_MS * MS)) l->pending.session = 0;
    if (l->state == GP_OPEN && is_past(now_us, l->heard_us, GP_LOST_MS * MS)) leave(l, GP_PARKED, now_us);
    if (l->state == GP_PARKED && is_past(now_us, l->heard_us, GP_KEEP_S * 1000u * MS)) leave(l, GP_IDLE, now_us);
    deliver(l, now_us);
}

bool gp_link_push(gp_link *l, const uint8_t *message, size_t bytes, uint32_t now_us) {
    if (l->state == GP_IDLE) return true; /* the snapshot of the next session will tell */
    if (gp_sender_push(&l->sender, message, bytes)) return true;
    if (l->state == GP_PARKED) leave(l, GP_IDLE, now_us);
    return false;
}

bool gp_link_push_bulk(gp_link *l, const uint8_t *message, size_t bytes) {
    return l->state == GP_OPEN && gp_sender_push_bulk(&l->sender, message, bytes);
}

void gp_link_newest(gp_link *l, uint8_t channel, const uint8_t *message, size_t bytes, const uint8_t *far, size_t far_bytes) {
    if (l->state != GP_OPEN || channel < 1 || channel > 4 || bytes + far_bytes > GP_MAX_TO_HOST_BYTES) return;
    gp_newest_push(&l->newest[channel - 1], message, (uint16_t)bytes, far, (uint16_t)far_bytes);
}

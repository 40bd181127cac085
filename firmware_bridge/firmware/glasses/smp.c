/* MCUmgr's Simple Management Protocol: echo, reset and parameters of the OS group; state and upload of the image group.
 * Groups, commands and error numbers are those of Zephyr's SMP specification, versions 1 and 2. */
#include "smp.h"

#include "cbor.h"
#include "messages.h"

enum { READ = 0, WRITE = 2 };
enum { GROUP_OS = 0, GROUP_IMAGE = 1 };
enum { OS_ECHO = 0, OS_RESET = 5, OS_PARAMETERS = 6, IMAGE_STATE = 0, IMAGE_UPLOAD = 1 };
/* Results of version 1, and of the image group in version 2. */
enum { RC_INVALID = 3, RC_BAD_STATE = 6, RC_NOT_SUPPORTED = 8, RC_UNKNOWN = 1 };
enum { NO_IMAGE = 3, HASH_NOT_FOUND = 8, NO_FREE_SLOT = 9, WRITE_FAILED = 12, BAD_LENGTH = 21, BAD_HASH = 24, TOO_LARGE = 30, ACTIVE_DENIED = 33 };

typedef struct {
    uint8_t operation, version, command;
    uint16_t group;
    gp_cbor_reader fields;
    uint32_t left; /* pairs of the map that are not read */
    gp_cbor_writer out;
} request;

/* What the fields of all requests can be; the strings point into the request. */
typedef struct {
    gp_cbor_item d, data, sha, hash, off, len;
    bool has_off, has_len, confirm;
} fields;

static void fail(request *r, uint32_t rc, uint32_t image_rc) {
    r->out.bytes = 0;
    r->out.is_full = false;
    bool is_grouped = r->version >= 1 && image_rc;
    gp_cbor_head(&r->out, GP_CBOR_MAP, 1);
    if (is_grouped) {
        gp_cbor_text(&r->out, "err");
        gp_cbor_head(&r->out, GP_CBOR_MAP, 2);
        gp_cbor_uint(&r->out, "group", r->group);
    }
    gp_cbor_uint(&r->out, "rc", is_grouped ? image_rc : rc);
}

static bool read_fields(request *r, fields *f) {
    gp_cbor_item map, key, value;
    memset(f, 0, sizeof *f);
    if (r->fields.at == r->fields.end) return true;
    if (!gp_cbor_read(&r->fields, &map) || map.kind != GP_CBOR_MAP) return false;
    r->left = map.is_endless ? UINT32_MAX : map.value;
    while (gp_cbor_pair(&r->fields, &r->left, &key, &value)) {
        bool is_bytes = value.kind == GP_CBOR_BYTES, is_number = value.kind == GP_CBOR_UINT;
        if (gp_cbor_is(&key, "d") && value.kind == GP_CBOR_TEXT) f->d = value;
        if (gp_cbor_is(&key, "data") && is_bytes) f->data = value;
        if (gp_cbor_is(&key, "sha") && is_bytes) f->sha = value;
        if (gp_cbor_is(&key, "hash") && is_bytes) f->hash = value;
        if (gp_cbor_is(&key, "confirm")) f->confirm = value.kind == GP_CBOR_SIMPLE && value.value == 21;
        if (gp_cbor_is(&key, "off") && is_number) f->off = value, f->has_off = true;
        if (gp_cbor_is(&key, "len") && is_number) f->len = value, f->has_len = true;
    }
    return r->left == 0;
}

static void put_version(gp_cbor_writer *out, const gp_version *version) {
    char text[16];
    size_t at = sizeof text;
    const uint32_t parts[3] = {version->patch, version->minor, version->major};
    for (int i = 0; i < 3; i++) {
        uint32_t rest = parts[i];
        if (i) text[--at] = '.';
        do {
            text[--at] = (char)('0' + rest % 10);
        } while ((rest /= 10) != 0);
    }
    gp_cbor_text(out, "version");
    gp_cbor_bytes(out, GP_CBOR_TEXT, (const uint8_t *)text + at, sizeof text - at);
}

static void put_slot(gp_cbor_writer *out, const gp_slots *slots, int index) {
    const gp_slot *slot = &slots->slot[index];
    bool is_active = index == slots->active;
    bool is_pending = !is_active && slot->is_valid && slot->is_marked && (slot->is_confirmed ? slot->order > slots->slot[1 - index].order : !slot->is_tried);
    gp_cbor_head(out, GP_CBOR_MAP, 8);
    gp_cbor_uint(out, "slot", is_active ? 0 : 1);
    put_version(out, &slot->version);
    gp_cbor_text(out, "hash");
    gp_cbor_bytes(out, GP_CBOR_BYTES, slot->hash, GP_HASH_BYTES);
    gp_cbor_bool(out, "bootable", slot->is_valid);
    gp_cbor_bool(out, "pending", is_pending);
    gp_cbor_bool(out, "confirmed", is_active && slot->is_confirmed);
    gp_cbor_bool(out, "active", is_active);
    gp_cbor_bool(out, "permanent", is_pending && slot->is_confirmed);
}

/* Slot 0 of the answer is the image that runs, wherever it lies; slot 1 is the other one, if it is whole. */
static void put_state(gp_smp *smp, request *r) {
    int other = gp_slots_other(&smp->slots);
    bool has_active = smp->slots.active >= 0, has_other = smp->slots.slot[other].is_valid;
    gp_cbor_head(&r->out, GP_CBOR_MAP, 2);
    gp_cbor_text(&r->out, "images");
    gp_cbor_head(&r->out, GP_CBOR_ARRAY, (uint32_t)has_active + has_other);
    if (has_active) put_slot(&r->out, &smp->slots, smp->slots.active);
    if (has_other) put_slot(&r->out, &smp->slots, other);
    gp_cbor_uint(&r->out, "splitStatus", 0);
}

static bool is_hash_of(const gp_slots *slots, int index, const gp_cbor_item *hash) {
    return index >= 0 && slots->slot[index].is_valid && !memcmp(slots->slot[index].hash, hash->bytes, GP_HASH_BYTES);
}

static void set_state(gp_smp *smp, request *r, const fields *f) {
    gp_slots *slots = &smp->slots;
    bool has_hash = f->hash.bytes && f->hash.value == GP_HASH_BYTES;
    if (!has_hash && (f->hash.value || !f->confirm)) {
        fail(r, RC_INVALID, BAD_HASH);
    } else if (!has_hash || is_hash_of(slots, slots->active, &f->hash)) {
        if (!f->confirm) fail(r, RC_BAD_STATE, ACTIVE_DENIED);
        else if (!gp_slots_confirm(slots)) fail(r, RC_UNKNOWN, WRITE_FAILED);
        else put_state(smp, r);
    } else if (!is_hash_of(slots, gp_slots_other(slots), &f->hash)) {
        fail(r, RC_INVALID, HASH_NOT_FOUND);
    } else if (!gp_slots_test(slots, f->confirm)) {
        fail(r, RC_BAD_STATE, NO_FREE_SLOT);
    } else {
        put_state(smp, r);
    }
}

static void fail_upload(request *r, gp_upload_result result) {
    switch (result) {
        case GP_UPLOAD_TOO_LARGE: fail(r, RC_INVALID, TOO_LARGE); break;
        case GP_UPLOAD_INVALID: fail(r, RC_INVALID, BAD_LENGTH); break;
        case GP_UPLOAD_WRONG_HASH: fail(r, RC_INVALID, BAD_HASH); break;
        default: fail(r, RC_UNKNOWN, WRITE_FAILED); break;
    }
}

static void upload(gp_smp *smp, request *r, const fields *f) {
    const gp_slot *active = smp->slots.active < 0 ? NULL : &smp->slots.slot[smp->slots.active];
    gp_upload_result result = GP_UPLOAD_OK;
    if (!f->has_off) {
        fail(r, RC_INVALID, 0);
        return;
    }
    if (active && !active->is_confirmed) {
        fail(r, RC_BAD_STATE, NO_FREE_SLOT); /* the other slot is the way back */
        return;
    }
    if (f->off.value == 0) {
        if (!f->has_len || f->sha.value != GP_HASH_BYTES) {
            fail(r, RC_INVALID, BAD_HASH);
            return;
        }
        result = gp_upload_begin(&smp->upload, &smp->slots, f->len.value, f->sha.bytes);
    }
    bool is_wanted = f->off.value == smp->upload.at && f->data.value && !smp->upload.is_done;
    if (result == GP_UPLOAD_OK && is_wanted) result = gp_upload_add(&smp->upload, &smp->slots, f->data.bytes, f->data.value);
    if (result != GP_UPLOAD_OK) {
        fail_upload(r, result);
        return;
    }
    gp_cbor_head(&r->out, GP_CBOR_MAP, smp->upload.is_done ? 2 : 1);
    gp_cbor_uint(&r->out, "off", smp->upload.at);
    if (smp->upload.is_done) gp_cbor_bool(&r->out, "match", true);
}

static void answer(gp_smp *smp, request *r) {
    fields f;
    if (!read_fields(r, &f)) {
        fail(r, RC_INVALID, 0);
    } else if (r->group == GROUP_OS && r->command == OS_ECHO) {
        gp_cbor_head(&r->out, GP_CBOR_MAP, 1);
        gp_cbor_text(&r->out, "r");
        gp_cbor_bytes(&r->out, GP_CBOR_TEXT, f.d.bytes, f.d.value);
    } else if (r->group == GROUP_OS && r->command == OS_RESET && r->operation == WRITE) {
        smp->wants_reset = true;
        gp_cbor_head(&r->out, GP_CBOR_MAP, 0);
    } else if (r->group == GROUP_OS && r->command == OS_PARAMETERS && r->operation == READ) {
        gp_cbor_head(&r->out, GP_CBOR_MAP, 2);
        gp_cbor_uint(&r->out, "buf_size", smp->buffer_bytes);
        gp_cbor_uint(&r->out, "buf_count", smp->buffers);
    } else if (r->group == GROUP_IMAGE && r->command == IMAGE_STATE && r->operation == READ) {
        put_state(smp, r);
    } else if (r->group == GROUP_IMAGE && r->command == IMAGE_STATE && r->operation == WRITE) {
        set_state(smp, r, &f);
    } else if (r->group == GROUP_IMAGE && r->command == IMAGE_UPLOAD && r->operation == WRITE) {
        upload(smp, r, &f);
    } else {
        fail(r, RC_NOT_SUPPORTED, 0);
    }
}

size_t gp_smp_answer(gp_smp *smp, const uint8_t *packet, size_t bytes, uint8_t *out, size_t room) {
    if (bytes < GP_SMP_HEADER_BYTES || room < GP_SMP_HEADER_BYTES + 64) return 0;
    request r;
    memset(&r, 0, sizeof r);
    r.operation = packet[0] & 7;
    r.version = packet[0] >> 3 & 3;
    r.group = (uint16_t)(packet[4] << 8 | packet[5]);
    r.command = packet[7];
    if (r.operation != READ && r.operation != WRITE) return 0;
    size_t claimed = (size_t)(packet[2] << 8 | packet[3]);
    r.out.out = out + GP_SMP_HEADER_BYTES;
    r.out.room = room - GP_SMP_HEADER_BYTES;
    r.fields.at = packet + GP_SMP_HEADER_BYTES;
    r.fields.end = r.fields.at + claimed;
    if (claimed != bytes - GP_SMP_HEADER_BYTES) fail(&r, RC_INVALID, 0);
    else answer(smp, &r);
    if (r.out.is_full) fail(&r, 7 /* the answer is too long */, 0);
    memcpy(out, packet, GP_SMP_HEADER_BYTES);
    out[0] = (uint8_t)(packet[0] | 1); /* the answer to a read is 1, to a write 3 */
    gp_put1(out + 2, (uint32_t)(r.out.bytes >> 8));
    gp_put1(out + 3, (uint32_t)r.out.bytes);
    return GP_SMP_HEADER_BYTES + r.out.bytes;
}

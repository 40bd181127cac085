/* An image on its way into the other slot. The journal, in the slot's last sector: hash and size of the whole, then one word
 * for each sector that is full. A sector that was not full is written again from its beginning. */
#include "upload.h"

#include "messages.h"

enum { RECORD_BYTES = GP_HASH_BYTES + 8, DONE_AT = 64 };

static void record_text(const gp_upload *u, uint8_t out[RECORD_BYTES]) {
    memcpy(out, u->hash, GP_HASH_BYTES);
    gp_put4(out + GP_HASH_BYTES, u->whole_bytes);
    gp_put4(out + GP_HASH_BYTES + 4, ~u->whole_bytes);
}

static uint32_t slot_start(const gp_slots *s) { return (uint32_t)gp_slots_other(s) * s->flash->slot_bytes; }
static uint32_t journal(const gp_slots *s) { return gp_slots_trailer(s, gp_slots_other(s)); }

/* Full sectors of this very image that an earlier start has written; 0 as well if the journal is of another one. */
static uint32_t sectors_kept(const gp_upload *u, const gp_slots *s) {
    uint8_t right[RECORD_BYTES], found[RECORD_BYTES], word[4];
    record_text(u, right);
    if (!s->flash->read(s->flash->context, journal(s), found, sizeof found) || memcmp(found, right, sizeof found)) return 0;
    uint32_t full = 0;
    while (full * GP_SECTOR_BYTES < u->whole_bytes) {
        if (!s->flash->read(s->flash->context, journal(s) + DONE_AT + full * 4, word, sizeof word) || gp_get4(word)) break;
        full++;
    }
    return full;
}

static gp_upload_result finish(gp_upload *u, gp_slots *s) {
    uint8_t part[128], hash[GP_HASH_BYTES];
    gp_sha256 sha;
    gp_sha256_init(&sha);
    for (uint32_t at = 0; at < u->whole_bytes; at += sizeof part) {
        size_t bytes = u->whole_bytes - at < sizeof part ? u->whole_bytes - at : sizeof part;
        if (!s->flash->read(s->flash->context, slot_start(s) + at, part, bytes)) return GP_UPLOAD_FLASH;
        gp_sha256_add(&sha, part, bytes);
    }
    gp_sha256_end(&sha, hash);
    u->is_done = !memcmp(hash, u->hash, GP_HASH_BYTES);
    u->is_begun = u->is_done;
    gp_slots_look(s, gp_slots_other(s));
    return u->is_done ? GP_UPLOAD_OK : GP_UPLOAD_WRONG_HASH;
}

gp_upload_result gp_upload_begin(gp_upload *u, gp_slots *s, uint32_t whole_bytes, const uint8_t *hash) {
    if (whole_bytes > s->flash->slot_bytes - GP_SECTOR_BYTES) return GP_UPLOAD_TOO_LARGE;
    if (whole_bytes < GP_IMAGE_HEADER_BYTES + GP_HASH_BYTES) return GP_UPLOAD_INVALID;
    if (u->is_begun && u->whole_bytes == whole_bytes && !memcmp(u->hash, hash, GP_HASH_BYTES)) return GP_UPLOAD_OK;
    memset(u, 0, sizeof *u);
    u->whole_bytes = whole_bytes;
    memcpy(u->hash, hash, GP_HASH_BYTES);
    u->at = sectors_kept(u, s) * GP_SECTOR_BYTES;
    if (u->at >= whole_bytes) {
        u->at = whole_bytes;
        if (finish(u, s) == GP_UPLOAD_OK) return GP_UPLOAD_OK;
        u->at = 0;
    }
    u->is_begun = true;
    if (u->at) return GP_UPLOAD_OK;
    uint8_t record[RECORD_BYTES];
    record_text(u, record);
    u->is_begun = gp_slots_clear_marks(s) && s->flash->write(s->flash->context, journal(s), record, sizeof record);
    gp_slots_look(s, gp_slots_other(s));
    return u->is_begun ? GP_UPLOAD_OK : GP_UPLOAD_FLASH;
}

/* Writes at most to the end of the sector, in whole flash words; the image's last word is filled up. */
static uint32_t write_part(gp_upload *u, gp_slots *s, const uint8_t *data, uint32_t bytes) {
    const gp_flash *flash = s->flash;
    uint32_t left = GP_SECTOR_BYTES - u->at % GP_SECTOR_BYTES, to = slot_start(s) + u->at;
    uint32_t part = bytes < left ? bytes : left, whole = part - part % GP_WRITE_BYTES;
    uint8_t last[GP_WRITE_BYTES];
    if (u->at % GP_SECTOR_BYTES == 0 && !flash->erase(flash->context, to)) return UINT32_MAX;
    if (whole && !flash->write(flash->context, to, data, whole)) return UINT32_MAX;
    if (u->at + part == u->whole_bytes && part > whole) {
        memset(last, 0xFF, sizeof last);
        memcpy(last, data + whole, part - whole);
        if (!flash->write(flash->context, to + whole, last, sizeof last)) return UINT32_MAX;
        whole = part;
    }
    u->at += whole;
    bool is_full = whole && (u->at % GP_SECTOR_BYTES == 0 || u->at == u->whole_bytes);
    const uint8_t zeros[4] = {0};
    uint32_t word = journal(s) + DONE_AT + (u->at - 1) / GP_SECTOR_BYTES * 4;
    if (is_full && !flash->write(flash->context, word, zeros, sizeof zeros)) return UINT32_MAX;
    return whole;
}

gp_upload_result gp_upload_add(gp_upload *u, gp_slots *s, const uint8_t *data, uint32_t bytes) {
    if (!u->is_begun || bytes > u->whole_bytes - u->at) return GP_UPLOAD_INVALID;
    while (bytes) {
        uint32_t done = write_part(u, s, data, bytes);
        if (done == UINT32_MAX) {
            memset(u, 0, sizeof *u);
            return GP_UPLOAD_FLASH;
        }
        if (!done) break; /* less than a flash word: it comes again with what follows */
        data += done;
        bytes -= done;
    }
    return u->at == u->whole_bytes ? finish(u, s) : GP_UPLOAD_OK;
}

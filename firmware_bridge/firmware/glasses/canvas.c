/* A page of one-bit pixels; brightness levels above the middle are on. */
#include "canvas.h"

#include "font.h"

static void set(gp_canvas *c, uint32_t x, uint32_t y, bool is_on) {
    if (x >= GP_CANVAS_WIDTH || y >= GP_CANVAS_HEIGHT) return;
    uint8_t bit = (uint8_t)(0x80u >> x % 8), *byte = &c->pixels[(y * GP_CANVAS_WIDTH + x) / 8];
    *byte = (uint8_t)(is_on ? *byte | bit : *byte & ~bit);
}

static void fill(gp_canvas *c, uint32_t x, uint32_t y, uint32_t width, uint32_t height, bool is_on) {
    uint32_t right = x + width < GP_CANVAS_WIDTH ? x + width : GP_CANVAS_WIDTH;
    uint32_t bottom = y + height < GP_CANVAS_HEIGHT ? y + height : GP_CANVAS_HEIGHT;
    for (uint32_t row = y; row < bottom; row++) {
        for (uint32_t column = x; column < right; column++) set(c, column, row, is_on);
    }
}

void gp_canvas_clear(gp_canvas *c) { memset(c->pixels, 0, sizeof c->pixels); }

void gp_canvas_page(gp_canvas *c, uint16_t page) {
    if (page != c->page) gp_canvas_clear(c);
    c->page = page;
}

void gp_canvas_rect(gp_canvas *c, const gp_display_rect *r) {
    bool is_on = r->level >= 128;
    if (r->filled) {
        fill(c, r->x, r->y, r->width, r->height, is_on);
    } else if (r->width && r->height) {
        fill(c, r->x, r->y, r->width, 1, is_on);
        fill(c, r->x, (uint32_t)r->y + r->height - 1, r->width, 1, is_on);
        fill(c, r->x, r->y, 1, r->height, is_on);
        fill(c, (uint32_t)r->x + r->width - 1, r->y, 1, r->height, is_on);
    }
}

bool gp_canvas_bitmap(gp_canvas *c, const gp_display_bitmap *b) {
    if ((b->bits != 1 && b->bits != 4) || !b->width) return b->bits == 1 || b->bits == 4;
    uint32_t row_bytes = ((uint32_t)b->width * b->bits + 7) / 8;
    for (uint32_t i = 0; i < b->pixels_bytes; i++) {
        uint32_t y = b->y + i / row_bytes, x = i % row_bytes * 8 / b->bits;
        for (uint32_t k = 0; k < 8u / b->bits && x + k < b->width; k++) {
            bool is_on = b->bits == 1 ? b->pixels[i] >> (7 - k) & 1 : (b->pixels[i] >> (k ? 0 : 4) & 15) >= 8;
            set(c, b->x + x + k, y, is_on);
        }
    }
    return true;
}

/* The next sign of UTF-8; a byte that fits nowhere is a sign of its own, U+FFFD. */
static uint32_t next_sign(const uint8_t **at, const uint8_t *end) {
    uint32_t first = *(*at)++;
    if (first < 0x80) return first;
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    uint32_t sign = first & (0x3Fu >> more);
    if (first < 0xC2 || first > 0xF4) return 0xFFFD;
    for (; more; more--) {
        if (*at == end || (**at & 0xC0) != 0x80) return 0xFFFD;
        sign = sign << 6 | (*(*at)++ & 0x3Fu);
    }
    return sign;
}

static const uint8_t *glyph(uint32_t sign) {
    if (sign >= 0xC0 && sign <= 0xFF) sign = (uint8_t)GP_LATIN[sign - 0xC0];
    return sign >= 0x20 && sign <= 0x7E ? GP_GLYPHS[sign - 0x20] : GP_NO_GLYPH;
}

void gp_canvas_text(gp_canvas *c, const gp_display_text *t) {
    uint32_t scale = t->size < 2 * GP_GLYPH_HEIGHT ? 1 : t->size / GP_GLYPH_HEIGHT, x = t->x, y = t->y;
    const uint8_t *at = t->text, *end = t->text + t->text_bytes;
    while (at < end) {
        uint32_t sign = next_sign(&at, end);
        if (sign == '\n') {
            x = t->x;
            y += GP_GLYPH_HEIGHT * scale;
            continue;
        }
        const uint8_t *columns = glyph(sign);
        for (uint32_t i = 0; i < GP_GLYPH_COLUMNS * GP_GLYPH_HEIGHT && x < GP_CANVAS_WIDTH; i++) {
            uint32_t column = i / GP_GLYPH_HEIGHT, row = i % GP_GLYPH_HEIGHT;
            if (columns[column] >> row & 1) fill(c, x + column * scale, y + row * scale, scale, scale, t->level >= 128);
        }
        x += GP_GLYPH_WIDTH * scale;
    }
}

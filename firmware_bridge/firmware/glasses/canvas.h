/* A page of one-bit pixels: text, rectangles, bitmaps. What is outside is cut off. */
#ifndef GP_CANVAS_H
#define GP_CANVAS_H

#include "messages.h"

enum { GP_CANVAS_WIDTH = 256, GP_CANVAS_HEIGHT = 64, GP_CANVAS_BYTES = GP_CANVAS_WIDTH / 8 * GP_CANVAS_HEIGHT };

/* Rows of bytes, the leftmost pixel in the highest bit. */
typedef struct {
    uint8_t pixels[GP_CANVAS_BYTES];
    uint16_t page;
} gp_canvas;

/* Makes the page current; another page than before begins empty. */
void gp_canvas_page(gp_canvas *canvas, uint16_t page);
void gp_canvas_clear(gp_canvas *canvas);
void gp_canvas_text(gp_canvas *canvas, const gp_display_text *text);
void gp_canvas_rect(gp_canvas *canvas, const gp_display_rect *rect);

/* False: its bits per pixel are neither 1 nor 4. */
bool gp_canvas_bitmap(gp_canvas *canvas, const gp_display_bitmap *bitmap);

#endif

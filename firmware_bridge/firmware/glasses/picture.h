/* The camera's picture: a board without a camera takes this one each time. Written with picture.c. */
#ifndef GP_PICTURE_H
#define GP_PICTURE_H

#include <stdint.h>

enum { GP_PICTURE_WIDTH = 160, GP_PICTURE_HEIGHT = 120, GP_PICTURE_BYTES = 2099 };

extern const uint8_t GP_PICTURE[GP_PICTURE_BYTES];

#endif

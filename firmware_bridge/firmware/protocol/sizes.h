/* How much memory the protocol takes; a product with other messages changes these and nothing else. */
#ifndef GP_SIZES_H
#define GP_SIZES_H

#define GP_LOG_BYTES 4096 /* reliable messages that wait or are not acknowledged; a power of two */
#define GP_BULK_BYTES 500 /* the one bulk message that waits (a part of a photo) */
#define GP_HOLD_BYTES 4096 /* reliable packets that came out of order; the window is what fits */
#define GP_REPLY_BYTES 512 /* kept free for answers: a message is taken only when its answer has room */
#define GP_AUDIO_BYTES 1536 /* best-effort messages that wait, each channel; of more the oldest is dropped */
#define GP_SENSOR_BYTES 512
#define GP_VIDEO_BYTES 64 /* the picture itself stays where it is */
#define GP_LOGGED_BYTES 384

#endif

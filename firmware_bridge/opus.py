"""Opus (RFC 6716) packets, one a message, to samples and back, by libopus inside FFmpeg: the bridge's one file of PyAV.

A lost packet is not guessed: the next one is decoded as it is, and the gap shows in the counter of the samples, as with the
other codecs. (libopus could conceal it, FFmpeg's decoder gives no way to ask for that.)
"""

from __future__ import annotations

from typing import Final, cast

import av
import numpy as np
from numpy.typing import NDArray

_DECODED_HZ: Final = 48_000
"""what FFmpeg's decoder always gives"""
RATES_HZ: Final = (8000, 12_000, 16_000, 24_000, 48_000)
FRAMES_MS: Final = (5, 10, 20, 40, 60)
BIT_RATE: Final = 24_000
"""where speech of 16 kHz is good to the ear (opus-codec.org, recommended settings)"""


class Decoder:
    """One stream of packets. What comes out is about 8 ms late: the encoder's look-ahead and the filter of the rate."""

    def __init__(self, rate_hz: int) -> None:
        """`rate_hz`: of the samples that are wanted."""
        self._rate_hz = rate_hz
        codec = av.CodecContext.create("libopus", "r")
        self._codec = cast("av.AudioCodecContext", codec)
        self._codec.sample_rate, self._codec.layout = _DECODED_HZ, "mono"
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=rate_hz)
        self._held = np.zeros(0, np.int16)
        self.damaged = 0
        """packets that were none"""

    def decode(self, packet: bytes) -> NDArray[np.int16] | None:
        """int16[n], n as long as the packet's frame; None: it is no Opus."""
        if not packet:
            self.damaged += 1  # FFmpeg would take it for the end of the stream
            return None
        try:
            frames = self._codec.decode(av.Packet(packet))
        except av.FFmpegError:
            self.damaged += 1
            return None
        count = sum(frame.samples for frame in frames) * self._rate_hz // _DECODED_HZ
        parts = [self._held]
        for frame in frames:
            parts += [out.to_ndarray()[0] for out in self._resampler.resample(frame)]
        held = np.concatenate(parts)
        if len(held) < count:  # the filter of the rate has just begun
            held = np.concatenate([np.zeros(count - len(held), np.int16), held])
        samples, self._held = held[:count], held[count:]
        return samples


class Encoder:
    """One stream of packets of `frame_ms` each: what simulated glasses send."""

    def __init__(self, rate_hz: int, frame_ms: int) -> None:
        """Both are one of RATES_HZ and FRAMES_MS."""
        codec = av.CodecContext.create("libopus", "w")
        self._codec = cast("av.AudioCodecContext", codec)
        self._codec.sample_rate, self._codec.layout, self._codec.format = rate_hz, "mono", "s16"
        self._codec.bit_rate = BIT_RATE
        self._codec.options = {"application": "voip", "frame_duration": str(frame_ms)}
        self._codec.open()
        self._rate_hz = rate_hz

    def encode(self, samples: NDArray[np.int16]) -> bytes:
        """One packet of int16[rate_hz · frame_ms / 1000]."""
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="s16", layout="mono")
        frame.sample_rate = self._rate_hz
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))

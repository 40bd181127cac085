"""The echo canceller as hearing uses it: keeps what was played on the microphone's time, and works only while it matters.

While nothing is played, and has not been for TAIL_S, sound goes through untouched and costs nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.clock import S
from edge.perception import echo_delay
from edge.perception.echo_delay import EchoDelay
from edge.perception.echo_filter import BLOCK, EchoFilter
from edge.types import AudioChunk, Played

RATE_HZ: Final = 16_000
TAIL: Final = RATE_HZ // 2
"""samples after the last of the far end in which echo may still come"""
JITTER: Final = RATE_HZ // 250
"""samples, 4 ms, that stamps may be off before the count is set anew"""
KEPT: Final = 4 * RATE_HZ
"""samples of both sides that are kept"""
HEADROOM: Final = RATE_HZ // 50
"""samples, 20 ms, that the filter begins before the measured delay, but never before the sound: it is not there yet"""
OFF_CENTRE: Final = RATE_HZ * 4 // 100
"""samples, 40 ms, that the echo may come later than the filter begins before it is moved"""
MEASURE_EVERY: Final = 16
"""blocks with far end in them, 0.25 s, before the delay is known; then a quarter as often"""
DEAF: Final = 125
"""blocks, 2 s, of the first far end during which nothing is let through unless the delay was found: better deaf for a
moment than to hear oneself"""
LEARNING: Final = 31
"""blocks, 0.5 s, that the filter needs to learn the path"""


class _Line:
    """Samples by their number on the common time, the newest KEPT of them; what never came is silence."""

    def __init__(self) -> None:
        self._samples = np.zeros(KEPT, np.float32)
        self._end = 0
        self.last_sound = -KEPT
        """number past the newest sample that was put"""

    def put(self, samples: NDArray[np.int16], t_ns: int) -> int:
        """Right behind the samples before, or where the stamp says when that is elsewhere; the first one's number."""
        start = t_ns * RATE_HZ // S
        if abs(start - self.last_sound) <= JITTER:
            start = self.last_sound
        self._reach(start + len(samples))
        numbers = np.arange(max(start, self._end - KEPT), start + len(samples))
        self._samples[numbers % KEPT] = samples[len(samples) - len(numbers) :] / np.float32(32_768)
        self.last_sound = start + len(samples)
        return start

    def get(self, start: int, count: int) -> NDArray[np.float32]:
        """float32[count] from the sample numbered `start`."""
        self._reach(start + count)
        return self._samples[np.arange(start, start + count) % KEPT]

    def _reach(self, end: int) -> None:
        """Silence up to `end`."""
        if end > self._end:
            fresh = np.arange(max(self._end, end - KEPT), end)
            self._samples[fresh % KEPT] = 0
            self._end = end


class EchoCanceller:
    """What the speaker plays goes in by `far`, what the microphone hears comes clean out of `clean`."""

    def __init__(self) -> None:
        self._filter = EchoFilter()
        self._delay = EchoDelay()
        self._far, self._mic = _Line(), _Line()
        self.begins = 0
        """samples after the far end's stamps at which the filter begins"""
        self._rest = np.zeros(0, np.int16)
        """sound that waits for a whole block; in work, the block before it is held back too"""
        self._works = False
        self._since_measured = 0
        self._known = False
        """the delay was measured"""
        self._deaf = DEAF

    def far(self, played: Played) -> None:
        """Sound that leaves the speaker."""
        self._far.put(played.samples, played.t_ns)

    def clean(self, chunk: AudioChunk) -> tuple[AudioChunk, int]:
        """The sound without the far end, as far as it is whole, at its own capture time; and the blocks worked on."""
        start = self._mic.put(chunk.samples, chunk.t_ns)
        end = start + len(chunk.samples)
        if not self._matters(start, end):
            out = np.concatenate([self._rest, chunk.samples]) if len(self._rest) else chunk.samples
            self._works, self._rest = False, self._rest[:0]
            return self._chunk(out, chunk), 0
        samples = np.concatenate([self._rest, chunk.samples])
        at = end - len(samples)
        done = BLOCK if self._works else 0  # the block that is held back was worked on already
        out_blocks = []
        blocks = 0
        while done + BLOCK <= len(samples):
            clean = self._step(at + done)
            if self._works:
                out_blocks.append(clean)
            self._works = True
            done += BLOCK
            blocks += 1
        self._rest = samples[max(done - BLOCK, 0) :]
        joined = np.concatenate(out_blocks) if out_blocks else np.zeros(0, np.float32)
        clean16 = np.clip(joined * 32_768, -32_768, 32_767).astype(np.int16)
        return self._chunk(clean16, chunk), blocks

    def _chunk(self, samples: NDArray[np.int16], last: AudioChunk) -> AudioChunk:
        """Samples that end where `last` ends, less what waits."""
        samples.flags.writeable = False
        t_ns = last.end_ns - (len(samples) + len(self._rest)) * S // RATE_HZ
        return AudioChunk(t_ns, samples, RATE_HZ)

    def _matters(self, start: int, end: int) -> bool:
        return start - self.begins < self._far.last_sound + TAIL and end > 0 and self._far.last_sound > 0

    def _step(self, at: int) -> NDArray[np.float32]:
        far = self._far.get(at - self.begins, BLOCK)
        if far.any():
            self._since_measured += 1
            self._deaf -= self._deaf > 0
        if self._since_measured >= MEASURE_EVERY * (4 if self._known else 1):
            self._since_measured = 0
            self._measure(at + BLOCK)
        clean = self._filter.step(far, self._mic.get(at, BLOCK))
        return np.zeros_like(clean) if self._deaf else clean

    def _measure(self, end: int) -> None:
        """Move the filter when the echo lies outside of it, or nearly so."""
        start = end - echo_delay.STRETCH
        far = self._far.get(start - echo_delay.LATEST, echo_delay.STRETCH + echo_delay.LATEST - echo_delay.EARLIEST)
        found = self._delay.measure(self._mic.get(start, echo_delay.STRETCH), far)
        if found is None:
            return
        if not self.begins <= found <= self.begins + HEADROOM + OFF_CENTRE:
            # before its stamp an echo comes only where stamps are late: that sound is there already
            self.begins = max(0, found - HEADROOM) if found >= 0 else found - HEADROOM // 4
            self._filter.forget()
            self._deaf = LEARNING
        self._deaf = min(self._deaf, LEARNING)
        self._known = True

"""What is played, sample by sample: speech in, blocks out; made low, held or cut within one block. Knows what was heard.

The device asks for blocks from its own thread, others change the level at any time: one short lock.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.clock import S
from edge.types import Level, Played, Speech, Spoken

RATE_HZ: Final = 16_000
BLOCK: Final = 160
"""samples the device takes at once, 10 ms"""
RAMP: Final = 80
"""samples in which the level changes, 5 ms: no click"""
LOW: Final = 0.25
"""−12 dB while somebody else speaks"""
MOST: Final = 120 * RATE_HZ
"""samples that may wait; more are refused"""


@dataclass(frozen=True, slots=True)
class _Reached:
    """When so much of an answer has left the speaker."""

    at_ns: int
    spoken: Spoken


class Playout:
    """The pieces that wait, the place in the first of them, and the level."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: deque[Speech] = deque()
        self._at = 0
        """sample of the first piece that comes next"""
        self._texts: dict[int, str] = {}
        """of each answer that waits or plays, what was said so far and what the first piece says"""
        self._chars = 0
        """characters of the answer before the first piece"""
        self._level: Level = "full"
        self._until_ns = 0
        self._gain = 1.0
        self._fade: NDArray[np.int16] | None = None
        """the last samples of what was cut"""
        self._reached: deque[_Reached] = deque()
        self._heard = Spoken(-1, "", True)
        self._played: deque[Played] = deque()
        self._silenced_ns = -1
        self.refused = 0
        """samples that came when too many waited"""
        self.gaps = 0
        """blocks of silence within an answer: the voice came late"""

    @property
    def busy(self) -> bool:
        """Something waits, plays, or has not been told as heard."""
        with self._lock:
            return bool(self._pieces or self._reached or self._played)

    @property
    def waiting(self) -> int:
        """Samples that wait to be played."""
        with self._lock:
            return self._waiting()

    @property
    def silent(self) -> bool:
        """Whether blocks are silence now, whatever waits."""
        with self._lock:
            return self._gain == 0.0 or not self._pieces

    def add(self, speech: Speech) -> bool:
        """The next piece; whether it is taken."""
        with self._lock:
            if speech.t_ns <= self._silenced_ns:
                return True  # of an answer that was cut: it is over
            if self._waiting() + len(speech.samples) > MOST:
                self.refused += len(speech.samples)
                return False
            self._pieces.append(speech)
            return True

    def set_level(self, level: Level, until_ns: int) -> None:
        """From the next block on; low and silent end by themselves at `until_ns`."""
        with self._lock:
            self._level, self._until_ns = level, until_ns

    def cut(self, answer_ns: int, now_ns: int) -> None:
        """Drop this answer and all before it; what left the speaker by now is all that was heard of it."""
        with self._lock:
            self._silenced_ns = max(self._silenced_ns, answer_ns)
            if self._pieces and self._pieces[0].t_ns <= answer_ns:
                rest = self._pieces[0].samples[self._at : self._at + RAMP]
                self._fade = (rest * np.linspace(self._gain, 0, len(rest), dtype=np.float32)).astype(np.int16)
            while self._pieces and self._pieces[0].t_ns <= answer_ns:
                self._next_piece()
            self._level, self._gain = "full", 1.0
            heard = self._settle(now_ns)
            self._reached.clear()
            last = heard[-1] if heard else self._heard
            if last.t_ns != answer_ns:
                last = Spoken(answer_ns, "", False)
            if not (last.is_final and last.t_ns == answer_ns):
                self._reached.append(_Reached(now_ns, Spoken(answer_ns, last.text, True)))

    def block(self, count: int, t_ns: int) -> NDArray[np.int16]:
        """The next int16[count], of which the first sample will leave the speaker at `t_ns`. Called by the device."""
        with self._lock:
            if self._level != "full" and t_ns >= self._until_ns:
                self._level = "full"
            if self._level != "silent" and self._gain == 0.0 and self._pieces:
                self._at = 0  # after silence the sentence begins anew
            wanted = {"full": 1.0, "low": LOW, "silent": 0.0}[self._level]
            if self._fade is not None:
                out = np.zeros(count, np.int16)
                out[: len(self._fade)] = self._fade[:count]
                self._fade = None
                return self._out(out, t_ns)
            if (wanted == 0.0 and self._gain == 0.0) or not self._pieces:
                self._gain = wanted
                return np.zeros(count, np.int16)
            out = self._fill(count, t_ns)
            if wanted != self._gain:
                ramp = np.full(count, wanted, np.float32)
                ramp[: min(RAMP, count)] = np.linspace(self._gain, wanted, RAMP, dtype=np.float32)[:count]
                out = (out * ramp).astype(np.int16)
                self._gain = wanted
            elif wanted != 1.0:
                out = (out * np.float32(wanted)).astype(np.int16)
            return self._out(out, t_ns)

    def heard(self, now_ns: int) -> list[Spoken]:
        """What was heard since this was asked last: one for each word, the newest last."""
        with self._lock:
            return self._settle(now_ns)

    def played(self) -> list[Played]:
        """What left, or is about to leave, the speaker since this was asked last; blocks that follow are joined."""
        with self._lock:
            blocks = list(self._played)
            self._played.clear()
        joined: list[Played] = []
        for block in blocks:
            last = joined[-1] if joined else None
            if last is not None and abs(block.t_ns - last.t_ns - len(last.samples) * S // RATE_HZ) < S // 1000:
                joined[-1] = Played(last.t_ns, np.concatenate([last.samples, block.samples]), RATE_HZ)
            else:
                joined.append(block)
        for block in joined:
            block.samples.flags.writeable = False
        return joined

    def _out(self, out: NDArray[np.int16], t_ns: int) -> NDArray[np.int16]:
        out.flags.writeable = False
        if out.any():
            self._played.append(Played(t_ns, out, RATE_HZ))
        return out

    def _fill(self, count: int, t_ns: int) -> NDArray[np.int16]:
        out = np.zeros(count, np.int16)
        done = 0
        while self._pieces:
            piece = self._pieces[0]
            take = min(count - done, len(piece.samples) - self._at)
            out[done : done + take] = piece.samples[self._at : self._at + take]
            before, self._at = self._at, self._at + take
            done += take
            self._note(piece, before, t_ns + done * S // RATE_HZ)
            if self._at < len(piece.samples):
                break
            self._next_piece()
        else:
            self.gaps += done < count and self._chars > 0
        return out

    def _note(self, piece: Speech, before: int, at_ns: int) -> None:
        """The words of the first piece that end in what was taken from it just now."""
        ended = [m for m in piece.marks if (before < m.samples or m.samples == 0) and m.samples <= self._at]
        if ended:
            text = self._texts.get(piece.t_ns, "") + piece.text[: ended[-1].chars]
            self._reached.append(_Reached(at_ns, Spoken(piece.t_ns, text, piece.is_last)))

    def _next_piece(self) -> None:
        piece = self._pieces.popleft()
        self._at = 0
        self._texts[piece.t_ns] = self._texts.get(piece.t_ns, "") + piece.text
        self._chars = len(self._texts[piece.t_ns])
        if piece.is_last or piece.t_ns <= self._silenced_ns:
            self._chars = 0
            self._texts = {t: text for t, text in self._texts.items() if t > piece.t_ns}

    def _settle(self, now_ns: int) -> list[Spoken]:
        found = []
        while self._reached and self._reached[0].at_ns <= now_ns:
            spoken = self._reached.popleft().spoken
            if spoken.t_ns == self._heard.t_ns and len(spoken.text) < len(self._heard.text):
                continue  # a sentence that was begun anew: nothing new was heard
            if spoken != self._heard:
                found.append(spoken)
                self._heard = spoken
        return found

    def _waiting(self) -> int:
        return sum(len(p.samples) for p in self._pieces) - self._at

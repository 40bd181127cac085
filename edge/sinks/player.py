"""Plays speech through one output, falls silent when told to, and says what was played and what was heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.clock import MS, Now, S
from edge.errors import SourceError
from edge.sinks.clocked import ClockedOutput
from edge.sinks.playout import Playout
from edge.types import Failure, Interrupted, Played, Speech, Spoken, Tick, VoiceLevel

TICK_NS: Final = 20 * MS
"""how often what was played is passed on while the voice speaks: the echo canceller needs it before the echo comes"""
STALLED_NS: Final = 1 * S
"""an output that takes nothing for so long has lost its device"""


class Output(Protocol):
    """Where sound goes: a device that calls for blocks in its own thread, or a clock."""

    name: str
    keep_ns: int
    """how long it is kept running in silence, so that the next answer begins at once"""

    def start(self, fill: Callable[[int, int], NDArray[np.int16]]) -> None:
        """Call `fill` from now on, if it does not already. Raises SourceError."""
        ...

    def advance(self) -> None:
        """A clocked output takes what is due; a device does so by itself."""
        ...

    def flush(self) -> None:
        """Forget what was taken and has not sounded, if that is much."""
        ...

    def stop(self) -> None: ...
    def close(self) -> None: ...


class Player:
    """Stage: Speech, VoiceLevel, Interrupted → Played, Spoken. A lost device is a Failure, and captions go on in step."""

    takes = (Speech, VoiceLevel, Interrupted)
    controls = (VoiceLevel, Interrupted)

    def __init__(self, output: Output, now_ns: Now) -> None:
        self._device, self._now_ns = output, now_ns
        self._output: Output = output
        self._playout = Playout()
        self._blocks = 0
        """asked for by the output"""
        self._seen = (0, 0)
        """that count, and when it last changed"""
        self._until_ns: int | None = None
        """how long the output keeps running; None: it is stopped"""
        self._due_ns: int | None = None
        self._answer_ns = -1

    def due_ns(self) -> int | None:
        return self._due_ns

    def control(self, item: VoiceLevel | Interrupted) -> None:
        self._output.advance()  # up to this moment it was as before
        if isinstance(item, VoiceLevel):
            self._playout.set_level(item.level, item.until_ns)
            if item.level == "silent":
                self._output.flush()
        else:
            self._playout.cut(item.t_ns, self._now_ns())
            self._output.flush()

    def process(self, item: Speech | VoiceLevel | Interrupted | Tick) -> Iterator[Played | Spoken | Failure]:
        now_ns = self._now_ns()
        if isinstance(item, Speech):
            if not self._playout.add(item):
                yield Failure(now_ns, self._output.name, "the player is far behind: a sentence was left out")
            if item.t_ns != self._answer_ns:  # with each answer the device is tried again
                self._answer_ns, self._output = item.t_ns, self._device
            yield from self._start(now_ns)
        self._output.advance()
        yield from self._playout.played()
        yield from self._playout.heard(now_ns)
        if self._playout.busy:
            yield from self._watch(now_ns)
        elif self._until_ns is not None and now_ns >= self._until_ns:
            self._output.stop()
            self._until_ns = None
        self._due_ns = now_ns + TICK_NS if self._until_ns is not None and self._playout.busy else self._until_ns

    def interrupt(self) -> None:
        """Fall silent now."""
        self._playout.cut(self._answer_ns, self._now_ns())
        self._output.flush()

    def close(self) -> None:
        """Give the device back; the worker must have ended."""
        self._output.close()
        self._device.close()

    def _start(self, now_ns: int) -> Iterator[Failure]:
        try:
            self._output.start(self._fill)
        except SourceError as error:
            yield from self._without(str(error), now_ns)
        if self._until_ns is None:
            self._seen = (self._blocks, now_ns)
        self._until_ns = now_ns + self._output.keep_ns

    def _watch(self, now_ns: int) -> Iterator[Failure]:
        """The output must take blocks while something waits."""
        self._until_ns = now_ns + self._output.keep_ns
        if self._seen[0] != self._blocks:
            self._seen = (self._blocks, now_ns)
        elif now_ns - self._seen[1] > STALLED_NS:
            yield from self._without(f"{self._output.name} takes no more sound: is it unplugged?", now_ns)

    def _without(self, error: str, now_ns: int) -> Iterator[Failure]:
        """Go on without the device: words are shown when they would have been heard."""
        yield Failure(now_ns, self._output.name, f"{error}; answers go on as captions")
        self._output.stop()
        self._output = ClockedOutput(self._now_ns)
        self._output.start(self._fill)
        self._seen = (self._blocks, now_ns)

    def _fill(self, count: int, t_ns: int) -> NDArray[np.int16]:
        self._blocks += 1
        return self._playout.block(count, t_ns)

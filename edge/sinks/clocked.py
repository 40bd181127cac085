"""An output without a device: it takes sound as fast as the clock goes, and may write it down. For replays and WAV files."""

from __future__ import annotations

import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from edge.clock import Now, S
from edge.errors import ConfigError

RATE_HZ: Final = 16_000
BLOCK: Final = 160
BLOCK_NS: Final = BLOCK * S // RATE_HZ
Fill = Callable[[int, int], NDArray[np.int16]]
"""(samples, when the first of them leaves the speaker in ns) → int16[samples]"""


class ClockedOutput:
    """Output: on a virtual clock it is exact to the block; on a real one it catches up whenever it is asked to."""

    def __init__(self, now_ns: Now, wav: wave.Wave_write | None = None, file: BinaryIO | None = None) -> None:
        self.name, self.keep_ns = "speaker", 0
        self._now_ns, self._wav, self._file = now_ns, wav, file
        self._fill: Fill | None = None
        self._next_ns = 0
        self._lock = threading.RLock()

    def start(self, fill: Fill) -> None:
        with self._lock:
            if self._fill is None:
                self._fill, self._next_ns = fill, self._now_ns()

    def advance(self) -> None:
        with self._lock:
            now_ns = self._now_ns()
            while self._fill is not None and self._next_ns + BLOCK_NS <= now_ns:
                samples = self._fill(BLOCK, self._next_ns)
                if self._wav is not None:
                    self._wav.writeframes(samples.tobytes())
                self._next_ns += BLOCK_NS

    def flush(self) -> None:
        """Nothing waits in a device."""

    def stop(self) -> None:
        with self._lock:
            self._fill = None

    def close(self) -> None:
        """Finish the file."""
        self.stop()
        if self._wav is not None:
            self._wav.close()
        if self._file is not None:
            self._file.close()


def wav_output(path: Path, now_ns: Now) -> ClockedOutput:
    """What is spoken, without the time between answers, into a new WAV file.

    Raises:
        ConfigError: the file exists or cannot be written.
    """
    try:
        file = path.open("xb")
    except FileExistsError as error:
        text = f"{path} exists already and is not written over: set sinks.speaker to another file"
        raise ConfigError(text) from error
    except OSError as error:
        raise ConfigError(f"{path} could not be written ({error.strerror}): set sinks.speaker") from error
    wav = wave.open(file, "wb")  # noqa: SIM115 (closed by `close`)
    wav.setnchannels(1)
    wav.setsampwidth(2)
    wav.setframerate(RATE_HZ)
    return ClockedOutput(now_ns, wav, file)

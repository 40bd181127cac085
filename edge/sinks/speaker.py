"""Speaks answers with espeak-ng, into a speaker or a WAV file."""

from __future__ import annotations

import shutil
import subprocess
import threading
import wave
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge import portaudio
from edge.errors import ConfigError, SourceError
from edge.types import Answer, Event

SPEAK_TIMEOUT_S: Final = 10.0


class Speaker:
    """Stage: Answer → sound."""

    takes = (Answer,)

    def __init__(self, device: str, voice: str) -> None:
        """Find the voice; make the WAV file if `device` names one.

        Raises:
            ConfigError: espeak-ng is not installed, or the file exists or cannot be written.
        """
        program = shutil.which("espeak-ng")
        if program is None:
            raise ConfigError("answers cannot be spoken without espeak-ng: sudo apt-get install -y espeak-ng")
        self._program, self._voice, self._device = program, voice, device
        self._wav = _create(Path(device)) if device.endswith(".wav") else None
        self._stop = threading.Event()

    def process(self, item: Event) -> Iterator[Event]:
        if isinstance(item, Answer) and item.text:
            samples, rate_hz = self._speak(item.text)
            if self._wav is None:
                portaudio.play(self._device, samples, rate_hz, self._stop)
            else:
                if self._wav.getnframes() == 0:
                    self._wav.setframerate(rate_hz)
                self._wav.writeframes(samples.tobytes())
        yield from ()

    def interrupt(self) -> None:
        """Fall silent now."""
        self._stop.set()

    def close(self) -> None:
        """Finish the WAV file; the worker must have ended."""
        if self._wav is not None:
            self._wav.close()

    def _speak(self, text: str) -> tuple[NDArray[np.int16], int]:
        command = [self._program, "-v", self._voice, "--stdout", "--stdin"]
        try:
            done = subprocess.run(
                command, input=text.encode(), capture_output=True, timeout=SPEAK_TIMEOUT_S, check=True
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise SourceError(f"espeak-ng could not speak ({error}): check sinks.voice={self._voice!r}") from error
        # espeak-ng streams, so the sizes in its WAV header are not true: only the format is read from it
        with wave.open(BytesIO(done.stdout)) as spoken:
            return np.frombuffer(done.stdout[44:], np.int16), spoken.getframerate()


def _create(path: Path) -> wave.Wave_write:
    if path.exists():
        raise ConfigError(f"{path} exists already and is not written over: set sinks.speaker to another file")
    try:
        wav = wave.open(str(path), "wb")  # noqa: SIM115 (closed by `close`)
    except OSError as error:
        raise ConfigError(f"{path} could not be written ({error.strerror}): set sinks.speaker") from error
    wav.setnchannels(1)
    wav.setsampwidth(2)
    wav.setframerate(22_050)
    return wav

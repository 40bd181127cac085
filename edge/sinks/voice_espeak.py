"""espeak-ng's voice, through ctypes: small, in a hundred languages, a sentence in some milliseconds, and it says when
each word is spoken. Install it with: sudo apt-get install -y espeak-ng

The library (GPL-3.0-or-later) is the system's own; nothing of it comes with this project. It keeps state between calls
(the voice's flutter goes on where it was), so each voice loads a copy of its own: two replays sound the same.
"""

from __future__ import annotations

import ctypes
import shutil
import tempfile
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_short, c_size_t, c_uint, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError, SourceError
from edge.sinks.marks import regular
from edge.types import Mark

LIBRARIES: Final = ("libespeak-ng.so.1", "libespeak-ng.dylib", "libespeak-ng.dll")
APT: Final = "sudo apt-get install -y espeak-ng, or set sinks.voice.kind to another voice"
SYNCHRONOUS: Final = 2  # AUDIO_OUTPUT_SYNCHRONOUS of speak_lib.h, as all numbers here
UTF8: Final = 1
WORD_EVENT: Final = 1
RATE_PARAMETER: Final = 1
PITCH_PARAMETER: Final = 3


@dataclass(frozen=True, slots=True)
class Options:
    """How the voice sounds."""

    voice: str = "en-us"
    """a voice or a language, as `espeak-ng --voices` lists them"""
    words_per_minute: int = 165
    pitch: int = 50
    """0..99"""


class _Event(Structure):
    _fields_ = (
        ("type", c_int), ("unique_identifier", c_uint), ("text_position", c_int), ("length", c_int),
        ("audio_position", c_int), ("sample", c_int), ("user_data", c_void_p), ("id", c_int64),
    )  # fmt: skip


_Callback = CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


class Espeak:
    """Text in, int16 samples and word marks out."""

    def __init__(self, options: Options) -> None:
        self._lib, self.rate_hz = _started()
        if self._lib.espeak_SetVoiceByName(options.voice.encode()) != 0:
            raise ConfigError(
                f"espeak-ng has no voice {options.voice!r}: set sinks.voice.voice to one of 'espeak-ng --voices'"
            )
        self._lib.espeak_SetParameter(RATE_PARAMETER, options.words_per_minute, 0)
        self._lib.espeak_SetParameter(PITCH_PARAMETER, options.pitch, 0)

    def say(self, text: str) -> tuple[NDArray[np.int16], tuple[Mark, ...]]:
        """The sound, int16[n] at `rate_hz`, and where in it the words end.

        Raises:
            SourceError: espeak-ng refused.
        """
        text = text.replace("\0", " ")
        blocks: list[bytes] = []
        starts: list[tuple[int, int]] = []

        def on_block(samples: Any, count: int, events: Any) -> int:
            if samples and count > 0:
                blocks.append(ctypes.string_at(samples, count * 2))
            i = 0
            while events[i].type:
                if events[i].type == WORD_EVENT:
                    starts.append((events[i].text_position - 1, events[i].sample))
                i += 1
            return 0

        callback = _Callback(on_block)
        data = text.encode()
        self._lib.espeak_SetSynthCallback(callback)
        status = self._lib.espeak_Synth(data, len(data) + 1, 0, 1, 0, UTF8, None, None)
        if status != 0:
            raise SourceError(f"espeak-ng could not speak (status {status}): is it installed whole? {APT}")
        sound = np.frombuffer(b"".join(blocks), np.int16)
        return sound, regular([Mark(*start) for start in starts[1:]], len(text), len(sound))


def _own_copy() -> Any:
    """The library with state of its own, where the system says where the file is; otherwise the one that all share."""
    for name in LIBRARIES:
        try:
            shared = ctypes.CDLL(name)
        except OSError:
            continue
        maps = Path("/proc/self/maps")
        lines = maps.read_text().splitlines() if maps.is_file() else []
        path = next((line[line.index("/") :] for line in lines if f"/{name}" in line), None)
        if path is None:
            return shared
        with tempfile.NamedTemporaryFile(suffix=".so") as copy:
            shutil.copyfile(path, copy.name)
            return ctypes.CDLL(copy.name)
    raise ConfigError(f"answers cannot be spoken without espeak-ng: {APT}")


def _started() -> tuple[Any, int]:
    """The library and its rate in Hz."""
    lib = _own_copy()
    lib.espeak_Initialize.argtypes = [c_int, c_int, c_char_p, c_int]
    lib.espeak_SetVoiceByName.argtypes = [c_char_p]
    lib.espeak_SetParameter.argtypes = [c_int, c_int, c_int]
    lib.espeak_SetSynthCallback.argtypes = [_Callback]
    lib.espeak_Synth.argtypes = [c_char_p, c_size_t, c_uint, c_int, c_uint, c_uint, c_void_p, c_void_p]
    rate_hz = lib.espeak_Initialize(SYNCHRONOUS, 0, None, 1 << 15)  # 1 << 15: do not end the process without its data
    if rate_hz <= 0:
        raise ConfigError(f"espeak-ng's data are not there: {APT}")
    return lib, rate_hz


def build(options: Options) -> Espeak:
    """Load the voice.

    Raises:
        ConfigError: espeak-ng is not installed, or has no such voice.
    """
    return Espeak(options)

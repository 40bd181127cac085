"""Piper's neural voices, the ones to recommend: pip install 'glasspath[piper]', and a voice file (docs/voice.md).

The package (piper-tts, GPL-3.0-or-later) is an extra and is imported only when this voice is chosen. Most voice files do
not say when they speak which word, so that word times are estimated by letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError, ModelError, SourceError
from edge.sinks.marks import estimated
from edge.types import Mark

EXTRA: Final = "pip install 'glasspath[piper]', or set sinks.voice.kind=espeak"


@dataclass(frozen=True, slots=True)
class Options:
    """Which voice speaks."""

    model: str = ""
    """path of the voice, a .onnx file with its .onnx.json beside it"""
    speaker: int = -1
    """number of the speaker in a voice that has many; -1: its first"""
    slowness: float = 1.0
    """length of the sounds: 1.2 speaks slower, 0.8 faster"""


class Piper:
    """Text in, int16 samples and word marks out."""

    def __init__(self, options: Options) -> None:
        """Load the voice.

        Raises:
            ConfigError: piper-tts is not installed, or no voice file is named.
            ModelError: the voice file is not there or not usable.
        """
        path = Path(options.model).expanduser()
        if not options.model:
            raise ConfigError("piper needs a voice: set sinks.voice.model to a .onnx file (docs/voice.md)")
        if not path.is_file() or not Path(f"{path}.json").is_file():
            raise ModelError(f"piper voice {path} or {path.name}.json is not there: download both (docs/voice.md)")
        try:
            from piper import PiperVoice, SynthesisConfig
        except ImportError as error:
            raise ConfigError(f"piper-tts is not installed ({error}): {EXTRA}") from error
        speaker = None if options.speaker < 0 else options.speaker
        self._how = SynthesisConfig(speaker_id=speaker, length_scale=options.slowness)
        try:
            self._voice: Any = PiperVoice.load(path)
        except Exception as error:  # onnxruntime and json raise their own
            raise ModelError(f"piper voice {path} cannot be used ({error}): download it again") from error
        self.rate_hz = int(self._voice.config.sample_rate)

    def say(self, text: str) -> tuple[NDArray[np.int16], tuple[Mark, ...]]:
        """The sound, int16[n] at `rate_hz`, and where in it the words end.

        Raises:
            SourceError: piper failed.
        """
        try:
            parts = [chunk.audio_int16_array for chunk in self._voice.synthesize(text, self._how)]
        except Exception as error:  # onnxruntime raises its own
            raise SourceError(f"piper could not speak ({error}): set sinks.voice.kind=espeak") from error
        sound = np.concatenate([*parts, np.zeros(0, np.int16)]).astype(np.int16)
        return sound, estimated(text, len(sound))


def build(options: Options) -> Piper:
    return Piper(options)

"""Speech recognition by Moonshine's streaming models (extra `moonshine`): the one to recommend; its models are pulled.

Endpointing is the runtime's own, so each utterance is one stream of the library, started and stopped with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from edge.errors import ModelError
from edge.types import Transcript, Utterance, Work


@dataclass(frozen=True, slots=True)
class Options:
    """Which model."""

    model: str
    """folder with the files that `python -m moonshine_voice.download --language en` brings"""
    size: Literal["tiny", "base", "small", "medium"] = "tiny"
    streaming: bool = True
    update_s: float = 0.5
    """at most this often the words so far are made anew"""


class Moonshine:
    """Stage: Utterance → Transcript."""

    def __init__(self, transcriber: Any, update_s: float) -> None:
        self._transcriber, self._update_s = transcriber, update_s
        self._stream: Any = None
        self._text = ""
        self._heard_s = 0.0

    def process(self, part: Utterance) -> Iterator[Transcript | Work]:
        if self._stream is None:
            self._stream = self._transcriber.create_stream(update_interval=self._update_s)
            self._stream.start()
            self._text, self._heard_s = "", 0.0
        seconds = len(part.samples) / part.rate_hz
        self._heard_s += seconds
        if seconds:
            self._stream.add_audio((part.samples / np.float32(32768)).tolist(), part.rate_hz)
            yield Work("asr", seconds)
        if part.is_final:
            text = _joined(self._stream.stop())
            self._stream.close()
            self._stream = None
            yield Work("asr_final", self._heard_s)
            yield Transcript(part.t_ns, part.end_ns, text, 1.0 if text else 0.0, is_final=True)
            return
        text = _joined(self._stream.update_transcription())
        if text and text != self._text:
            self._text = text
            yield Transcript(part.t_ns, part.end_ns, text, 0.0, is_final=False)


def build(options: Options) -> Moonshine:
    """Load the recogniser.

    Raises:
        ModelError: the package or the model is not there, or the model is not usable.
    """
    try:
        from moonshine_voice import ModelArch, Transcriber
    except (ImportError, OSError) as error:
        raise ModelError(f"Moonshine is not installed ({error}): pip install 'glasspath[moonshine]'") from error
    if not Path(options.model).is_dir():
        raise ModelError(f"Moonshine's model folder {options.model!r} is not there: "
                         "python -m moonshine_voice.download --language en shows where it puts it")  # fmt: skip
    arch = ModelArch[options.size.upper() + ("_STREAMING" if options.streaming else "")]
    try:
        return Moonshine(Transcriber(options.model, arch, update_interval=options.update_s), options.update_s)
    except Exception as error:  # the library's errors share no root but Exception
        raise ModelError(
            f"Moonshine could not load {options.model} ({error}): is it the {options.size} model?"
        ) from error


def _joined(transcript: Any) -> str:
    """The lines of a transcript as one text; the library may split an utterance at its own pauses."""
    lines = [] if transcript is None else transcript.lines
    return " ".join(line.text.strip() for line in lines if line.text.strip())

"""Wake words by microWakeWord's networks in the pymicro-wakeword package (extra `wake`; four models included)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

FEATURE_MS: Final = 10


@dataclass(frozen=True, slots=True)
class Options:
    """Which word, and how sure it must be."""

    word: str = "okay_nabu"
    """alexa, hey_jarvis, hey_mycroft, okay_nabu, or the path of a microWakeWord .json with its .tflite beside it"""
    min_score: float = 0.0
    """0: the model's own cut-off"""
    quiet_ms: int = 1_000
    """a word that was heard is not heard again within this time"""


class MicroWake:
    """Fed with windows of 512 samples; fires once per word."""

    def __init__(self, model: Any, features: Any, options: Options) -> None:
        self._model, self._features = model, features
        self._min_score = options.min_score or model.probability_cutoff
        self._quiet = options.quiet_ms // FEATURE_MS
        self._silent = 0
        """features for which nothing is heard"""

    def heard(self, window: NDArray[np.int16]) -> tuple[str, float] | None:
        """Name and score when the word ends in this window, int16[512] at 16 kHz."""
        found = None
        for feature in self._each(window):
            score = self._model.process_streaming_prob(feature)  # 0.0 for those between the network's strides
            self._silent -= 1
            if score is not None and score > self._min_score and self._silent < 0:
                self._silent = self._quiet
                found = (str(self._model.id), float(score))
        return found

    def _each(self, window: NDArray[np.int16]) -> Iterable[Any]:
        return list(self._features.process_streaming(window.tobytes()))


def build(options: Options) -> MicroWake:
    """Load a wake word.

    Raises:
        ModelError: the package or the word is not there.
    """
    try:
        from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model
    except ImportError as error:
        raise ModelError("wake words need the package pymicro-wakeword: pip install 'glasspath[wake]'") from error
    if options.word.endswith(".json"):
        if not Path(options.word).is_file():
            raise ModelError(f"wake word {options.word} is not there: check the path")
        try:
            network = Path(options.word).parent / json.loads(Path(options.word).read_text("utf-8"))["model"]
            _check(network)
            model = MicroWakeWord.from_config(options.word)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"wake word {options.word} is not a microWakeWord description ({error}): get it again"
            ) from error
    else:
        known = [m.value for m in Model]
        if options.word not in known:
            raise ModelError(f"there is no wake word {options.word!r}: {', '.join(known)}, or the path of a .json file")
        model = MicroWakeWord.from_builtin(Model(options.word))
    return MicroWake(model, MicroWakeWordFeatures(), options)


def _check(network: Path) -> None:
    """The package hands on what TensorFlow Lite makes of a file without a look at it: one that is not good crashes."""
    if not network.is_file():
        raise ModelError(f"wake word network {network} is not there: put it beside its .json")
    with network.open("rb") as file:
        named = file.read(8)[4:] == b"TFL3"
    if not named or not _is_usable(network):
        raise ModelError(f"wake word network {network} is not a TensorFlow Lite file or is cut off: get it again")


def _is_usable(network: Path) -> bool:
    import pymicro_wakeword
    from pymicro_wakeword.wakeword import TfLiteWakeWord

    library = next(Path(pymicro_wakeword.__file__).parent.glob("lib/*tensorflowlite_c.*"))
    lib = TfLiteWakeWord(library).lib
    model = lib.TfLiteModelCreateFromFile(str(network).encode())
    interpreter = lib.TfLiteInterpreterCreate(model, None) if model else None
    usable = bool(interpreter) and lib.TfLiteInterpreterAllocateTensors(interpreter) == 0
    if interpreter:
        lib.TfLiteInterpreterDelete(interpreter)
    if model:
        lib.TfLiteModelDelete(model)
    return usable

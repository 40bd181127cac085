"""PocketSphinx's decoder through ctypes: the package's own binding keeps Python's lock for the whole of each call.

While it decoded a second of speech nobody else could see, hear or answer (stalls of 0.6 s at each utterance). ctypes lets
the lock go. The library is the package's own extension module, which exports PocketSphinx's C API (pocketsphinx.h).
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int16, c_int32, c_size_t, c_void_p
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

STATES_PER_FRAME: Final = 3_000
"""active HMM states searched per frame; PocketSphinx's 30,000 takes twice the time for the same words (WER 0.307 on the
transcribed clips with both; 0.328 with 2,000)"""


def model_folder() -> Path:
    """Where the package keeps its English models.

    Raises:
        ModelError: the package is not installed.
    """
    return _package() / "model" / "en-us"


def _package() -> Path:
    spec = importlib.util.find_spec("pocketsphinx")
    if spec is None or spec.origin is None:
        raise ModelError("pocketsphinx is not installed: run make setup, or choose another hearing.asr.kind")
    return Path(spec.origin).parent


def _library() -> Any:
    found = sorted(_package().glob("_pocketsphinx*.so"))
    if not found:
        raise ModelError(f"{_package()} holds no library: install pocketsphinx again")
    lib = ctypes.CDLL(str(found[0]))
    for name, result, arguments in (
        ("err_set_loglevel_str", c_char_p, [c_char_p]),
        ("ps_config_parse_json", c_void_p, [c_void_p, c_char_p]),
        ("ps_config_free", c_int, [c_void_p]),
        ("ps_init", c_void_p, [c_void_p]),
        ("ps_free", c_int, [c_void_p]),
        ("ps_start_utt", c_int, [c_void_p]),
        ("ps_process_raw", c_int, [c_void_p, POINTER(c_int16), c_size_t, c_int, c_int]),
        ("ps_end_utt", c_int, [c_void_p]),
        ("ps_get_hyp", c_char_p, [c_void_p, POINTER(c_int32)]),
        ("ps_get_cmn", c_char_p, [c_void_p, c_int]),
        ("ps_set_cmn", c_int, [c_void_p, c_char_p]),
        ("ps_get_logmath", c_void_p, [c_void_p]),
        ("logmath_exp", c_double, [c_void_p, c_int]),
        ("ps_seg_iter", c_void_p, [c_void_p]),
        ("ps_seg_next", c_void_p, [c_void_p]),
        ("ps_seg_word", c_char_p, [c_void_p]),
        ("ps_seg_prob", c_int32, [c_void_p, POINTER(c_int32), POINTER(c_int32), POINTER(c_int32)]),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


class Sphinx:
    """One decoder, used by one thread."""

    def __init__(self, lm: Path) -> None:
        """Load the package's acoustic model and dictionary with this language model.

        Raises:
            ModelError: the language model is not usable, or the package is not installed.
        """
        self._lib = _library()
        self._lib.err_set_loglevel_str(b"FATAL")
        models = model_folder()
        settings = {
            "hmm": str(models / "en-us"),
            "dict": str(models / "cmudict-en-us.dict"),
            "lm": str(lm),
            "maxhmmpf": STATES_PER_FRAME,
        }
        config = self._lib.ps_config_parse_json(None, json.dumps(settings).encode())
        self._decoder = self._lib.ps_init(config)
        self._lib.ps_config_free(config)
        if not self._decoder:
            raise ModelError(f"PocketSphinx could not load the language model {lm}: delete it and try again")

    def __del__(self) -> None:
        if getattr(self, "_decoder", None):
            self._lib.ps_free(self._decoder)

    def start(self, first: NDArray[np.int16] | None) -> None:
        """Begin an utterance; its cepstral mean is taken from `first`, int16[n], its first second, or stays as it is."""
        if first is not None:
            self._lib.ps_start_utt(self._decoder)
            self._feed(first, no_search=True, full=True)
            self._lib.ps_end_utt(self._decoder)
            self._lib.ps_set_cmn(self._decoder, self._lib.ps_get_cmn(self._decoder, 1))
        self._lib.ps_start_utt(self._decoder)

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Go on with int16[n] at 16 kHz."""
        self._feed(samples, no_search=False, full=False)

    def end(self) -> None:
        """The utterance is over: the last passes over the lattice."""
        self._lib.ps_end_utt(self._decoder)

    def text(self) -> str:
        """The words so far."""
        found = self._lib.ps_get_hyp(self._decoder, None)
        return found.decode().strip() if found else ""

    def confidence(self) -> float:
        """Mean posterior probability of the words, 0..1; after `end`."""
        logmath = self._lib.ps_get_logmath(self._decoder)
        unused = c_int32()
        probs = []
        segment = self._lib.ps_seg_iter(self._decoder)
        while segment:
            if not self._lib.ps_seg_word(segment).startswith((b"<", b"[")):
                log_prob = self._lib.ps_seg_prob(segment, byref(unused), byref(unused), byref(unused))
                probs.append(min(1.0, self._lib.logmath_exp(logmath, log_prob)))
            segment = self._lib.ps_seg_next(segment)
        return sum(probs) / len(probs) if probs else 0.0

    def _feed(self, samples: NDArray[np.int16], *, no_search: bool, full: bool) -> None:
        data = np.ascontiguousarray(samples)
        self._lib.ps_process_raw(self._decoder, data.ctypes.data_as(POINTER(c_int16)), len(data), no_search, full)

"""The film's sound: the questions spoken by flite, in the light noise of a street and then of a corridor."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.assets.film.walk import Question

RATE_HZ: Final = 16_000
SPEECH_PEAK: Final = 11_000
STREET_RMS: Final = 30.0
CORRIDOR_RMS: Final = 16.0
INDOORS_S: Final = 27.5
"""from when on the camera is in the corridor"""


def mix(questions: Sequence[Question], duration_s: float) -> tuple[NDArray[np.int16], list[float]]:
    """int16[n] at 16 kHz, and when each question ends, in seconds."""
    sound = _air(duration_s)
    ends = []
    for question in questions:
        voice = say(question.text, question.voice, question.stretch)
        start = round(question.t_start_s * RATE_HZ)
        sound[start : start + len(voice)] += voice
        ends.append((start + len(voice)) / RATE_HZ)
    return np.clip(sound, -32768, 32767).astype(np.int16), ends


def say(text: str, voice: str, stretch: float) -> NDArray[np.float32]:
    """float32[n] at 16 kHz without the silence around it. Needs the Debian package flite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-t", text, "-o", str(path)]
        subprocess.run(command, check=True)
        with wave.open(str(path)) as file:
            if file.getframerate() != RATE_HZ:
                raise SystemExit(f"flite's voice {voice} speaks at {file.getframerate()} Hz; choose one of 16 kHz.")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    samples = samples[loud[0] : loud[-1] + 1]
    return np.asarray(samples * (SPEECH_PEAK / np.abs(samples).max()), np.float32)


def _air(duration_s: float) -> NDArray[np.float32]:
    """Noise that falls by 3 dB an octave, softer indoors."""
    n = round(duration_s * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(5).standard_normal(n))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(n, 1 / RATE_HZ), 40.0))
    pink = np.fft.irfft(spectrum, n)
    t = np.arange(n) / RATE_HZ
    level = CORRIDOR_RMS + (STREET_RMS - CORRIDOR_RMS) / (1 + np.exp((t - INDOORS_S) * 2))
    return np.asarray(pink / pink.std() * level, np.float32)

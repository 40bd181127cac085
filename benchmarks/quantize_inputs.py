"""Calibration data for `quantize_onnx`: nothing of it is what the results are measured on.

Text is drawn on COCO pictures with OpenCV's strokes, as there are too few photographs of text to hold any back. Of the
recordings every other one calibrates, the rest is measured.
"""

from __future__ import annotations

import functools
import json
import wave
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import DATA

PICTURES = DATA / "vision/coco128_val/images/val2017"
WORDS = (
    "EXIT Platform 4", "fresh bread 2.50", "No Parking", "Library", "open 8-18", "Gate B12", "Room 204", "caution wet floor",
    "OCEAN DRIVE", "Bus 73 City Hall", "www.example.org", "50% OFF", "Tuesday", "Handle with care", "Batch 88192-A", "pull",
    "Emergency only", "Springfield", "Best before 12/2027", "Total: 17.35", "WARNING", "Queue here", "Flour 500 g",
    "Dr. Okafor",
)  # fmt: skip
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)


def pages(folder: Path, count: int) -> Path:
    """Pictures with a few lines of text drawn on them."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(3)
    found = sorted(PICTURES.glob("*.jpg"))
    for index in range(count):
        image = np.asarray(cv2.imread(str(found[index % len(found)])), np.uint8)
        for _ in range(dice.integers(2, 6)):
            size = float(dice.uniform(0.5, 2.2))
            place = int(dice.integers(0, max(1, image.shape[1] // 2))), int(dice.integers(30, image.shape[0]))
            _draw(image, str(dice.choice(WORDS)), place, size, dice)
        cv2.imwrite(str(folder / f"{index:03}.png"), image)
    return folder


def lines(folder: Path, count: int) -> Path:
    """Lines of text, 48 pixels high, on pieces of pictures; as the runtime's: some short and padded, blurred, faint.

    With ranges of clean whole lines alone the recogniser in 8 bits read 9 to 11 of the 14 shared words, with these 13.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dice, noise = np.random.default_rng(4), np.random.default_rng(9)
    found = sorted(PICTURES.glob("*.jpg"))
    for index in range(count):
        text = WORDS[index % len(WORDS)]
        font, size = FONTS[index % len(FONTS)], float(dice.uniform(0.9, 1.3))
        (wide, _), _ = cv2.getTextSize(text, font, size, 2)
        ground = np.asarray(cv2.imread(str(found[index % len(found)])), np.uint8)
        ground = np.asarray(cv2.resize(ground[:200], (wide + 16, 48), interpolation=cv2.INTER_AREA), np.uint8)
        if index % 2:
            ground = np.asarray(cv2.blur(ground, (31, 31)), np.uint8)
        _draw(ground, text, (8, 35), size, dice, font)
        ground = np.asarray(cv2.GaussianBlur(ground, (3, 3), float(dice.uniform(0.3, 1.2))), np.uint8)
        cv2.imwrite(str(folder / f"{index:03}.png"), _worn(ground, index, noise))
    return folder


def _worn(line: NDArray[np.uint8], index: int, noise: np.random.Generator) -> NDArray[np.uint8]:
    """Every third blurred, every fourth faint and noisy, every other cut short; none narrower than the runtime reads."""
    if index % 3 == 0:
        line = np.asarray(cv2.GaussianBlur(line, (5, 5), 2.0), np.uint8)
    if index % 4 == 1:
        faint = line.astype(np.float32) * 0.4 + 80 + noise.normal(0, 12, line.shape)
        line = np.clip(faint, 0, 255).astype(np.uint8)
    if index % 2:
        line = line[:, : max(60, line.shape[1] // 3)]
    return np.pad(line, ((0, 0), (0, max(0, 192 - line.shape[1])), (0, 0)), constant_values=128)


def _draw(
    image: NDArray[np.uint8], text: str, place: tuple[int, int], size: float, dice: Any, font: int | None = None
) -> None:
    """In black or white, whichever is farther from what is there, a little off."""
    dark = image[max(0, place[1] - 30) : place[1], place[0] : place[0] + 100].mean() < 128
    colour = [int(c) for c in (dice.integers(190, 256, 3) if dark else dice.integers(0, 70, 3))]
    chosen = FONTS[int(dice.integers(len(FONTS)))] if font is None else font
    cv2.putText(image, text, place, chosen, size, colour, 1 + int(size * 1.5), cv2.LINE_AA)


def spoken() -> tuple[NDArray[np.float32], list[str], list[str]]:
    """Log-mel float32[n, 1, 1, 64, 128] of the shared letters and digits for SpellingCNN, what is said, classes."""
    classes = json.loads((DATA / "speech/spelling_cnn/spelling_cnn_meta.json").read_text())["classes"]
    found, said = [], []
    for path in sorted((DATA / "audio/alphanumeric_moonshine").glob("*/*.wav")):
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
        found.append(_log_mel(samples)[None, None])
        said.append(path.parent.name)
    return np.stack(found).astype(np.float32), said, classes


def _log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[64, 128]: 16 kHz, hop 125, Slaney's bands, one second, normalised by its own mean and spread."""
    clip = np.zeros(16000, np.float32)
    clip[: min(16000, len(samples))] = samples[:16000]
    padded = np.pad(clip, 256, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 512)[::125][:128]
    power = np.abs(np.fft.rfft(windows * np.hanning(513)[:-1])) ** 2
    mel = np.log(power @ _bands() + 1e-6).T
    return np.asarray((mel - mel.mean()) / (mel.std() + 1e-6), np.float32)


@functools.cache
def _bands() -> NDArray[np.float64]:
    """float64[257, 64]"""

    def hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(mel < 15, 200 * mel / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))

    top = 15 + np.log(8000 / 1000) * 27 / np.log(6.4)
    corners = hz(np.linspace(0, top, 66))
    bins = np.linspace(0, 8000, 257)[:, None]
    rising, falling = (bins - corners[:-2]) / np.diff(corners)[:-1], (corners[2:] - bins) / np.diff(corners)[1:]
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * 2 / (corners[2:] - corners[:-2]))


def silero(path: Path, model: Path, count: int) -> Path:
    """Inputs of the voice detector along a recording, its state made by the float model itself."""
    from quantize.onnx.session import open_session

    session = open_session(model)
    with wave.open(str(DATA / "speech/vad/silero_test.wav")) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    state = np.zeros((2, 1, 128), np.float32)
    context = np.zeros((1, 64), np.float32)
    inputs, states = [], []
    for start in range(0, min(len(sound) - 512, count * 512), 512):
        given = np.concatenate([context, sound[None, start : start + 512]], axis=1)
        inputs.append(given)
        states.append(state)
        _, state = session.run({"input": given, "state": state, "sr": np.array(16000, np.int64)})
        context = given[:, -64:]
    rates = np.full(len(inputs), 16000, np.int64)
    np.savez(path, input=np.stack(inputs), state=np.stack(states), sr=rates)
    return path

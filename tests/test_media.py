"""Files of every kind, made here: what is good comes out right, what is bad is one sentence that names the file."""

from __future__ import annotations

import random
import shutil
import wave
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from edge import media
from edge.clock import MS, S
from edge.errors import SourceError
from edge.types import AudioChunk, Frame

RATE_HZ = 16_000
BLOCK = 1_280
TONE_HZ = 440.0
TICK = Fraction(1, 1_000)
"""the films' clock: milliseconds"""


def tone(seconds: float, rate_hz: int, hz: float = TONE_HZ) -> np.ndarray:
    """float64[n] in -0.5..0.5"""
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def write_wav(path: Path, samples: np.ndarray, rate_hz: int, *, width: int = 2, channels: int = 1) -> Path:
    """`samples` of -1..1 as PCM of `width` bytes, in each of `channels`."""
    if width == 1:
        data = np.round(samples * 127 + 128).astype(np.uint8)
    else:
        data = np.round(samples * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setparams((channels, width, rate_hz, 0, "NONE", "not compressed"))
        out.writeframes(np.repeat(data, channels).tobytes())
    return path


def write_film(path: Path, at_ms: list[int], *, sound_s: float = 0.0, faststart: bool = False) -> Path:
    """A picture at each time, noise so that the file has some length; a tone of `sound_s` if that is not 0."""
    noise = np.random.default_rng(1)
    with av.open(str(path), "w", options={"movflags": "faststart"} if faststart else {}) as out:
        video = out.add_stream("mpeg4", rate=30, width=160, height=120, pix_fmt="yuv420p", time_base=TICK)
        video.codec_context.time_base = TICK
        audio = out.add_stream("aac", rate=48_000, layout="mono") if sound_s else None
        if audio is not None:
            samples = tone(sound_s, 48_000).astype(np.float32)
            for start in range(0, len(samples), 1024):
                piece = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="fltp", layout="mono")
                piece.rate, piece.pts, piece.time_base = 48_000, start, Fraction(1, 48_000)
                out.mux(audio.encode(piece))
            out.mux(audio.encode(None))
        for t_ms in at_ms:
            picture = av.VideoFrame.from_ndarray(noise.integers(0, 255, (120, 160, 3), np.uint8), format="bgr24")
            picture.pts, picture.time_base = t_ms, TICK
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
    return path


def heard(path: Path) -> list[AudioChunk]:
    return list(media.sound(str(path), RATE_HZ, BLOCK))


def shown(path: Path) -> list[Frame]:
    return list(media.frames(str(path), 640, 480))


def loudest_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE_HZ / len(samples))


def sentence(error: pytest.ExceptionInfo[SourceError], path: Path) -> str:
    """What was said; one line that names the file and, behind a colon or semicolon, says what to do."""
    text = str(error.value)
    assert "\n" not in text
    assert str(path) in text
    assert ":" in text or ";" in text
    return text


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize(("width", "channels"), [(2, 1), (1, 1), (2, 2), (1, 2)], ids=["16", "8", "16x2", "8x2"])
def test_sound_of_any_rate_width_and_number_of_channels_keeps_its_tone_length_and_loudness(
    tmp_path: Path, rate_hz: int, width: int, channels: int
) -> None:
    chunks = heard(write_wav(tmp_path / "a.wav", tone(1.0, rate_hz), rate_hz, width=width, channels=channels))
    samples = np.concatenate([c.samples for c in chunks])
    assert abs(len(samples) - RATE_HZ) <= 32
    assert loudest_hz(samples) == pytest.approx(TONE_HZ, abs=1.5)
    middle = samples[2_000:-2_000].astype(float)
    assert float(np.sqrt(np.mean(middle**2))) == pytest.approx(0.5 * 32767 / np.sqrt(2), rel=0.03)
    assert {(len(c.samples), c.rate_hz) for c in chunks[:-1]} == {(BLOCK, RATE_HZ)}
    assert chunks[0].t_ns == 0
    assert all(a.joins(b) for a, b in pairwise(chunks))
    assert not any(c.samples.flags.writeable for c in chunks)


def test_sound_at_the_wanted_rate_comes_out_sample_for_sample(tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(-32768, 32767, 5_000).astype("<i2")
    with wave.open(str(tmp_path / "a.wav"), "wb") as out:
        out.setparams((1, 2, RATE_HZ, 0, "NONE", "not compressed"))
        out.writeframes(noise.tobytes())
    assert np.array_equal(np.concatenate([c.samples for c in heard(tmp_path / "a.wav")]), noise)


def test_pictures_of_a_variable_rate_keep_their_own_times(tmp_path: Path) -> None:
    at_ms = [0, 33, 66, 400, 410, 1000, 1750, 1783]
    found = shown(write_film(tmp_path / "a.mp4", at_ms))
    assert [round(f.t_ns / MS) for f in found] == at_ms
    assert [f.seq for f in found] == list(range(len(at_ms)))


def test_pictures_are_made_small_but_never_large(tmp_path: Path) -> None:
    """160×120 into 80×80 keeps the shape; into 640×480 it stays as it is."""
    path = str(write_film(tmp_path / "a.mp4", [0, 40]))
    assert next(media.frames(path, 80, 80)).image.shape == (60, 80, 3)
    whole = next(media.frames(path, 640, 480)).image
    assert whole.shape == (120, 160, 3)
    assert not whole.flags.writeable


def test_one_file_gives_picture_and_sound_on_one_clock(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", list(range(0, 2_000, 40)), sound_s=2.0)
    assert (media.has(str(path), "video"), media.has(str(path), "audio")) == (True, True)
    assert media.duration_s(str(path)) == pytest.approx(2.0, abs=0.1)
    assert shown(path)[-1].t_ns == pytest.approx(1.96 * S, abs=2 * MS)
    chunks = heard(path)
    assert chunks[-1].end_ns == pytest.approx(2.0 * S, abs=50 * MS)
    assert loudest_hz(np.concatenate([c.samples for c in chunks])) == pytest.approx(TONE_HZ, abs=1.5)


@pytest.mark.parametrize("read", [heard, shown], ids=["sound", "pictures"])
def test_a_file_that_is_missing_empty_or_a_folder_is_said(tmp_path: Path, read) -> None:
    missing, empty = tmp_path / "no.mp4", tmp_path / "empty.mp4"
    empty.touch()
    for path, what in ((missing, "is not there"), (empty, "is empty"), (tmp_path, "is not there")):
        with pytest.raises(SourceError) as error:
            read(path)
        assert what in sentence(error, path)


@pytest.mark.parametrize("name", ["a.mp4", "a.wav", "a.mkv", "a.bin"])
@pytest.mark.parametrize(
    "content",
    [b"this is a text, not a film\n" * 40, random.Random(3).randbytes(20_000), bytes(5_000)],
    ids=["text", "noise", "zeros"],
)
@pytest.mark.parametrize("read", [heard, shown], ids=["sound", "pictures"])
def test_a_file_of_something_else_is_said(tmp_path: Path, name: str, content: bytes, read) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError) as error:
        read(path)
    sentence(error, path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.9])
@pytest.mark.parametrize("faststart", [True, False], ids=["index at the front", "index at the end"])
def test_a_film_that_was_cut_off_is_said(tmp_path: Path, share: float, *, faststart: bool) -> None:
    path = write_film(tmp_path / "a.mp4", list(range(0, 10_000, 40)), faststart=faststart)
    data = path.read_bytes()
    assert (data.index(b"moov") < data.index(b"mdat")) == faststart
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(SourceError) as error:
        shown(path)
    assert "cut off" in sentence(error, path)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_a_wav_that_was_cut_off_is_said(tmp_path: Path, share: float) -> None:
    """With a header that promises more; 0.0: with the header alone."""
    path = write_wav(tmp_path / "a.wav", tone(4.0, RATE_HZ), RATE_HZ)
    data = path.read_bytes()
    path.write_bytes(data[: 44 + int(len(data) * share)])
    with pytest.raises(SourceError) as error:
        heard(path)
    sentence(error, path)


def test_a_flac_that_was_cut_off_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("flac", rate=RATE_HZ, layout="mono", format="s16")
        samples = np.random.default_rng(2).integers(-9_000, 9_000, 4 * RATE_HZ).astype(np.int16)
        for start in range(0, len(samples), 4_000):
            piece = av.AudioFrame.from_ndarray(samples[None, start : start + 4_000], format="s16", layout="mono")
            piece.rate, piece.pts, piece.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    assert np.array_equal(np.concatenate([c.samples for c in heard(path)]), samples)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError) as error:
        heard(path)
    assert "cut off" in sentence(error, path)


@pytest.mark.parametrize("size", [0x7FFFF000, 0xFFFFFFFF], ids=["espeak-ng", "ffmpeg"])
def test_a_wav_that_was_written_to_a_pipe_is_not_taken_for_cut_off(tmp_path: Path, size: int) -> None:
    """Its header could not know the length."""
    path = write_wav(tmp_path / "a.wav", tone(1.0, RATE_HZ), RATE_HZ)
    data = path.read_bytes()
    path.write_bytes(data[:40] + size.to_bytes(4, "little") + data[44:])
    assert heard(path)[-1].end_ns == S


def test_a_wav_without_a_single_sample_is_said(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", np.zeros(0), RATE_HZ)
    with pytest.raises(SourceError) as error:
        heard(path)
    assert "holds no sound" in sentence(error, path)


def test_a_film_whose_pictures_are_overwritten_is_said_or_read_but_never_breaks(tmp_path: Path) -> None:
    """Bytes in the middle replaced by noise: a decoder may conceal it, but nothing else than a SourceError gets out."""
    path = write_film(tmp_path / "a.mp4", list(range(0, 2_000, 40)), faststart=True)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = random.Random(5).randbytes(len(data) - start)
    path.write_bytes(data)
    with pytest.raises(SourceError) as error:
        shown(path)
    sentence(error, path)


def test_a_film_without_sound_asked_for_sound_and_sound_asked_for_pictures_are_said(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", [0, 40, 80])
    sound = write_wav(tmp_path / "a.wav", tone(0.5, RATE_HZ), RATE_HZ)
    with pytest.raises(SourceError) as error:
        heard(film)
    assert "has no sound" in sentence(error, film)
    with pytest.raises(SourceError) as error:
        shown(sound)
    assert "has no pictures" in sentence(error, sound)


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    """What is in it does."""
    path = write_wav(tmp_path / "a.wav", tone(0.5, RATE_HZ), RATE_HZ)
    shutil.copy(path, tmp_path / "b.mp4")
    assert len(heard(tmp_path / "b.mp4")) == len(heard(path))


def test_an_address_that_nobody_serves_is_said() -> None:
    with pytest.raises(SourceError, match=r"^http://\S+/film could not be reached \(.+\): check the address"):
        next(media.frames("http://127.0.0.1:9/film", 640, 480))


def test_a_picture_that_is_not_jpeg_is_said() -> None:
    with pytest.raises(SourceError, match=r"a picture in x\.mcap is corrupt"):
        media.from_jpeg(b"no picture", "x.mcap")

"""Opus from the microphone: speech of the bundled recording goes through libopus and comes out as itself, in its place."""

from __future__ import annotations

import asyncio
import functools
import random
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_bridge.glasses import Glasses
from firmware_bridge.messages import Codec, MicData
from firmware_bridge.opus import Decoder, Encoder
from firmware_bridge.sim.sound import encoder
from firmware_bridge.sound import SoundDecoder

DEMO = Path(__file__).parent.parent.parent / "edge" / "assets" / "demo.mp4"
RATE_HZ = 16_000
BLOCK = 320
LATE = 160
"""samples; what comes out may be so late"""


@functools.cache
def speech() -> NDArray[np.int16]:
    """Four seconds around the loudest of the bundled recording, int16 at 16 kHz."""
    resampler, parts = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ), []
    with av.open(str(DEMO)) as file:
        for frame in file.decode(audio=0):
            parts += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    whole = np.concatenate(parts)
    loud = np.abs(whole.astype(np.int32))[: len(whole) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ).sum(1)
    first = max(0, int(loud.argmax()) - 1) * RATE_HZ
    return whole[first : first + 4 * RATE_HZ]


def blocks() -> list[NDArray[np.int16]]:
    return list(speech()[: len(speech()) // BLOCK * BLOCK].reshape(-1, BLOCK))


def likeness(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """The highest correlation at a delay of up to LATE samples."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    found = []
    for late in range(LATE):
        x, y = a[: len(a) - late], b[late:]
        found.append(float(x @ y / np.sqrt((x @ x) * (y @ y) + 1)))
    return max(found)


def test_speech_comes_out_as_itself_and_as_long_as_it_was() -> None:
    packets = list(map(Encoder(RATE_HZ, 20).encode, blocks()))
    assert all(0 < len(packet) < 200 for packet in packets), "a tenth of PCM"
    decoder = Decoder(RATE_HZ)
    out = [decoder.decode(packet) for packet in packets]
    assert all(samples is not None and samples.shape == (BLOCK,) and samples.dtype == np.int16 for samples in out)
    heard = np.concatenate([samples for samples in out if samples is not None])
    assert likeness(np.concatenate(blocks()), heard) > 0.9


@pytest.mark.parametrize("lost", [{20}, {20, 21, 22, 60}, set(range(0, 200, 7))])
def test_after_a_lost_packet_the_next_ones_are_in_their_place(lost: set[int]) -> None:
    encode, decoder = Encoder(RATE_HZ, 20).encode, SoundDecoder()
    heard = np.zeros(len(blocks()) * BLOCK, np.int16)
    for n, block in enumerate(blocks()):
        packet = encode(block)
        if n in lost:
            continue
        samples = decoder.samples(MicData(0, n * BLOCK, BLOCK, Codec.OPUS, packet), RATE_HZ)
        assert samples is not None and len(samples) == BLOCK
        heard[n * BLOCK : (n + 1) * BLOCK] = samples
    told = np.concatenate(blocks())
    for n in lost:
        told[n * BLOCK : (n + 1) * BLOCK] = 0
    assert likeness(told, heard) > (0.8 if len(lost) < 10 else 0.7)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 48_000])
@pytest.mark.parametrize("frame_ms", [10, 60])
def test_every_rate_and_length_gives_as_many_samples_as_went_in(rate_hz: int, frame_ms: int) -> None:
    encode, decoder = Encoder(rate_hz, frame_ms).encode, Decoder(rate_hz)
    block = np.arange(rate_hz * frame_ms // 1000, dtype=np.int16)
    for _ in range(5):
        samples = decoder.decode(encode(block))
        assert samples is not None and len(samples) == len(block)


def test_what_is_no_opus_is_counted_and_the_sound_goes_on() -> None:
    encode, decoder = Encoder(RATE_HZ, 20).encode, Decoder(RATE_HZ)
    draw = random.Random(2)
    for n, block in enumerate(blocks()[:60]):
        packet = encode(block)
        if n % 3 == 0:
            samples = decoder.decode(draw.choice([b"", b"\xff" * 5, draw.randbytes(40), packet[: len(packet) // 2]]))
            assert samples is None or samples.dtype == np.int16
        else:
            assert decoder.decode(packet) is not None
    assert decoder.decode(b"") is None and decoder.damaged > 5


def test_a_microphone_that_began_anew_is_decoded_anew() -> None:
    decoder = SoundDecoder()
    for _ in range(2):
        encode = Encoder(RATE_HZ, 20).encode
        for n in range(3):
            data = MicData(0, n * BLOCK, BLOCK, Codec.OPUS, encode(blocks()[50 + n]))
            samples = decoder.samples(data, RATE_HZ)
            assert samples is not None and len(samples) == BLOCK
        assert decoder.samples(MicData(codec=Codec.LC3, sound=b"x"), RATE_HZ) is None


def test_a_rate_or_length_that_opus_has_not_is_none() -> None:
    assert encoder(Codec.OPUS, 11_025, 20) is None and encoder(Codec.OPUS, RATE_HZ, 21) is None
    assert encoder(Codec.LC3, RATE_HZ, 10) is None


def test_simulated_glasses_speak_opus_to_a_program(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(speech().astype("<i2").tobytes())

    async def run() -> None:
        async with asyncio.timeout(20), Glasses(f"sim:?microphone={path}") as glasses:
            await glasses.ready()
            parts = []
            async for sound in await glasses.microphone.start(codec=Codec.OPUS):
                assert sound.first == len(parts) * BLOCK and sound.rate_hz == RATE_HZ
                parts.append(sound.samples)
                if len(parts) == 75:
                    break
            heard = np.concatenate(parts)
            assert likeness(speech()[: len(heard)], heard) > 0.85

    asyncio.run(run())

"""Microphones and speakers through PortAudio: the one place `sounddevice` is imported."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import SourceError

STALLED_S: Final = 3.0
"""a stream that calls back no more for so long has lost its device"""
APT: Final = "install PortAudio: sudo apt-get install -y libportaudio2"


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One PortAudio device."""

    index: int
    name: str
    inputs: int
    """channels"""
    outputs: int
    rate_hz: float
    """its own default rate"""
    is_default_input: bool


def devices() -> list[DeviceInfo]:
    """All devices that PortAudio finds.

    Raises:
        SourceError: PortAudio is not installed.
    """
    sd = _library()
    default = sd.default.device[0]
    return [
        DeviceInfo(d["index"], d["name"], d["max_input_channels"], d["max_output_channels"], d["default_samplerate"],
                   d["index"] == default)
        for d in sd.query_devices()
    ]  # fmt: skip


def capture(
    device: str,
    rate_hz: int,
    block: int,
    on_block: Callable[[NDArray[np.int16]], None],
    on_overflow: Callable[[int], None],
    stop: threading.Event,
) -> None:
    """Call `on_block` with each int16[block] from PortAudio's own thread until `stop`; `on_overflow`, from the caller's
    thread, with how often sound was lost since it was last called.

    Raises:
        SourceError: there is no such device, it cannot be opened, or it went away.
    """
    sd = _library()
    index = _find(sd, device, "max_input_channels", "microphone")
    overflows = 0
    calls = 0

    def callback(data: Any, frames: int, when: Any, status: Any) -> None:
        nonlocal overflows, calls
        overflows += bool(status.input_overflow)
        calls += 1
        samples = np.frombuffer(data, np.int16).copy()
        samples.flags.writeable = False
        on_block(samples)

    name = device or "the default microphone"
    try:
        with sd.RawInputStream(
            samplerate=rate_hz, blocksize=block, device=index, channels=1, dtype="int16", callback=callback
        ) as stream:
            seen, told = -1, 0
            while not stop.wait(STALLED_S):
                if not stream.active or calls == seen:
                    raise SourceError(f"microphone {name} sends no more sound: is it unplugged?")
                seen = calls
                if overflows > told:
                    on_overflow(overflows - told)
                    told = overflows
    except sd.PortAudioError as error:
        raise SourceError(
            f"microphone {name} could not be opened ({_why(error)}); 'edge run --list' shows all"
        ) from error


def play(device: str, samples: NDArray[np.int16], rate_hz: int, stop: threading.Event) -> None:
    """Play int16[n] and return when it is over or `stop` is set.

    Raises:
        SourceError: there is no such device or it cannot be opened.
    """
    sd = _library()
    index = _find(sd, "" if device == "default" else device, "max_output_channels", "speaker")
    try:
        with sd.RawOutputStream(samplerate=rate_hz, device=index, channels=1, dtype="int16") as stream:
            step = rate_hz // 20
            for start in range(0, len(samples), step):
                if stop.is_set():
                    stream.abort()
                    return
                stream.write(samples[start : start + step].tobytes())
    except sd.PortAudioError as error:
        raise SourceError(
            f"speaker {device} could not be opened ({_why(error)}); 'edge run --list' shows all"
        ) from error


def _find(sd: Any, device: str, direction: str, what: str) -> int | None:
    """The index of a device by index, whole name or part of a name; None for the default."""
    all_devices = [d for d in sd.query_devices() if d[direction] > 0]
    if not all_devices:
        raise SourceError(f"there is no {what}: plug one in, or set microphone.device=none")
    if not device:
        return None
    for matches in (
        [d for d in all_devices if device == str(d["index"])],
        [d for d in all_devices if device == d["name"]],
        [d for d in all_devices if device.lower() in d["name"].lower()],
    ):
        if matches:
            return int(matches[0]["index"])
    known = ", ".join(d["name"] for d in all_devices)
    raise SourceError(f"there is no {what} {device!r}: there are {known}")


def _library() -> Any:
    try:
        import sounddevice
    except OSError as error:  # the Python package is there, the C library is not
        raise SourceError(f"sound cannot be used ({error}): {APT}") from error
    except ImportError as error:
        raise SourceError(f"sound cannot be used ({error}): pip install sounddevice") from error
    return sounddevice


def _why(error: Exception) -> str:
    return str(error.args[0] if error.args else error).strip()


def rescan() -> None:
    """Look for devices anew: PortAudio lists them once, and what was plugged in since is not in the list."""
    sd = _library()
    sd._terminate()
    sd._initialize()

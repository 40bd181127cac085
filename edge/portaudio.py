"""Microphones and speakers through PortAudio: the one place `sounddevice` is imported."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import SourceError
from edge.sample_clock import SampleClock

STALLED_S: Final = 3.0
"""a stream that calls back no more for so long has lost its device"""
KEEP_NS: Final = 2_000_000_000
"""a speaker is kept running for so long after an answer"""
LATENCY_S: Final = 0.04
"""asked of an output: less runs dry on a busy machine, more is heard after a cut"""
FLUSH_S: Final = 0.06
"""an output that holds more sound than this is emptied when the voice is cut"""
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


class OutputStream:
    """A speaker that calls for blocks of 10 ms from PortAudio's own thread; opened when it is first needed."""

    def __init__(self, device: str, rate_hz: int, now_ns: Callable[[], int]) -> None:
        """`device`: index, name or part of a name; empty or "default" is the system's."""
        self.name, self.keep_ns = f"speaker {device or 'default'}", KEEP_NS
        self._device = "" if device == "default" else device
        self._rate_hz, self._now_ns = rate_hz, now_ns
        self._fill: Callable[[int, int], NDArray[np.int16]] | None = None
        self._stream: Any = None
        self._clock = SampleClock(rate_hz)
        self._lock = threading.RLock()
        """start, flush and stop come from several threads; PortAudio wants one at a time"""

    def start(self, fill: Callable[[int, int], NDArray[np.int16]]) -> None:
        """Call `fill(samples, t_ns)` for each block from now on; t_ns is when its first sample will sound.

        Raises:
            SourceError: there is no such device or it cannot be opened.
        """
        with self._lock:
            self._fill = fill
            if self._stream is None or not self._stream.active:
                self._open()

    def advance(self) -> None:
        """The device takes blocks by itself."""

    def flush(self) -> None:
        """Forget what the device has taken and not yet sounded, where that is more than a listener would bear."""
        stream = self._stream
        if stream is None:
            return
        with self._lock, suppress(_library().PortAudioError):
            if stream.active and stream.latency >= FLUSH_S:
                stream.abort()
                self._clock = SampleClock(self._rate_hz)
                stream.start()

    def stop(self) -> None:
        """Rest until the next answer."""
        stream = self._stream
        if stream is not None:
            with self._lock, suppress(_library().PortAudioError):
                stream.stop()

    def close(self) -> None:
        """Give the device back."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with self._lock, suppress(_library().PortAudioError):
                stream.abort()
                stream.close()

    def _open(self) -> None:
        sd = _library()
        try:
            if self._stream is None:
                self._stream = sd.RawOutputStream(
                    samplerate=self._rate_hz, blocksize=self._rate_hz // 100, channels=1, dtype="int16",
                    latency=LATENCY_S, device=_find(sd, self._device, "max_output_channels", "speaker"),
                    callback=self._callback,
                )  # fmt: skip
            elif not self._stream.stopped:
                self._stream.stop()
            self._clock = SampleClock(self._rate_hz)
            self._stream.start()
        except sd.PortAudioError as error:
            self.close()
            raise SourceError(
                f"{self.name} could not be opened ({_why(error)}); 'edge run --list' shows all"
            ) from error

    def _callback(self, out: Any, frames: int, when: Any, status: Any) -> None:
        latency_ns = int((when.outputBufferDacTime - when.currentTime) * 1e9) if when.currentTime else 0
        if not 0 <= latency_ns < 1_000_000_000:  # some drivers give no times
            latency_ns = int(self._stream.latency * 1e9)
        t_ns = self._clock.stamp(frames, self._now_ns() + latency_ns + frames * 1_000_000_000 // self._rate_hz)
        fill = self._fill
        out[:] = fill(frames, t_ns).tobytes() if fill is not None else bytes(len(out))


def _find(sd: Any, device: str, direction: str, what: str) -> int | None:
    """The index of a device by index, whole name or part of a name; None for the default."""
    all_devices = [d for d in sd.query_devices() if d[direction] > 0]
    if not all_devices:
        setting = "microphone.device=none" if what == "microphone" else "sinks.speaker to a .wav file"
        raise SourceError(f"there is no {what}: plug one in, or set {setting}")
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

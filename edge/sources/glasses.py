"""Smart glasses as camera, microphone and buttons: the firmware bridge in this source's thread. Shows pages on them, too."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.clock import Now, S
from edge.errors import ConfigError, SourceError
from edge.sample_clock import SampleClock
from edge.types import AudioChunk, Button, Failure, Frame
from firmware_bridge import messages
from firmware_bridge.camera import Picture
from firmware_bridge.errors import AddressError, DeviceError
from firmware_bridge.glasses import Glasses as Link
from firmware_bridge.microphone import Sound

RATE_HZ: Final = 16_000
SHOW_EVERY_S: Final = 0.2
"""no eye follows a display that changes faster (MentraOS, DISPLAY-GUIDELINES.md: 200–300 ms)"""
TOLD_AFTER: Final = 3
"""tries in a row before the person is told: most cuts are over sooner"""
MOST_LOST_S: Final = 1.0
"""a longer gap in the sound is no gap but another start"""


@dataclass(frozen=True, slots=True)
class Options:
    """What is taken from the glasses."""

    uri: str
    camera: bool = True
    microphone: bool = True
    width: int = 640
    fps: float = 15.0
    block_ms: int = 80
    button: str = "talk"
    """name under which the first button is known"""


class Glasses:
    """Source: Frame, AudioChunk, Button, Failure. No frame is released without the recording light's confirmation."""

    def __init__(self, options: Options, now_ns: Now, page: Callable[[], str | None] = lambda: None) -> None:
        """`page` gives what is to be shown when it has changed, else None.

        Raises:
            ConfigError: the URI names no glasses.
        """
        self.name = f"glasses {options.uri}"
        self._options, self._now_ns, self._page = options, now_ns, page
        try:
            self._link = Link(options.uri)
        except AddressError as error:
            raise ConfigError(str(error)) from error

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        asyncio.run(self._main(publish, stop))

    async def _main(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        origin_ns = time.monotonic_ns() - self._now_ns()
        session = _Session(self._options, self._link, self.name, publish, origin_ns)
        async with self._link as link:
            tasks = [asyncio.create_task(one) for one in (session.tell_status(), session.buttons(), session.start())]
            tasks.append(asyncio.create_task(self._show(link)))
            try:
                while not await asyncio.to_thread(stop.wait, 0.25):
                    for task in tasks:
                        if task.done() and (error := task.exception()) is not None:
                            raise SourceError(f"{self.name}: {error}") from error
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
        self._link = Link(self._options.uri)  # for a retry

    async def _show(self, link: Link) -> None:
        """The newest page, no faster than an eye can follow; one that came while another was sent is not shown at all."""
        while True:
            await asyncio.sleep(SHOW_EVERY_S)
            text = self._page()
            if text is not None and link.is_known and link.capabilities.display_width:
                try:
                    await link.display.show(text)
                except DeviceError:
                    continue  # the next page is newer than this one


class _Session:
    """One connection's streams, as events of the runtime."""

    def __init__(self, options: Options, link: Link, name: str, publish: Callable[[Any], None], origin_ns: int) -> None:
        self._options, self._link, self._name = options, link, name
        self._publish, self._origin_ns = publish, origin_ns

    async def start(self) -> None:
        """Camera and microphone, as far as the glasses have them; a stream that they end is asked for again later."""
        has = await self._link.ready(timeout_s=1e9)  # the link says by itself why it is not there
        streams = []
        if self._options.camera and has.camera_width:
            streams.append(self._frames(min(self._options.width, has.camera_width)))
        if self._options.microphone and has.mic_rate_hz:
            streams.append(self._sound(min(RATE_HZ, has.mic_rate_hz)))
        missing = [what for what, asked, there in (("camera", self._options.camera, has.camera_width),
                   ("microphone", self._options.microphone, has.mic_rate_hz)) if asked and not there]  # fmt: skip
        if missing:
            self._fail(f"these glasses have no {' and no '.join(missing)}")
        await asyncio.gather(*(self._again(stream) for stream in streams))

    async def _again(self, stream: Callable[[], Any]) -> None:
        told = ""
        while True:
            try:
                reason = await stream()
            except DeviceError as error:
                reason = str(error)
            if reason and reason != told:  # a camera that may not be used is told once
                self._fail(reason)
            told = reason
            await asyncio.sleep(5.0)  # hot glasses cool, a battery is charged

    def _frames(self, width: int) -> Callable[[], Any]:
        async def run() -> str:
            seq = 0
            pictures = await self._link.camera.stream(fps=self._options.fps, width=width)
            async for picture in pictures:
                image = await asyncio.to_thread(_decoded, picture)
                if image is not None:
                    seq += 1
                    self._publish(Frame(picture.t_ns - self._origin_ns, image, seq))
            return pictures.reason

        return run

    def _sound(self, rate_hz: int) -> Callable[[], Any]:
        async def run() -> str:
            blocks = _Blocks(RATE_HZ * self._options.block_ms // 1000)
            sounds = await self._link.microphone.start(rate_hz)
            async for sound in sounds:
                for chunk, lost in blocks.add(sound):
                    if lost:
                        self._fail(f"{lost / RATE_HZ:.2f} s of sound were lost on the way from the glasses")
                    self._publish(AudioChunk(chunk.t_ns - self._origin_ns, chunk.samples, RATE_HZ))
            return sounds.reason

        return run

    async def buttons(self) -> None:
        """The first button is the talk button; a click is both, down and up."""
        async for event in self._link.events():
            match event.message:
                case messages.Button(button=0, action=action):
                    t_ns = event.t_ns - self._origin_ns
                    if action in (messages.Press.DOWN, messages.Press.CLICK):
                        self._publish(Button(t_ns, self._options.button, True))
                    if action in (messages.Press.UP, messages.Press.CLICK):
                        self._publish(Button(t_ns, self._options.button, False))

    async def tell_status(self) -> None:
        """Why the link is not there, once it is not there for long."""
        told = ""
        async for status in self._link.statuses():
            if status.failures >= TOLD_AFTER and status.reason and status.reason != told:
                told = status.reason
                self._fail(told)
            elif not status.failures:
                told = ""

    def _fail(self, reason: str) -> None:
        self._publish(Failure(time.monotonic_ns() - self._origin_ns, self._name, reason))


class _Blocks:
    """Sound of the link's packets as blocks of one size at 16 kHz, stamped by counting samples; gaps are silent."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._clock = SampleClock(RATE_HZ)
        self._held = np.zeros(0, np.int16)
        self._due: int | None = None

    def add(self, sound: Sound) -> list[tuple[AudioChunk, int]]:
        """The blocks that are full now, and how many of their samples were lost before them."""
        gap = sound.first - self._due if self._due is not None else 0
        lost = gap * RATE_HZ // sound.rate_hz if 0 < gap < MOST_LOST_S * sound.rate_hz else 0
        self._due = sound.first + len(sound.samples)
        samples = sound.samples
        if sound.rate_hz != RATE_HZ:
            count = len(samples) * RATE_HZ // sound.rate_hz
            at = np.arange(count) * sound.rate_hz / RATE_HZ
            samples = np.interp(at, np.arange(len(samples)), samples).astype(np.int16)
        self._held = np.concatenate([self._held, np.zeros(lost, np.int16), samples])
        end_ns = sound.t_ns + len(sound.samples) * S // sound.rate_hz
        found = []
        while len(self._held) >= self._size:
            block, self._held = self._held[: self._size].copy(), self._held[self._size :]
            block.flags.writeable = False
            last_ns = end_ns - len(self._held) * S // RATE_HZ
            found.append((AudioChunk(self._clock.stamp(self._size, last_ns), block, RATE_HZ), lost))
            lost = 0
        return found


def _decoded(picture: Picture) -> NDArray[np.uint8] | None:
    """uint8[h, w, 3] of a JPEG, read-only; None: it is damaged."""
    image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return None
    found = np.asarray(image, np.uint8)
    found.flags.writeable = False
    return found

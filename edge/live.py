"""Live sources and sinks for a configuration: which devices a session opens and where its answers go."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from edge import portaudio
from edge.clock import Now
from edge.config import options_of, plugin_module
from edge.errors import ConfigError, PrivacyRefused, SourceError
from edge.fallback import pictures
from edge.fallback.chat import Picture
from edge.mailbox import Policy
from edge.reasoning.tools import TOOLS
from edge.runtime import Source
from edge.settings import Config
from edge.sinks.clocked import wav_output
from edge.sinks.console import Console
from edge.sinks.display import Display
from edge.sinks.display import Options as DisplayOptions
from edge.sinks.hud import Hud
from edge.sinks.hud import Options as HudOptions
from edge.sinks.player import Output
from edge.sinks.speech import RATE_HZ
from edge.sources import camera, replay
from edge.sources.keyboard import Keyboard
from edge.sources.microphone import Microphone
from edge.sources.pace import Paced
from edge.stage import Node
from edge.types import Box, Device, Frame, Keyframe, Looked, Query

if TYPE_CHECKING:
    from edge.fallback.cloud import Cloud  # httpx2 is loaded only where there are rows

CONTROL = Policy(capacity=1024, drop="oldest", max_age_ms=60_000)
"""words and answers: small, few, and none may be lost"""
PICTURE_S: Final = 1.0
"""to find the faces in a picture before it leaves"""


def inputs(config: Config) -> tuple[bool, bool]:
    """Whether there is to be a camera, and a microphone."""
    return config.camera.source != "none", config.microphone.device != "none"


def sources(config: Config, sinks: Sequence[Node] = ()) -> Callable[[Now], Sequence[Source]]:
    """The devices of a configuration; a file takes the place of a device. Of `sinks`, the HUD is shown by its glasses.

    Raises:
        ConfigError: when it is called: something is to come from glasses, and there are none.
    """

    def make(now_ns: Now) -> Sequence[Source]:
        found: list[Source] = []
        cam, mic = config.camera, config.microphone
        worn = (cam.source == "glasses", mic.device == "glasses")
        if config.glasses.uri:
            found.append(_glasses(config, worn, now_ns, sinks))
        elif any(worn):
            raise ConfigError(
                "camera or microphone are of glasses, and there are none: set glasses.uri, or --glasses URI"
            )
        if cam.source not in ("none", "glasses"):
            found.append(camera.Camera(cam.source, cam.width, cam.height, cam.fps, now_ns))
        if mic.device not in ("none", "glasses"):
            if Path(mic.device).is_file():
                block = {"width": cam.width, "height": cam.height, "block_ms": mic.block_ms}
                found.append(Paced(replay.files(None, mic.device, **block), now_ns, f"microphone {mic.device}"))
            else:
                found.append(Microphone(mic.device, mic.block_ms, now_ns))
        if config.hearing.address == "button" and sys.stdin.isatty():
            found.append(Keyboard(config.hearing.button, sys.stdin.fileno(), now_ns))
        return found

    return make


def _glasses(config: Config, worn: tuple[bool, bool], now_ns: Now, sinks: Sequence[Node]) -> Source:
    from edge.sources.glasses import Glasses, Options  # the link's code only where there are glasses

    page = next((node.stage.newest for node in sinks if isinstance(node.stage, Hud)), lambda: None)
    cam, mic = config.camera, config.microphone
    options = Options(config.glasses.uri, *worn, width=cam.width, fps=min(cam.fps, 15.0), block_ms=mic.block_ms,
                      button=config.hearing.button)  # fmt: skip
    return Glasses(options, now_ns, page)


def sinks(config: Config) -> list[Node]:
    """Where answers go.

    Raises:
        ConfigError: a file cannot be written.
    """
    nodes = []
    if config.sinks.console:
        console = Console(beside_voice=config.sinks.speaks)
        nodes.append(Node("console", console, console.takes, CONTROL))
    if config.sinks.display:
        display = Display(DisplayOptions(), Path(config.sinks.display), beside_voice=config.sinks.speaks)
        nodes.append(Node("display", display, display.takes, CONTROL))
    if config.glasses.uri:
        hud = Hud(HudOptions(), beside_voice=config.sinks.speaks)
        nodes.append(Node("hud", hud, hud.takes, CONTROL))
    return nodes


def output(config: Config) -> Callable[[Now], Output]:
    """Where answers are spoken to: a speaker, or a new WAV file.

    Raises:
        ConfigError: when it is called: the file exists or cannot be written.
    """

    def make(now_ns: Now) -> Output:
        name = config.sinks.speaker
        if name.endswith(".wav"):
            return wav_output(Path(name), now_ns)
        return portaudio.OutputStream(name, RATE_HZ, now_ns)

    return make


def cloud(config: Config) -> Cloud | None:
    """Who is asked what the local model passes on; None where there are no rows. Close it.

    Raises:
        ConfigError: a row cannot be, or httpx2 is not installed.
        BudgetExceeded: what is spent cannot be counted.
    """
    if not config.fallback.rows:
        return None
    try:
        from edge.fallback.cloud import Cloud
    except ImportError as error:
        raise ConfigError(f"fallback.rows needs {error.name}: pip install glasspath[cloud]") from error
    return Cloud(config.fallback, TOOLS, _picture(config) if config.fallback.sends_pictures else None)


def _picture(config: Config) -> Callable[[Query], Picture]:
    """Makes a question's picture safe; the face detector is loaded with the first one."""
    found: list[pictures.Detect] = []

    def make(query: Query) -> Picture:
        plugin = config.perception.faces
        if not found and plugin.kind != "none":
            detector = plugin_module("perception.faces", plugin).build(options_of("perception.faces", plugin))

            def detect(image: NDArray[np.uint8]) -> list[Box]:
                looked = detector.process(Keyframe(0, Frame(0, image, 0), 0.0))
                return [seen.box_xyxy for out in looked if isinstance(out, Looked) for seen in out.seen]

            found.append(detect)
        if query.keyframe is None:
            raise PrivacyRefused("no picture is sent: there is none")
        return pictures.safe(query.keyframe.frame.image, found, time.monotonic, PICTURE_S)

    return make


def device() -> Device:
    """Battery and time of this machine."""
    battery = None
    for path in Path("/sys/class/power_supply").glob("*/capacity"):
        with suppress(OSError, ValueError):
            battery = int(path.read_text())
    return Device(battery, datetime.now().strftime("%H:%M"))


def listing() -> dict[str, Any]:
    """What cameras, microphones and speakers there are; a reason in words where they cannot be listed."""
    found: dict[str, Any] = {"cameras": [{"source": index, "name": name} for index, name in camera.devices()]}
    try:
        all_devices = portaudio.devices()
    except SourceError as error:
        return found | {"microphones": [], "speakers": [], "sound_problem": str(error)}
    found["microphones"] = [
        {"device": str(d.index), "name": d.name, "default": d.is_default_input} for d in all_devices if d.inputs
    ]
    found["speakers"] = [{"device": str(d.index), "name": d.name} for d in all_devices if d.outputs]
    return found

"""Live sources and sinks for a configuration: which devices a session opens and where its answers go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from edge import portaudio
from edge.clock import Now
from edge.errors import SourceError
from edge.mailbox import Policy
from edge.runtime import Source
from edge.settings import Config
from edge.sinks.clocked import wav_output
from edge.sinks.console import Console
from edge.sinks.display import Display
from edge.sinks.display import Options as DisplayOptions
from edge.sinks.player import Output
from edge.sinks.speech import RATE_HZ
from edge.sources import camera, replay
from edge.sources.keyboard import Keyboard
from edge.sources.microphone import Microphone
from edge.sources.pace import Paced
from edge.stage import Node
from edge.types import Device

CONTROL = Policy(capacity=1024, drop="oldest", max_age_ms=60_000)
"""words and answers: small, few, and none may be lost"""


def inputs(config: Config) -> tuple[bool, bool]:
    """Whether there is to be a camera, and a microphone."""
    return config.camera.source != "none", config.microphone.device != "none"


def sources(config: Config) -> Callable[[Now], Sequence[Source]]:
    """The devices of a configuration; a file takes the place of a device."""

    def make(now_ns: Now) -> Sequence[Source]:
        found: list[Source] = []
        cam, mic = config.camera, config.microphone
        if cam.source != "none":
            found.append(camera.Camera(cam.source, cam.width, cam.height, cam.fps, now_ns))
        if mic.device != "none":
            if Path(mic.device).is_file():
                block = {"width": cam.width, "height": cam.height, "block_ms": mic.block_ms}
                found.append(Paced(replay.files(None, mic.device, **block), now_ns, f"microphone {mic.device}"))
            else:
                found.append(Microphone(mic.device, mic.block_ms, now_ns))
        if config.hearing.address == "button" and sys.stdin.isatty():
            found.append(Keyboard(config.hearing.button, sys.stdin.fileno(), now_ns))
        return found

    return make


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

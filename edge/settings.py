"""Every setting of the runtime, with its default: the nouns of the configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge import dialogue, fusion
from edge.fallback import options as fallback_options
from edge.perception import codes, hear, keyframe


@dataclass(frozen=True, slots=True)
class Plugin:
    """A table with a `kind` and the options of that kind; which options there are, the plug-in's file says."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Camera:
    """Where pictures come from."""

    source: str = "0"
    """index of a camera, a file, an rtsp:// or http:// (MJPEG) address, "glasses", or "none" """
    width: int = 640
    height: int = 480
    fps: float = 30.0


@dataclass(frozen=True, slots=True)
class Microphone:
    """Where sound comes from."""

    device: str = ""
    """PortAudio name or index, a file, "glasses", or "none"; empty: the system's default"""
    block_ms: int = 80
    """sound handed over at a time: longer wakes the processor less often"""


@dataclass(frozen=True, slots=True)
class Glasses:
    """Smart glasses, which are camera, microphone and display where camera.source, microphone.device or this says so."""

    uri: str = ""
    """serial:/dev/ttyACM0, ble:NAME, g1:45, frame:4F, tcp:HOST:PORT, sim:; empty: none. Answers are shown on them"""


@dataclass(frozen=True, slots=True)
class Hearing(hear.Options):
    """From sound to words."""

    vad: Plugin = field(default_factory=lambda: Plugin("silero"))
    asr: Plugin = field(default_factory=lambda: Plugin("pocketsphinx"))
    wake: Plugin = field(default_factory=lambda: Plugin("none"))
    turn: Plugin = field(default_factory=lambda: Plugin("words"))


@dataclass(frozen=True, slots=True)
class Perception:
    """From pictures to things. A detector without its model file is off."""

    gate: keyframe.Options = field(default_factory=keyframe.Options)
    text: Plugin = field(default_factory=lambda: Plugin("ppocr"))
    objects: Plugin = field(default_factory=lambda: Plugin("yolox", {"model": ""}))
    faces: Plugin = field(default_factory=lambda: Plugin("none"))
    codes: codes.Options = field(default_factory=codes.Options)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """From questions to answers."""

    local: Plugin = field(default_factory=lambda: Plugin("llama"))


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where answers go."""

    console: bool = True
    display: str = ""
    """file or FIFO that gets the lines of a small text display; empty: none"""
    speaker: str = ""
    """PortAudio name or index, "default", or a .wav file that answers are spoken into; empty: silent"""
    voice: Plugin = field(default_factory=lambda: Plugin("espeak"))
    """who speaks when there is a speaker; kind "none": nobody"""

    @property
    def speaks(self) -> bool:
        """Answers are spoken."""
        return bool(self.speaker) and self.voice.kind != "none"


@dataclass(frozen=True, slots=True)
class Config:
    """One value for everything."""

    camera: Camera = field(default_factory=Camera)
    microphone: Microphone = field(default_factory=Microphone)
    glasses: Glasses = field(default_factory=Glasses)
    hearing: Hearing = field(default_factory=Hearing)
    perception: Perception = field(default_factory=Perception)
    fusion: fusion.Options = field(default_factory=fusion.Options)
    reasoning: Reasoning = field(default_factory=Reasoning)
    dialogue: dialogue.Options = field(default_factory=dialogue.Options)
    sinks: Sinks = field(default_factory=Sinks)
    fallback: fallback_options.Options = field(default_factory=fallback_options.Options)
    cache: str = ""
    """folder for models and what is made once; empty: $XDG_CACHE_HOME/glasspath"""

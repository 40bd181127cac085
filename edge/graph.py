"""Which stages there are for a configuration, what each takes, and how long its queue may be: the graph in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2

from edge import memory
from edge.clock import Now
from edge.config import cache_folder, options_of, plugin_module
from edge.dialogue import Dialogue
from edge.fusion import Fusion
from edge.mailbox import Policy
from edge.model_store import ModelStore
from edge.perception import codes
from edge.perception.echo import EchoCanceller
from edge.perception.hear import Hear
from edge.perception.keyframe import KeyframeGate
from edge.reasoning import cue_words
from edge.reasoning.router import CloudModel, Consent, Router
from edge.settings import Config, Plugin
from edge.sinks.clocked import ClockedOutput
from edge.sinks.player import Output, Player
from edge.sinks.speech import SpeechMaker
from edge.stage import Node
from edge.types import (
    Answer,
    AudioChunk,
    Backchannel,
    Button,
    Device,
    Draft,
    Frame,
    Interrupted,
    Keyframe,
    Looked,
    Notice,
    Played,
    Query,
    SpeechStarted,
    Spoken,
    Transcript,
    Utterance,
)

NEWEST_FRAME = Policy(capacity=1, drop="oldest", max_age_ms=2_000, takes_refresh=True)
"""a slow detector looks at the newest keyframe; a still scene keeps it fresh"""


TO_READ: Final = frozenset(
    ["text", "price", "time", "date", "number", "name", "phone", "url", "email", "password", "code"]
)
"""cues of `reasoning/cue_words.py`: what they ask for is read"""
SEEING_NICE: Final = 10
"""when cores are short, hearing and answering go first: a look may come later, a word may not"""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the graph is made for: which inputs there are, and who tells the device's state."""

    config: Config
    has_camera: bool
    has_microphone: bool
    now_ns: Now
    device: Callable[[], Device]
    output: Output | None = None
    """where answers are spoken to, if they are; None: onto the clock, as in a replay"""
    cloud: CloudModel | None = None
    """who is asked what the local model passes on; None: nobody, as in a replay"""
    keeps: Callable[[str, float], bool] | None = None
    """which questions the local model keeps, when there is a cloud"""
    consent: Consent | None = None
    """asks the person what may be sent"""


def build(parts: Parts) -> list[Node]:
    """The nodes, from the senses to the answer; on a busy device earlier ones go first.

    Raises:
        ConfigError, ModelError: a plug-in or a model is not there or not usable.
    """
    memory.limit_arenas()
    cv2.setNumThreads(1)  # its own pool would take the cores from hearing; each stage is one thread
    nodes: list[Node] = []
    if parts.has_microphone:
        nodes += _hearing(parts.config)
    if parts.has_microphone and parts.config.sinks.speaks:
        # before fusion, so that it hears of a backchannel before it hears the words
        nodes.append(Node("dialogue", Dialogue(parts.config.dialogue, parts.now_ns), Dialogue.takes, queue=None))
    detectors = _detectors(parts.config) if parts.has_camera else {}
    if parts.has_camera:
        gate = KeyframeGate(parts.config.perception.gate)
        nodes.append(Node("gate", gate, (Frame,), queue=None, control=KeyframeGate.controls))
    fusion = Fusion(parts.config.fusion, tuple(detectors), parts.device, parts.now_ns, asks_to_read)
    takes = (SpeechStarted, Keyframe, Looked, Transcript, Answer, Spoken, Interrupted, Backchannel)
    nodes.append(Node("fuse", fusion, takes, Policy(capacity=256, drop="oldest", max_age_ms=60_000)))
    plugin = with_model(parts.config, parts.config.reasoning.local)
    plugin = Plugin(plugin.kind, {"cache": str(cache_folder(parts.config) / "prompts"), **plugin.options})
    local = None
    if plugin.kind != "none":
        local = plugin_module("reasoning.local", plugin).build(
            options_of("reasoning.local", plugin), now_ns=parts.now_ns, keeps=parts.keeps
        )
    queue = Policy(capacity=16, drop="oldest", max_age_ms=60_000)
    nodes.append(
        Node(
            "answer",
            Router(local, parts.cloud, parts.now_ns, parts.consent),
            (Query, Draft, Notice, Interrupted),
            queue,
            control=Router.controls,
        )
    )
    if parts.config.sinks.speaks:
        nodes += _speaking(parts)
    nodes += [
        Node(name, stage, getattr(stage, "takes", (Keyframe,)), NEWEST_FRAME, nice=SEEING_NICE)
        for name, stage in detectors.items()
    ]
    memory.give_back()
    return nodes


def asks_to_read(words: str) -> bool:
    """Whether a question, or its first words, asks for texts, numbers or codes in view; the clock is none."""
    cues = cue_words.said(words.lower().replace("'", " ").split())
    return bool(cues & TO_READ) and not (
        cues & TO_READ == {"time"} and words.lower().rstrip("? ").endswith("time is it")
    )


def _speaking(parts: Parts) -> list[Node]:
    """From the answer's words to the speaker."""
    plugin = parts.config.sinks.voice
    voice = plugin_module("sinks.voice", plugin).build(options_of("sinks.voice", plugin))
    player = Player(parts.output or ClockedOutput(parts.now_ns), parts.now_ns)
    words = Policy(capacity=4096, drop="oldest", max_age_ms=60_000)
    sound = Policy(capacity=256, drop="oldest", max_age_ms=60_000)
    return [
        Node("speech", SpeechMaker(voice), SpeechMaker.takes, words, control=SpeechMaker.controls),
        Node("player", player, Player.takes, sound, control=Player.controls),
    ]


def _hearing(config: Config) -> list[Node]:
    hearing = config.hearing
    vad = plugin_module("hearing.vad", hearing.vad).build(options_of("hearing.vad", hearing.vad))
    wake = None
    if hearing.wake.kind != "none":
        wake = plugin_module("hearing.wake", hearing.wake).build(options_of("hearing.wake", hearing.wake))
    turn = None
    if hearing.turn.kind != "none":
        chosen = with_model(config, hearing.turn)
        turn = plugin_module("hearing.turn", chosen).build(options_of("hearing.turn", chosen))
    asr = asr_plugin(config)
    listen = plugin_module("hearing.asr", asr).build(options_of("hearing.asr", asr))
    echo = EchoCanceller() if hearing.cancel_echo and config.sinks.speaks else None
    hear = Hear(hearing, vad, wake, turn, echo)
    return [
        Node("hear", hear, (AudioChunk, Button, Transcript, Played), Policy(512, "join", max_age_ms=30_000)),
        Node("listen", listen, (Utterance,), Policy(512, "join", max_age_ms=30_000)),
    ]


def asr_plugin(config: Config) -> Plugin:
    """The recogniser with what the runtime knows for it: the cache folder and the assistant's phrases."""
    plugin = config.hearing.asr
    if plugin.kind != "pocketsphinx":
        return plugin
    from edge.perception.assistant_phrases import PHRASES, SLOTS

    given: dict[str, Any] = {"cache": str(cache_folder(config)), "phrases": list(PHRASES), "slots": SLOTS}
    own = dict(plugin.options)
    given["slots"] = {**SLOTS, **own.pop("slots", {})}
    return Plugin(plugin.kind, given | own)


def with_model(config: Config, plugin: Plugin) -> Plugin:
    """The plug-in with its model's name or address made a path, and the file held against its first checksum.

    Raises:
        ModelError: the model is not here, or is not the one that it was.
    """
    model = plugin.options.get("model")
    if not isinstance(model, str) or not model or plugin.kind == "moonshine":  # a folder, checked by its library
        return plugin
    path = ModelStore(cache_folder(config) / "models").resolve(model)
    return Plugin(plugin.kind, {**plugin.options, "model": str(path)})


def _detectors(config: Config) -> dict[str, Any]:
    """The detectors that have their models, by the name that their `Looked` carries."""
    stages = []
    for name in ("perception.objects", "perception.text", "perception.faces"):
        plugin: Plugin = getattr(config.perception, name.rpartition(".")[2])
        if plugin.kind == "none" or plugin.options.get("model") == "":
            continue
        plugin = with_model(config, plugin)
        stages.append(plugin_module(name, plugin).build(options_of(name, plugin)))
    if config.perception.codes.qr or config.perception.codes.barcodes:
        stages.append(codes.build(config.perception.codes))
    return {stage.name: stage for stage in stages}

"""Glasses as a source of the runtime, with the simulated ones; the light's interlock holds here too."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.clock import MS, S, session_clock
from edge.config import load_config
from edge.errors import ConfigError
from edge.live import sources
from edge.sinks.hud import Hud, Options
from edge.sources.glasses import Glasses, _Blocks
from edge.sources.glasses import Options as GlassesOptions
from edge.types import Answer, AudioChunk, Button, Failure, Frame, Token
from firmware_bridge.microphone import Sound


class Collector:
    """Takes what a source publishes until `enough` says so, then stops it."""

    def __init__(self, enough: Any) -> None:
        self.stop, self.items, self._enough = threading.Event(), [], enough  # type: ignore[var-annotated]  # whatever comes

    def __call__(self, item: Any) -> None:
        self.items.append(item)
        if self._enough(self.items):
            self.stop.set()

    def of(self, kind: type[Any]) -> list[Any]:
        return [item for item in self.items if isinstance(item, kind)]


def collected(options: GlassesOptions, enough: Any, page: Any = lambda: None) -> Collector:
    """Runs the source until there is enough, at most 20 s."""
    collector = Collector(enough)
    guard = threading.Timer(20, collector.stop.set)
    guard.start()
    Glasses(options, session_clock(), page).run(collector, collector.stop)
    guard.cancel()
    return collector


def has(*kinds: type[Any], count: int = 1) -> Any:
    return lambda items: all(sum(isinstance(item, kind) for item in items) >= count for kind in kinds)


def test_glasses_give_frames_sound_and_buttons_with_times_of_the_runtime(tmp_path: Path) -> None:
    script = tmp_path / "day.toml"
    script.write_text('[[at]]\ns = 0.5\ndo = "click"\n')
    found = collected(GlassesOptions(f"sim:?script={script}", width=320), has(Frame, AudioChunk, Button, count=2))
    frames, chunks, buttons = found.of(Frame), found.of(AudioChunk), found.of(Button)
    assert frames[0].image.shape == (240, 320, 3) and not frames[0].image.flags.writeable
    assert [chunk.samples.shape for chunk in chunks[:2]] == [(1280,), (1280,)] and chunks[0].joins(chunks[1])
    assert [(b.name, b.pressed) for b in buttons] == [("talk", True), ("talk", False)]
    for item in found.items:
        assert 0 <= item.t_ns < 20 * S
    assert not found.of(Failure)


def test_the_newest_page_is_shown_on_the_glasses_and_a_failed_one_is_followed_by_the_next() -> None:
    pages = iter(["first", None, "second"])
    shown: list[str] = []

    def page() -> str | None:
        text = next(pages, None)
        if text is not None:
            shown.append(text)
        return text

    collected(GlassesOptions("sim:", microphone=False, width=160), lambda items: len(shown) == 2, page)
    assert shown == ["first", "second"]


def test_glasses_without_a_camera_say_so_and_the_rest_goes_on() -> None:
    found = collected(GlassesOptions("sim:g1", microphone=True), has(Failure))
    assert found.of(Failure)[0].error == "these glasses have no camera and no microphone"


def test_glasses_that_refuse_the_camera_say_why(tmp_path: Path) -> None:
    script = tmp_path / "hot.toml"
    script.write_text('[[at]]\ns = 0\ndo = "light_fails"\n')
    found = collected(GlassesOptions(f"sim:?script={script}", microphone=False), has(Failure))
    assert found.of(Failure)[0].error == "the camera does not start: the recording light does not work"
    assert not found.of(Frame)


def test_glasses_that_are_not_there_are_a_failure_with_its_reason_and_not_an_end() -> None:
    found = collected(GlassesOptions("tcp:127.0.0.1:1"), has(Failure))
    assert "tcp:127.0.0.1:1 cannot be reached" in found.of(Failure)[0].error


def sound(first: int, count: int, rate_hz: int = 16_000) -> Sound:
    return Sound(first * S // rate_hz, first, rate_hz, np.full(count, 7, np.int16))


def test_lost_sound_is_silence_of_its_length_and_is_told() -> None:
    blocks = _Blocks(1280)
    found = [one for first in (0, 320, 640, 1600) for one in blocks.add(sound(first, 320))]
    (chunk, lost) = found[0]
    assert lost == 640 and chunk.samples.tolist() == [7] * 960 + [0] * 320
    assert chunk.t_ns == pytest.approx(0, abs=MS)


def test_sound_of_8_khz_is_brought_to_16() -> None:
    found = [chunk for first in range(0, 1600, 160) for chunk, _ in _Blocks(160).add(sound(first, 160, 8000))]
    assert {len(chunk.samples) for chunk in found} == {160}


def test_a_uri_that_names_no_glasses_and_glasses_that_are_not_set_are_configuration_errors() -> None:
    with pytest.raises(ConfigError, match="names no glasses"):
        Glasses(GlassesOptions("spectacles"), session_clock())
    config = load_config(None, ['camera.source="glasses"', 'microphone.device="none"'])
    with pytest.raises(ConfigError, match="--glasses URI"):
        sources(config)(session_clock())


def test_the_hud_has_the_newest_lines_and_each_page_once() -> None:
    hud = Hud(Options(columns=10, lines=2))
    assert hud.newest() is None
    for index, word in enumerate(["one two ", "three four ", "five six"]):
        list(hud.process(Token(0, word, index)))
    assert hud.newest() == "five six"
    assert hud.newest() is None
    list(hud.process(Answer(0, "which?", "seven", "local", 0.9, False, None, 0, 0)))
    assert hud.newest() == "seven"

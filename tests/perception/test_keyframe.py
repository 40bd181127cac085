"""The keyframe gate: what is new, what is the same, what is too blurred."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.perception.keyframe import KeyframeGate, Options, build
from edge.types import Frame, Keyframe, SpeechStarted
from tests.fakes import said
from tests.perception.pictures import Image, sign

PERIOD_NS = 33_000_000


def run(gate: KeyframeGate, images: list[Image], start: int = 0) -> list[Keyframe | None]:
    """What the gate says to each picture, at 30 frames a second."""
    frames = [Frame((start + i) * PERIOD_NS, image, start + i) for i, image in enumerate(images)]
    return [next(gate.process(frame), None) for frame in frames]


def kinds(keyframes: list[Keyframe | None]) -> str:
    """N for a new scene, r for a refresh, - for nothing."""
    return "".join("-" if k is None else "r" if k.is_refresh else "N" for k in keyframes)


@pytest.fixture
def scene() -> Image:
    return sign("CAFE LUNA", "OPEN 9:00")


def test_a_still_scene_gives_one_keyframe_and_refreshes(scene: Image) -> None:
    """A detector that is done with it has nothing more to do."""
    assert kinds(run(build(Options()), [scene] * 10)) == "Nrrrrrrrrr"


def test_sensor_noise_and_exposure_drift_are_the_same_scene(scene: Image) -> None:
    """Noise of 15 grey levels a pixel, brightness down to 70 % and up to 120 %."""
    rng = np.random.default_rng(1)
    drift = np.concatenate([np.linspace(1.0, 0.7, 20), np.linspace(0.7, 1.2, 20)])
    images = [np.clip(scene * gain + rng.normal(0, 15, scene.shape), 0, 255).astype(np.uint8) for gain in drift]
    assert "N" not in kinds(run(build(Options()), images))[1:]


def test_a_sign_that_comes_into_view_is_a_new_scene(scene: Image) -> None:
    """It covers 3 % of the picture."""
    changed = scene.copy()
    changed[380:450, 480:610] = 240
    assert kinds(run(build(Options()), [scene, scene, changed, changed])) == "NrNr"


def test_a_blurred_new_scene_waits_for_a_sharper_frame(scene: Image) -> None:
    """The head turns, then stops."""
    other = sign("PLATFORM 7")
    turning = np.asarray(cv2.blur(other, (61, 5)), np.uint8)
    assert kinds(run(build(Options()), [scene, *[turning] * 5, other])) == "N-----N"


def test_a_blurred_new_scene_goes_through_when_nothing_sharper_comes(scene: Image) -> None:
    """After the patience of 0.6 s, and the sharp frame that comes later is looked at again."""
    other = sign("PLATFORM 7")
    turning = np.asarray(cv2.blur(other, (61, 5)), np.uint8)
    said = kinds(run(build(Options()), [scene, *[turning] * 25, other]))
    assert said.count("N") == 3
    assert said.index("N", 1) == 20
    assert said[-1] == "N"


def test_a_still_scene_is_looked_at_again_ever_more_seldom(scene: Image) -> None:
    """After 2 s, for it is looked at steadily, after 5 s, then twice as long each time, up to five minutes: a camera on a
    table all night costs nothing.
    """
    gate = build(Options())
    frames = [Frame(second * 1_000_000_000, scene, second) for second in range(1000)]
    looked = [f.seq for f in frames for k in gate.process(f) if not k.is_refresh]
    assert looked == [0, 2, 7, 17, 37, 77, 157, 317, 617, 917]


def test_the_same_frames_give_the_same_keyframes(scene: Image) -> None:
    """Nothing but the frames goes in."""
    images = [scene, sign("EXIT"), scene]
    first, second = (run(build(Options()), images) for _ in range(2))
    assert [(k.t_ns, k.sharpness) for k in first if k] == [(k.t_ns, k.sharpness) for k in second if k]


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 700, 3), (37, 2, 3), (480, 640), (480, 640, 1), (1080, 1920, 3)])
def test_frames_of_any_size_are_taken(shape: tuple[int, ...]) -> None:
    """One pixel, one line, grey, full HD."""
    assert kinds(run(build(Options()), [np.zeros(shape, np.uint8)] * 2)) == "Nr"


def looks_of(gate: KeyframeGate, scene: Image, seconds: range) -> list[int]:
    """When the still scene is looked at, one frame a second."""
    frames = [Frame(second * 1_000_000_000, scene, second) for second in seconds]
    return [f.seq for f in frames for k in gate.process(f) if not k.is_refresh]


def test_a_still_scene_is_looked_at_more_often_while_the_person_speaks(scene: Image) -> None:
    """After 1 s, then twice as long each time; with the last word all is as before."""
    gate = build(Options())
    assert looks_of(gate, scene, range(30)) == [0, 2, 7, 17]
    gate.control(SpeechStarted(29_500_000_000))
    assert looks_of(gate, scene, range(30, 40)) == [30, 32, 36]
    gate.control(said("what does it", 39_000, final=False))
    gate.control(said("what does it say", 39_500))
    assert looks_of(gate, scene, range(40, 80)) == [56]


def test_that_somebody_speaks_lets_no_second_look_at_once_through(scene: Image) -> None:
    """The scene was looked at less than a second ago."""
    gate = build(Options())
    before = run(gate, [scene] * 3)
    gate.control(SpeechStarted(0))
    assert kinds(before + run(gate, [scene] * 3, start=3)) == "Nrrrrr"


def test_only_a_second_chance_is_marked_as_one(scene: Image) -> None:
    """Nobody waits for it; a new scene, and one that was blurred before, is waited for."""
    gate = build(Options())
    found = [k for second in range(4) for k in gate.process(Frame(second * 1_000_000_000, scene, second))]
    assert [(k.is_refresh, k.is_again) for k in found] == [(False, False), (True, False), (False, True), (True, False)]

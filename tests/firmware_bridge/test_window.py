"""The simulated glasses in a window: what is drawn, what keys do, and what is said where there is no desktop."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_bridge.__main__ import main
from firmware_bridge.messages import Battery, ChargeFlag, DisplayRect, Heat, Thermal, Worn
from firmware_bridge.sim import profile
from firmware_bridge.sim.device import SimGlasses
from firmware_bridge.sim.pictures import Camera
from firmware_bridge.sim.script import ACTIONS
from firmware_bridge.sim.sound import Ear
from firmware_bridge.sim.view import View, draw, look
from firmware_bridge.sim.window import step_of, watch


def glasses(name: str = "") -> SimGlasses:
    return SimGlasses(profile.load(name), time.monotonic_ns(), camera=Camera(""), ear=Ear(""))


def seen(colour: str = "green", **changed: object) -> View:
    display = np.zeros((40, 100), np.uint8)
    display[10:20, 30:50] = 255
    view = View("G", colour, 1, display, Battery(50), Thermal(2500, 0), Worn.DONNED, "connected", False, False)
    return replace(view, **changed)  # type: ignore[arg-type]  # fields of a view


def share_of(picture: NDArray[np.uint8], bgr: tuple[int, int, int]) -> float:
    return float((np.abs(picture.astype(int) - bgr) <= 2).all(axis=2).mean())


def test_the_display_is_enlarged_by_whole_pixels_in_the_colour_of_its_light() -> None:
    picture = draw(seen())
    lit = (picture == profile.COLOURS["green"]).all(axis=2)
    rows, columns = np.nonzero(lit.any(axis=1))[0], np.nonzero(lit.any(axis=0))[0]
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (110, 220) and lit.sum() == 110 * 220
    assert not (draw(seen("amber")) == profile.COLOURS["green"]).all(axis=2).any()


def test_the_light_burns_in_the_picture_only_while_it_burns() -> None:
    red = (60, 60, 245)
    assert share_of(draw(seen(is_light_on=True)), red) > share_of(draw(seen()), red) == 0


@pytest.mark.parametrize("changed", [
    {"battery": Battery(49)}, {"battery": Battery(50, ChargeFlag.CHARGING)}, {"battery": Battery(2, 12)},
    {"battery": Battery()}, {"thermal": Thermal(4500, Heat.HOT)}, {"worn": Worn.FOLDED}, {"link": "no host"},
    {"is_microphone_on": True}, {"display": None}, {"name": "H"},
])  # fmt: skip
def test_everything_that_a_view_has_is_in_the_picture(changed: dict[str, object]) -> None:
    before, after = draw(seen()), draw(seen(**changed))
    assert before.shape != after.shape or (before != after).any()


@pytest.mark.parametrize("name", [path.stem for path in profile.FOLDER.glob("*.toml")])
def test_every_profile_fits_a_small_screen(name: str) -> None:
    height, width, _ = draw(look(glasses(name))).shape
    assert height <= 900 and width <= 1280


class Person:
    """Presses keys, one at each look, and keeps what was shown."""

    def __init__(self, keys: Iterable[str | None], closes: bool = False) -> None:
        self._keys, self._closes = iter(keys), closes
        self.shown: list[NDArray[np.uint8]] = []

    def show(self, picture: NDArray[np.uint8]) -> None:
        self.shown.append(picture)

    def key(self) -> int | None:
        key = next(self._keys)
        return None if key is None else ord(key)

    @property
    def is_open(self) -> bool:
        return not self._closes


def look_at(sim: SimGlasses, person: Person) -> None:
    async def run() -> None:
        async with asyncio.timeout(10):
            await watch(sim, person)

    asyncio.run(run())


def test_keys_do_to_the_glasses_what_a_person_does_and_q_ends() -> None:
    sim, person = glasses(), Person(["f", None, None, "P", None, "x", "q"])
    look_at(sim, person)
    assert sim.body.worn is Worn.FOLDED and sim.body.power.is_plugged
    assert len(person.shown) == 3, "a picture at the start and after each change, none in between"
    closed = Person([None], closes=True)
    look_at(glasses(), closed)
    assert len(closed.shown) == 1


def test_each_key_is_an_action_of_a_script() -> None:
    sim = glasses()
    steps = [step_of(ord(key), sim) for key in " dtwofpP"]
    assert all(step is not None and step.do in ACTIONS for step in steps) and step_of(ord("z"), sim) is None


def test_a_view_follows_the_glasses() -> None:
    sim = glasses()
    before = look(sim)
    sim.display.panel.rect(DisplayRect(page=1, width=9, height=9))
    sim.display.panel.show()
    sim.display.shown.append(1)
    sim.camera.light.turn(on=True, now_ns=0)
    after = look(sim)
    assert before != after and after.is_light_on and after.display is not None and after.display.max() == 255
    assert before.display is not None and before.display.max() == 0, "a view keeps what it saw"


def test_without_a_desktop_one_sentence_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert main(["sim", "--window", "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert "no desktop" in said and "--png" in said and said.count("\n") == 1


def test_a_port_that_is_in_use_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["sim", "--port", str(taken.getsockname()[1])]) == 1
    said = capsys.readouterr().err
    assert "choose another one" in said and said.count("\n") == 1

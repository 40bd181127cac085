"""The firmware update of simulated glasses: only valid images run, an unconfirmed one is rolled back, a cut is no harm."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from firmware_bridge.__main__ import main
from firmware_bridge.errors import UpdateError
from firmware_bridge.glasses import Glasses
from firmware_bridge.image import DEVELOPMENT_KEY, is_valid, pack, unpack
from firmware_bridge.media_sim import Sim, build
from firmware_bridge.sim.script import Step
from firmware_bridge.update import Updater

NEW = pack(random.Random(1).randbytes(60_000), (2, 1, 3), DEVELOPMENT_KEY)


def with_updater(program: Callable[[Updater, Sim, Glasses], Awaitable[None]], address: str = "") -> None:
    async def run() -> None:
        sim = build(address)
        async with asyncio.timeout(30), Glasses(sim) as glasses:
            await glasses.ready()
            await program(Updater(glasses), sim, glasses)

    asyncio.run(run())


@pytest.mark.parametrize("address", ["", "?loss=00000010001"])
def test_an_update_runs_and_is_confirmed(address: str) -> None:
    async def program(updater: Updater, sim: Sim, glasses: Glasses) -> None:
        seen: list[int] = []
        assert await updater.update(NEW, lambda done, total: seen.append(done)) == "2.1.3"
        assert seen == sorted(seen) and seen[-1] == len(NEW)
        assert sim.glasses.slots.running == NEW and sim.glasses.slots.confirmed
        assert glasses.capabilities.firmware == 2 << 24 | 1 << 16 | 3
        assert [(slot.version, slot.active, slot.confirmed) for slot in await updater.slots()] == [
            ("2.1.3", True, True), ("1.0.0", False, False),
        ]  # fmt: skip

    with_updater(program, address)


def test_an_upload_goes_on_where_it_was_after_a_cut_and_after_a_reboot() -> None:
    async def program(updater: Updater, sim: Sim, glasses: Glasses) -> None:
        actions = iter(["cut", "reboot"])

        def disturb(done: int, total: int) -> None:
            if done > total // 3 and (action := next(actions, None)):
                sim.glasses._script.append(Step(0, action))

        taken: list[int] = []
        upload = sim.glasses.slots._upload
        sim.glasses.slots._upload = lambda f: taken.append(f["off"]) or upload(f)  # type: ignore[func-returns-value, method-assign]  # counts
        await updater.upload(NEW, disturb)
        assert sim.glasses.slots.other == NEW
        assert len(taken) < 1.5 * len(NEW) / 900, "not from the beginning again"

    with_updater(program)


def test_an_image_with_a_wrong_tag_is_not_taken_and_the_old_one_goes_on() -> None:
    async def program(updater: Updater, sim: Sim, glasses: Glasses) -> None:
        old = sim.glasses.slots.running
        for wrong in (NEW[:-1] + bytes((NEW[-1] ^ 1,)), pack(b"x" * 5000, (9, 9, 9), b"another key")):
            with pytest.raises(UpdateError, match="do not take the image"):
                await updater.update(wrong)
        assert sim.glasses.slots.running == old

    with_updater(program)


def test_an_image_that_is_not_confirmed_is_rolled_back_by_the_next_start() -> None:
    slots = build("").glasses.slots
    old = slots.running
    slots.other, slots._tested = NEW, True
    slots.boot()
    assert slots.running == NEW and not slots.confirmed
    slots.boot()
    assert slots.running == old and slots.confirmed


def test_a_file_that_is_no_image_is_refused_before_anything_is_sent() -> None:
    for file in (b"", b"MZ" * 100, NEW[:-5], NEW + b"\0"):
        assert not is_valid(file, DEVELOPMENT_KEY)
        with pytest.raises(UpdateError, match="no firmware image"):
            unpack(file)
    assert is_valid(NEW, DEVELOPMENT_KEY) and unpack(NEW).version_text == "2.1.3"


def test_the_command_updates_and_says_what_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new.img").write_bytes(NEW)
    assert main(["update", str(tmp_path / "new.img")]) == 0
    assert "firmware 2.1.3 runs and is confirmed" in capsys.readouterr().out
    (tmp_path / "old.img").write_bytes(b"nothing")
    assert main(["update", str(tmp_path / "old.img")]) == 1
    assert "no firmware image" in capsys.readouterr().err
    assert main(["update", "/nowhere.img"]) == 2

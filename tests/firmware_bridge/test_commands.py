"""The `firmware-bridge` command as a person types it, with simulated glasses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from firmware_bridge.__main__ import main

ROOT = Path(__file__).parent.parent.parent


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_ping_says_how_long_the_way_is_and_how_fast_the_clock_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ping", "--seconds", "0.5", "--json"]) == 0
    (found,) = lines(capsys)
    assert found["product"] == "Glasspath sim" and found["pings"] > 5 and 0 < found["median_ms"] < 200  # type: ignore[operator]  # JSON


def test_hud_shows_a_text_and_draws_the_display_as_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hud", "good morning", "--png", str(tmp_path / "hud.png")]) == 0
    assert "shown after" in capsys.readouterr().out
    picture = cv2.imread(str(tmp_path / "hud.png"), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and picture.shape == (136, 576) and 200 < (picture > 0).sum() < 5000


def test_photo_and_mic_write_files_that_other_programs_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["photo", str(tmp_path / "a.jpg"), "--width", "320", "--glasses", "sim:halo"]) == 0
    picture = cv2.imread(str(tmp_path / "a.jpg"))
    assert picture is not None and picture.shape == (240, 320, 3)
    assert main(["mic", str(tmp_path / "a.wav"), "--seconds", "0.4", "--codec", "ulaw", "--json"]) == 0
    assert lines_of(capsys)["lost"] == 0
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getframerate() == 16_000 and file.getnframes() > 3000


def lines_of(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_monitor_tells_the_whole_state_then_what_happens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "a.toml"
    script.write_text('[[at]]\ns = 0.3\ndo = "fold"\n[[at]]\ns = 0.4\ndo = "log"\nvalue = "hinge"\n')
    assert main(["monitor", "--seconds", "1", "--json", "--glasses", f"sim:?script={script}"]) == 0
    found = lines(capsys)
    assert [row["event"] for row in found if "event" in row][:2] == ["Capabilities", "Battery"]
    assert any(row.get("event") == "Wear" and row["state"] == 2 for row in found)
    assert any(row.get("event") == "Log" and row["text"] == "hinge" for row in found)
    assert found[0]["link"] == "opening"


def test_soak_ends_well_with_a_lossy_link_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", "--seconds", "1", "--json", "--glasses", "sim:?loss=" + "0" * 150 + "1"]) == 0
    found = lines_of(capsys)
    assert found["rounds"] == found["pictures"] and found["wrong"] == []


def test_scan_finds_the_simulator_and_says_what_it_could_not_search(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--json"]) == 0
    assert {"uri": "sim:", "what": "simulated glasses, always there"} in lines(capsys)


@pytest.mark.parametrize(("command", "code", "words"), [
    (["hud", "x", "--glasses", "nowhere"], 2, "names no glasses"),
    (["hud", "x", "--glasses", "sim:nobody"], 2, "is no profile"),
    (["hud", "x", "--glasses", "tcp:127.0.0.1:1", "--wait", "0.2"], 1, "cannot be reached"),
    (["photo", "/nowhere/a.jpg"], 2, "cannot be written"),
    (["photo", "--glasses", "sim:g1"], 1, "these glasses cannot do it"),
    (["sim", "frame?script=/nowhere.toml"], 2, "cannot be read"),
])  # fmt: skip
def test_what_cannot_be_is_one_sentence_and_an_exit_code(
    command: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == code
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said and said.count("\n") == 1


def test_sim_in_one_terminal_and_hud_in_another_as_a_new_user_would(tmp_path: Path, interruptible: None) -> None:
    python = [sys.executable, "-m", "firmware_bridge"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*python, "sim", "--port", "0", "--json", "--png", str(tmp_path / "hud.png")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as sim:  # fmt: skip
        deadline = threading.Timer(60, sim.kill)  # whatever waits for it then goes on, and fails
        deadline.start()
        try:
            assert sim.stdout is not None and sim.stderr is not None
            uri = json.loads(sim.stdout.readline())["uri"]
            done = subprocess.run(
                [*python, "hud", "hello", "--glasses", uri], capture_output=True, text=True, env=environment, timeout=60
            )
            assert done.returncode == 0 and "shown after" in done.stdout, done.stderr
            sim.send_signal(signal.SIGINT)
            assert sim.wait(60) == 130 and "Traceback" not in sim.stderr.read()
        finally:
            deadline.cancel()
            sim.kill()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell that runs this in the background lets it ignore SIGINT, and what we start would inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)

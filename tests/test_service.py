"""The service manager is told the truth, and the unit is one that systemd takes."""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.commands import service as command
from edge.errors import ConfigError
from edge.service import ServiceManager

DEMO = Path(__file__).parent.parent / "edge/assets/demo.mp4"


class Manager:
    """The manager's end of the socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(30)
        self.environment = {"NOTIFY_SOCKET": str(path)}

    def heard(self) -> str:
        return self.socket.recv(4096).decode()

    def has_heard(self) -> bool:
        self.socket.setblocking(False)
        try:
            return bool(self.socket.recv(4096))
        except BlockingIOError:
            return False
        finally:
            self.socket.settimeout(30)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    made = Manager(tmp_path / "notify")
    yield made
    made.socket.close()


def test_without_a_manager_nothing_is_said_and_nobody_watches() -> None:
    silent = ServiceManager({})
    silent.say("READY=1")
    assert silent.watch(lambda: 0.0, threading.Event()) is None


def test_a_manager_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).say("READY=1")


def test_the_watchdog_hears_of_us_until_a_stage_hangs(manager: Manager) -> None:
    stuck_s, asked, over = [0.0], threading.Semaphore(0), threading.Event()

    def longest() -> float:
        asked.release()
        return stuck_s[0]

    thread = ServiceManager(manager.environment | {"WATCHDOG_USEC": "6000"}).watch(longest, over)
    assert thread is not None
    assert [manager.heard() for _ in range(3)] == ["WATCHDOG=1"] * 3
    stuck_s[0] = math.inf
    asked.acquire(timeout=30)
    while asked.acquire(blocking=False):
        pass
    asked.acquire(timeout=30)  # from here on every answer was the new one
    while manager.has_heard():
        pass
    for _ in range(5):
        assert asked.acquire(timeout=30)
    over.set()
    thread.join(30)
    assert not manager.has_heard()


def test_a_watchdog_of_another_process_is_not_ours(manager: Manager) -> None:
    other = manager.environment | {"WATCHDOG_USEC": "6000", "WATCHDOG_PID": "1"}
    assert ServiceManager(other).watchdog_s == 0
    assert ServiceManager(other | {"WATCHDOG_PID": str(os.getpid())}).watchdog_s == 0.006


def test_a_run_says_when_it_listens_that_it_lives_and_when_it_stops(manager: Manager, tmp_path: Path) -> None:
    environment = os.environ | manager.environment | {"WATCHDOG_USEC": "300000"}
    run = [sys.executable, "-m", "edge", "run", "--camera", "none", "--microphone", str(DEMO), "--seconds", "1",
           "--set", "reasoning.local.kind=none"]  # fmt: skip
    done = subprocess.Popen(run, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        heard = [manager.heard()]
        while heard[-1] != "STOPPING=1":
            heard.append(manager.heard())
    finally:
        _, said = done.communicate(timeout=60)
    assert done.returncode == 0, said
    assert heard[0].startswith("READY=1") and "WATCHDOG=1" in heard[1:-1]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (systemd)")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "glasspath.service"
    unit.write_text(command.text("root", Path(sys.executable), Path("/etc/glasspath.toml")))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_names_the_user_the_program_and_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    from edge.__main__ import main

    assert main(["service", "--user", "pi", "--config", "/data/glasspath.toml", "--json"]) == 0
    unit = json.loads(capsys.readouterr().out)["unit"]
    assert "User=pi\n" in unit and " run --config /data/glasspath.toml\n" in unit and "WatchdogSec=60\n" in unit


@pytest.mark.parametrize(
    ("user", "program", "config", "said"),
    [
        ("a b", "/x/edge", "/c.toml", "the user 'a b' cannot stand in a unit file"),
        ("pi", "/my folder/edge", "/c.toml", "the program '/my folder/edge' cannot"),
        ("pi", "/x/edge", "/c%h.toml", "the configuration '/c%h.toml' cannot"),
        ("pi", "/x/edge", "c.toml", r"c\.toml is not an absolute path"),
    ],
)
def test_what_a_unit_file_would_read_otherwise_is_refused(user: str, program: str, config: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        command.text(user, Path(program), Path(config))

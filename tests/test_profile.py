"""What work costs on a device: saved, read back, and one sentence about a file that is not such a profile."""

from __future__ import annotations

import getpass
import platform
import tomllib
from pathlib import Path

import pytest

import edge
from edge.clock import MS
from edge.commands.replay import PROFILES, profile_of
from edge.errors import ConfigError
from edge.machine import facts
from edge.profile import Profile, load_profile, measured, save_profile
from edge.trace import Trace


@pytest.mark.parametrize("device", ["Raspberry Pi 5", 'my "glasses" \\ v2', "眼鏡", "two\nlines"])
def test_a_saved_profile_reads_back_as_it_was(tmp_path: Path, device: str) -> None:
    made = Profile(device, 4, {"hear": 0.25, "asr": 312.5, "ocr_detect": 1e-5})
    save_profile(made, tmp_path / "pi.toml")
    assert load_profile(tmp_path / "pi.toml") == made


def test_a_profile_measured_from_a_trace_has_the_median_per_unit(tmp_path: Path) -> None:
    """Work without units is not work that can be scaled."""
    trace = Trace()
    for ms in (10, 20, 90):
        trace.work("prefill", "answer", 0, ms * MS, 10.0)
    trace.work("nothing", "answer", 0, 5 * MS, 0.0)
    made = measured(trace, "here", 2)
    assert made.cost_ms == {"prefill": 2.0}
    assert made.cost_ns("prefill", 3) == 6 * MS
    save_profile(made, tmp_path / "here.toml")
    assert load_profile(tmp_path / "here.toml") == made


BAD = {
    "text": ("this is no profile", "is not valid TOML"),
    "binary": ("\x00\x01", "is not valid TOML"),
    "nothing": ("", "needs cores ≥ 1 and a table"),
    "no costs": ("cores = 2\n", "needs cores ≥ 1 and a table"),
    "costs are no table": ("cost_ms = 3\n", "needs cores ≥ 1 and a table"),
    "a list": ("cost_ms = [1, 2]\n", "needs cores ≥ 1 and a table"),
    "no cores": ("cores = 0\n[cost_ms]\nhear = 1\n", "needs cores ≥ 1"),
    "half a core": ("cores = 0.5\n[cost_ms]\nhear = 1\n", "needs cores ≥ 1"),
    "cores are true": ("cores = true\n[cost_ms]\nhear = 1\n", "needs cores ≥ 1"),
    "negative": ("[cost_ms]\nhear = -1\n", "'hear' is not a time"),
    "a word": ('[cost_ms]\nhear = "fast"\n', "'hear' is not a time"),
    "not a number": ("[cost_ms]\nhear = nan\n", "'hear' is not a time"),
    "endless": ("[cost_ms]\nhear = inf\n", "'hear' is not a time"),
    "true": ("[cost_ms]\nhear = true\n", "'hear' is not a time"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_profile_is_one_sentence(tmp_path: Path, case: str) -> None:
    content, words = BAD[case]
    path = tmp_path / "bad.toml"
    path.write_text(content)
    with pytest.raises(ConfigError) as error:
        load_profile(path)
    assert f"profile {path}" in str(error.value)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_profile_that_is_missing_or_a_folder_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.toml", tmp_path):
        with pytest.raises(ConfigError, match=r"could not be read .*: give the path of a TOML file"):
            load_profile(path)


def test_work_that_a_profile_does_not_know_is_said_with_what_to_do() -> None:
    with pytest.raises(ConfigError, match=r"profile 'pi' has no cost for 'asr': measure one with 'edge profile --save"):
        Profile("pi", 4, {}).cost_ns("asr", 1.0)


def test_every_bundled_profile_is_one_and_is_found_by_name() -> None:
    names = sorted(path.stem for path in PROFILES.glob("*.toml"))
    assert "desktop" in names
    for name in names:
        assert profile_of(name) == profile_of(f"{name}.toml") == load_profile(PROFILES / f"{name}.toml")


def test_a_file_to_send_says_what_it_was_measured_on_and_nothing_of_its_owner(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name, text in (
        ("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0"),
        ("sys/class/thermal/thermal_zone0/temp", "61250\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "2400000\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "ondemand\n"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    path = tmp_path / "mine.toml"
    save_profile(Profile("mine", 4, {"hear": 0.5}), path, facts(root))
    machine = tomllib.loads(path.read_text())["machine"]
    assert machine.items() >= {"board": "Raspberry Pi 5 Model B Rev 1.0", "celsius": "61", "clock_mhz": "2400",
                               "governor": "ondemand"}.items()  # fmt: skip
    assert "onnxruntime" in machine and getpass.getuser() not in machine.values()
    assert platform.node() not in machine.values()
    assert load_profile(path).cost_ms == {"hear": 0.5}


def test_a_machine_that_tells_nothing_of_itself_is_left_out(tmp_path: Path) -> None:
    assert not {"board", "celsius", "governor"} & facts(tmp_path).keys()
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("processor : 0\nmodel name : Some CPU\n")
    assert facts(tmp_path)["board"] == "Some CPU"


def test_a_predicted_profile_costs_every_kind_of_work_that_the_measured_one_does() -> None:
    folder = Path(edge.__file__).parent / "assets/profiles"
    measured_work = load_profile(folder / "desktop.toml").cost_ms.keys()
    for path in folder.glob("*.toml"):
        profile = load_profile(path)
        assert profile.cost_ms.keys() == measured_work, path.name
        assert profile.source == ("measured" if path.stem == "desktop" else "predicted")
        assert ("PREDICTED" in path.read_text()) == (profile.source == "predicted")

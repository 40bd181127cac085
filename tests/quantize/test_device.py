"""Device profiles: each that is shipped reads, says where its figures come from, and a written one comes back the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quantize import device
from quantize.errors import OptionError

FIGURES = ("isa", "cores", "memory_bytes", "bandwidth_gb_s", "fixed_us", "fast", "decode_ns", "prefill_ns")


@pytest.mark.parametrize("name", device.names())
def test_every_shipped_profile_names_the_source_of_each_figure(name: str) -> None:
    profile = device.load(name)
    assert set(profile.sources) == set(FIGURES)
    assert all(len(text) > 5 for text in profile.sources.values())


def test_decode_takes_the_slower_of_reading_and_computing() -> None:
    pi5 = device.load("pi5")
    read = pi5.decode_ns("Q8_0", n_bytes=11_000_000, n_weights=1)
    assert read == pytest.approx(1e6)
    computed = pi5.decode_ns("IQ2_XS", n_bytes=1, n_weights=1_000_000)
    assert computed == pytest.approx(0.06 * 1e6)


def test_the_same_model_is_slower_on_each_smaller_board() -> None:
    times = [device.load(name).decode_ns("Q4_K", 60_000_000, 107_000_000) for name in ("pi5", "ar1", "pi4", "zero2w")]
    assert times == sorted(times) and times[0] < times[-1] / 5


def test_a_type_with_no_row_has_the_one_of_its_family_or_of_the_others() -> None:
    pi5 = device.load("pi5")
    assert pi5.prefill_ns("IQ3_XXS", 1000) == pytest.approx(30)
    assert pi5.prefill_ns("Q3_K", 1000) == pytest.approx(9.9)


def test_a_profile_that_is_written_comes_back_the_same(tmp_path: Path) -> None:
    pi4 = device.load("pi4")
    device.save(pi4, tmp_path / "mine.toml")
    assert device.load(str(tmp_path / "mine.toml")) == replace(pi4, name="mine")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title = 1", "missing"),
        ("nonsense", "is no device profile"),
        ("frobs = 1", "frobs is not a field|missing"),
        ("\0", "is no device profile"),
    ],
)
def test_a_file_that_is_no_profile_is_refused_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(OptionError, match=says):
        device.load(str(tmp_path / "bad.toml"))


@pytest.mark.parametrize("line", ["bandwidth_gb_s = 0", "bandwidth_gb_s = nan", "cores = true", 'memory_bytes = "8"'])
def test_a_figure_that_cannot_be_is_refused(tmp_path: Path, line: str) -> None:
    key = line.split(" ")[0]
    kept = [text for text in (device.FOLDER / "pi5.toml").read_text().splitlines() if not text.startswith(key + " = ")]
    at = next(n for n, text in enumerate(kept) if text.startswith("["))
    (tmp_path / "bad.toml").write_text("\n".join([*kept[:at], line, *kept[at:]]))
    with pytest.raises(OptionError, match=key):
        device.load(str(tmp_path / "bad.toml"))


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(OptionError, match="did you mean pi5"):
        device.load("pi55")

"""Counted instructions: one real stage under the emulator, and what is said when a stage costs more than before."""

from __future__ import annotations

import pickle
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.instruction_count import Counted, Tool, count, measure, tool, why_not
from benchmarks.instruction_record import record
from benchmarks.instruction_turn import NEEDS
from benchmarks.instructions import KEPT, claims, grown, incomparable, keep, kept

BEFORE = Counted(dict.fromkeys(NEEDS, 1_000_000), {}, {"qemu": "7.2", "numpy": "2.4.6"})
MISSING = why_not()
needs_emulator = pytest.mark.skipif(bool(MISSING), reason=MISSING or "it is here")


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("turn")
    record(folder, ["gate"])
    yield folder
    shutil.rmtree(folder)  # 190 MB of pictures; pytest would keep them for three runs


@pytest.fixture(scope="module")
def using(tmp_path_factory: pytest.TempPathFactory) -> Tool:
    return tool(tmp_path_factory.mktemp("tool"))


@pytest.fixture(scope="module")
def counted(turn: Path, using: Tool) -> Counted:
    return measure(["gate"], turn, using)


@needs_emulator
def test_the_gate_executes_no_more_than_was_kept(counted: Counted) -> None:
    assert not counted.left_out
    before = kept(KEPT)
    if why := incomparable(counted, before):
        pytest.skip(why)
    assert before is not None
    assert not grown(counted, before)
    cheaper = replace(before, stages={"gate": int(counted.stages["gate"] / 1.06)})
    assert grown(counted, cheaper)[0].startswith("gate executes")


@needs_emulator
def test_half_of_the_pictures_cost_half_of_the_instructions(
    turn: Path, using: Tool, counted: Counted, tmp_path: Path
) -> None:
    calls = pickle.loads((turn / "gate.pickle").read_bytes())
    (tmp_path / "gate.pickle").write_bytes(pickle.dumps(calls[: len(calls) // 2]))
    assert count("gate", tmp_path, using) == pytest.approx(counted.stages["gate"] / 2, rel=0.05)


def test_what_cannot_be_counted_says_so_in_its_own_last_words(tmp_path: Path) -> None:
    broken = Tool((sys.executable, "-c", "import sys; sys.exit('no plug-ins here')"), tmp_path)
    with pytest.raises(RuntimeError, match=r"^no plug-ins here$"):
        count("gate", tmp_path, broken)


@pytest.mark.parametrize(("factor", "is_said"), [(0.5, False), (1.0, False), (1.05, False), (1.051, True), (2.0, True)])
def test_a_stage_that_grew_by_more_than_five_percent_is_said_in_one_sentence(factor: float, is_said: bool) -> None:
    now = replace(BEFORE, stages={**BEFORE.stages, "listen": int(1_000_000 * factor)})
    sentences = grown(now, BEFORE)
    assert [s.split()[0] for s in sentences] == (["listen"] if is_said else [])
    failing = [c.claim for c in claims(now, BEFORE) if c.holds is False]
    assert ("listen" in failing) is is_said


def test_a_stage_that_can_no_longer_be_counted_is_said() -> None:
    stages = {name: n for name, n in BEFORE.stages.items() if name != "ocr"}
    now = Counted(stages, {"ocr": "it was not done after 1200 s"}, BEFORE.versions)
    assert grown(now, BEFORE) == ["ocr could not be counted: it was not done after 1200 s."]
    assert now.turn is None and BEFORE.turn == 7_000_000


def test_a_stage_that_was_not_asked_for_is_not_missed() -> None:
    assert not grown(replace(BEFORE, stages={"gate": 1_000_000}), BEFORE)


def test_figures_of_another_package_are_not_compared_but_kept_anew() -> None:
    now = replace(BEFORE, versions={"qemu": "7.2", "numpy": "2.5.0"})
    assert "numpy is 2.5.0 and was 2.4.6" in incomparable(now, BEFORE)
    assert "--keep" in incomparable(now, BEFORE)
    assert "no figures are kept" in incomparable(now, None)
    assert not incomparable(BEFORE, BEFORE)


def test_keeping_one_stage_keeps_the_others_unless_a_package_changed(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    keep(BEFORE, file)
    keep(replace(BEFORE, stages={"ocr": 5}), file)
    assert kept(file) == replace(BEFORE, stages={**BEFORE.stages, "ocr": 5})
    keep(Counted({"ocr": 6}, {}, {"qemu": "8.0"}), file)
    assert kept(file) == Counted({"ocr": 6}, {}, {"qemu": "8.0"})

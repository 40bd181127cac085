"""`quantize fit` on a tiny Llama: bounds are kept, files measured, kills survived, bad requests refused in a sentence."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from quantize import __main__ as command
from quantize import manifest
from quantize.errors import InputError, OptionError
from quantize.gguf import clock, compare, fit, header, inspect, replay
from quantize.gguf.fit import FitRequest
from quantize.results import Fit
from tests.quantize import gguf_models


@dataclass(frozen=True, slots=True)
class Profile:
    """Stands in for a device's profile: every type takes its bytes at a gigabyte a second, Q4_0 half of it."""

    name: str = "toy"
    memory_bytes: int | None = None
    fixed_ns: float = 10_000.0

    def decode_ns(self, ggml_type: str, n_bytes: int, n_weights: int) -> float:
        return n_bytes * (0.5 if ggml_type == "Q4_0" else 1.0)

    def prefill_ns(self, ggml_type: str, n_weights: int) -> float:
        return 0.01 * n_weights


@dataclass(frozen=True, slots=True)
class Bench:
    """A model and its text, and where a first fit was made."""

    model: Path
    text: Path
    out: Path
    first: Fit

    def fit(self, **changes: object) -> Fit:
        return fit.fit(replace(request(self.model, self.text, self.out), **changes))  # type: ignore[arg-type]  # names of its fields


def request(model: Path, text: Path, out: Path) -> FitRequest:
    return FitRequest(model=model, out=out, calibration=(text,))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Rows of 288: few types fit, so the table is quick; two sizes of matrices."""
    folder = tmp_path_factory.mktemp("fit")
    model = gguf_models.make(folder / "tiny.gguf", width=288, hidden=576, layers=1, tied=True)
    text = gguf_models.documents(folder / "text.jsonl")
    first = fit.fit(replace(request(model, text, folder / "out"), size_bytes=620_000))
    return Bench(model, text, folder / "out", first)


def test_a_fit_keeps_its_size_and_nearly_fills_it(bench: Bench) -> None:
    found = bench.first
    assert found.feasible and found.out is not None and found.measured is not None and found.predicted is not None
    size = found.out.stat().st_size
    assert 0.97 * 620_000 <= size <= 620_000
    assert size == found.measured.bytes == found.predicted.bytes
    assert 0.4 < found.measured.loss / found.predicted.loss < 2.5
    assert {"kl_p99", "top1_flip", "perplexity", "prefill_tok_s"} <= set(found.measured.more)
    assert found.measured.loss == pytest.approx(found.measured.more["kl_in_memory"], rel=0.02)
    types = {t.name: t.type.name for t in header.read(found.out).tensors}
    assert all(types[u.name] == u.choice for u in found.units)


def test_a_file_is_timed_beside_its_main_type_which_leaves_nothing_behind(bench: Bench) -> None:
    """How much slower the machine is now is a ratio of two times of the same file."""
    assert bench.first.measured is not None and 0.1 < bench.first.measured.more["machine_slower"] < 10
    assert [path.name for path in bench.out.iterdir() if path.name.startswith(".")] == []


def test_one_type_throughout_stands_beside_the_plan(bench: Bench) -> None:
    """More bits lose less; the plan, of fewer bytes than Q8_0 throughout, is not the closest."""
    beside = dict(bench.first.beside)
    assert list(beside) == ["Q4_K throughout", "Q5_K throughout", "Q8_0 throughout"]
    sizes, losses = zip(*((score.bytes, score.loss) for score in beside.values()), strict=True)
    assert list(sizes) == sorted(sizes) and list(losses) == sorted(losses, reverse=True) and losses[-1] > 0


def test_the_main_type_is_the_one_that_takes_most_of_the_time_if_it_was_timed() -> None:
    ns = {"a": {"Q8_0": 5.0, "Q4_0": 3.0}, "b": {"Q8_0": 1.0, "Q4_0": 4.0}}
    timed = clock.Clock(ns, 0.0, is_predicted=False, uniform_ns={"Q8_0": 6.0})
    assert timed.main_type({"a": "Q8_0", "b": "Q4_0"}) == "Q8_0"
    assert timed.main_type({"a": "Q4_0", "b": "Q4_0"}) is None


def test_the_front_falls_from_the_smallest_file_to_the_float_one(bench: Bench) -> None:
    front = bench.first.front
    assert len(front) > 10 and front[0].bytes < 600_000 < front[-1].bytes
    free = [p.loss for p in front]
    assert (min(free) == 0.0 and max(free) == front[0].loss) or front[0].loss > front[-1].loss


def test_the_next_budget_in_the_same_folder_measures_only_its_own_plans(bench: Bench) -> None:
    journal = next(bench.out.glob("journal-*.jsonl"))
    before = journal.read_text().count("kl/")
    found = bench.fit(size_bytes=760_000)
    assert found.feasible and journal.read_text().count("kl/") == before
    assert found.measured is not None and bench.first.measured is not None
    assert found.measured.loss < bench.first.measured.loss


def test_a_loss_is_kept_with_few_bytes(bench: Bench) -> None:
    assert bench.first.measured is not None
    goal = 0.5 * bench.first.measured.loss
    found = bench.fit(max_kl=goal)
    assert found.feasible and found.measured is not None
    assert found.measured.loss <= goal and bench.first.measured.bytes < found.measured.bytes < 2_500_000


def test_a_device_profile_predicts_and_says_so(bench: Bench) -> None:
    found = bench.fit(device=Profile(), tok_s=1800.0, size_bytes=760_000)
    assert found.feasible and found.speed_is_predicted and found.device == "toy"
    assert found.measured is not None and found.measured.speed is not None and found.measured.speed >= 1800.0
    assert any(u.choice == "Q4_0" for u in found.units), "the type that is fast on the device is used"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"size_bytes": 1000}, r"nothing fits in 1,000 bytes: the smallest file of this model has \d"),
        ({"device": Profile(), "tok_s": 1e9}, r"no plan makes 1e\+09 tokens a second: the fastest makes \d"),
        ({"size_bytes": 520_000, "max_kl": 1e-9}, r"more than 1e-09: (that needs \d|no size)"),
        ({"memory_bytes": 1000, "context": 256}, r"weights and KV cache need \d"),
    ],
)
def test_what_cannot_be_is_said_with_the_nearest_that_can(bench: Bench, changes: dict[str, object], says: str) -> None:
    import re

    found = bench.fit(**changes)
    assert not found.feasible and found.out is None and found.measured is None
    assert re.search(says, found.why), found.why
    assert found.to_json()["feasible"] is False


def test_bounded_memory_counts_the_cache(bench: Bench) -> None:
    from quantize.gguf import plan

    plain = plan.cache_bytes(header.read(bench.model), 4096, ("F16", "F16"))
    found = bench.fit(memory_bytes=plain + 560_000, context=4096)
    assert found.feasible and found.measured is not None and found.manifest is not None
    kinds = tuple(str(manifest.read(found.manifest).facts["kv_cache"]).split("/"))
    cache = plan.cache_bytes(header.read(bench.model), 4096, (kinds[0], kinds[1]))
    assert found.measured.bytes + cache <= plain + 560_000


def test_where_memory_is_short_a_smaller_cache_buys_finer_weights() -> None:
    """The loss of both together is what counts; the numbers are made up."""
    from quantize.gguf import budget
    from quantize.knapsack import Option

    unit = [Option("Q4_0", 100, 0.0, 0.5), Option("Q8_0", 200, 0.0, 0.1)]
    caches = (budget.Cache(("F16", "F16"), 400, 0.0), budget.Cache(("Q8_0", "Q8_0"), 212, 0.01))
    table = budget.Table(("a", "b"), [unit, unit], 10, caches)
    tight = budget.closest(table, budget.Bounds(memory=625))
    assert tight is not None and tight.cache.name == "Q8_0/Q8_0" and tight.loss == pytest.approx(0.21)
    wide = budget.closest(table, budget.Bounds(memory=900))
    assert wide is not None and wide.cache.name == "F16/F16" and wide.loss == pytest.approx(0.2)
    assert budget.closest(table, budget.Bounds(memory=421)) is None
    least = budget.smallest(table, budget.Bounds(), 0.65)
    assert least is not None and table.bytes(least.solution) == 310 and table.choice(least.solution) != {}


@pytest.mark.parametrize("threads", [1, 2])
def test_a_replay_has_the_same_checksum(bench: Bench, tmp_path: Path, threads: int) -> None:
    assert bench.first.manifest is not None
    found = manifest.read(bench.first.manifest)
    assert replay.replay(found, bench.first.manifest, tmp_path / "again.gguf", threads) == found.out_sha256


def test_a_replay_with_another_float_file_is_refused(bench: Bench, tmp_path: Path) -> None:
    assert bench.first.manifest is not None
    found = replace(manifest.read(bench.first.manifest), source_sha256="0" * 64)
    with pytest.raises(InputError, match="not the file that"):
        replay.replay(found, bench.first.manifest, tmp_path / "again.gguf")


def test_compare_measures_a_file_against_itself_as_nothing(bench: Bench) -> None:
    assert bench.first.out is not None
    rows = compare.compare(bench.model, [bench.model, bench.first.out], [bench.text], 2000, 1)["models"]
    assert [r["kl_mean"] == 0 for r in rows] == [True, True, False]
    assert rows[2]["bytes"] == bench.first.out.stat().st_size and rows[2]["decode_tok_s"] > 0
    names = {"file", "bytes", "kl_mean", "kl_p99", "top1_flip", "perplexity", "prefill_tok_s", "decode_tok_s"}
    assert names <= set(rows[0])


def test_inspect_adds_up(bench: Bench) -> None:
    found = inspect.inspect(bench.model)
    assert found["architecture"] == "llama" and found["layers"] == 1 and found["bits_per_weight"] == 32
    assert sum(t["bytes"] for t in found["tensors"]) == sum(found["bytes_by_type"].values())


def test_a_killed_fit_goes_on_and_makes_the_same_file(bench: Bench, tmp_path: Path) -> None:
    """Killed when the table is half measured; what was measured is not measured again."""
    out = tmp_path / "out"
    words = [sys.executable, "-m", "quantize", "fit", str(bench.model), "--size", "0.62MB", "--no-report"]
    words += ["--calibration", str(bench.text), "--out", str(out)]
    run = subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = list(out.glob("journal-*.jsonl"))
        if found and found[0].read_bytes().count(b"kl/") > 30:
            break
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert list(out.glob("*.json")) == [] and list(out.glob("tiny-*.gguf")) == [], "nothing that looks finished"
    kept = found[0].read_bytes()
    again = fit.fit(replace(request(bench.model, bench.text, out), size_bytes=620_000))
    assert again.out is not None and bench.first.out is not None
    assert again.out.read_bytes() == bench.first.out.read_bytes()
    assert found[0].read_bytes().startswith(kept[: kept.rfind(b"\n") + 1])


def test_a_full_disk_leaves_no_file_that_looks_finished(bench: Bench, tmp_path: Path) -> None:
    """The largest file allowed is smaller than the result, so writing ends half way."""
    folder = tmp_path / "out"
    folder.mkdir()
    for path in bench.out.iterdir():  # journal and matrix, so that little is left to do
        if path.name.startswith(("journal", "imatrix")):
            (folder / path.name).write_bytes(path.read_bytes())
    words = [sys.executable, "-m", "quantize", "fit", str(bench.model), "--size", "0.62MB", "--no-report"]
    words += ["--calibration", str(bench.text), "--out", str(folder)]

    def narrow() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    done = subprocess.run(words, capture_output=True, text=True, preexec_fn=narrow)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "could not be written" in done.stderr or "bytes were written" in done.stderr, done.stderr
    assert [p.name for p in folder.iterdir() if p.name.startswith(("tiny", "."))] == []


def test_the_command_line_prints_one_json_object_last(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["fit", str(bench.model), "--size", "0.62MB", "--calibration", str(bench.text), "--out", str(bench.out)]
    assert command.main([*given, "--no-report", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"out", "bytes", "predicted", "measured", "feasible", "front", "manifest"} <= set(answer)
    assert answer["bytes"] == os.path.getsize(answer["out"]) and answer["measured"]["kl_mean"] > 0
    assert command.main(["replay", answer["manifest"], "--out", str(bench.out / "again.gguf")]) == 0
    assert command.main(["inspect", answer["out"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["kind"] == "gguf"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fit", "{model}", "--size", "lots"], "'lots' is no size"),
        (["fit", "{model}", "--speed", "2"], "--speed is not for GGUF models"),
        (["fit", "{model}", "--tok-s", "-1"], "--tok-s must be above 0"),
        (["fit", "{model}", "--context", "99"], "--context matters to the memory only"),
        (["fit", "{text}"], "is neither GGUF nor ONNX"),
        (["fit", "{folder}"], "is a folder"),
        (["fit", "none.gguf"], "could not be read"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(
    bench: Bench, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    places = {"model": bench.model, "text": bench.text, "folder": bench.out}
    given = [w.format(**places) for w in words]
    assert command.main([*given, "--calibration", str(bench.text), "--out", str(bench.out)]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and says in said[0], said


@pytest.mark.parametrize(
    ("text", "size"), [("60MB", 60_000_000), ("512 KiB", 524_288), ("1.5gb", 1_500_000_000), ("4000", 4000)]
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert command.size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-3MB", "3 apples", "0", "1e9MB", "99999999999GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="is no size"):
        command.size(text)

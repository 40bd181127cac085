"""Sweeps: the file is read strictly, and its tasks run, are journalled and travel to workers that carry a profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantize import sweep
from quantize.errors import OptionError, ToolError
from quantize.gguf.made_up import Shape, make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("model.gguf", "small.gguf", "words.txt"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def written(folder: Path, text: str) -> Path:
    (folder / "sweep.toml").write_text(text)
    return folder / "sweep.toml"


FIT = 'calibration = ["words.txt"]\n[[fit]]\nmodel = "model.gguf"\n'
MEASURE = '[[measure]]\nreference = "model.gguf"\nfiles = ["small.gguf"]\ntext = "words.txt"\n'


def test_each_size_and_device_is_a_fit(folder: Path) -> None:
    out, tasks = sweep.read(written(folder, FIT + 'sizes = ["3MB", "4MB"]\ndevices = ["pi5", "pi4"]\n'))
    assert out == folder / "out/sweep"
    assert [task.name for task in tasks] == [
        "fit-1-model-3MB-pi5", "fit-1-model-3MB-pi4", "fit-1-model-4MB-pi5", "fit-1-model-4MB-pi4",
    ]  # fmt: skip
    assert tasks[0].words == ("{0}", "--calibration", "{1}", "--out", "{out}", "--size", "3MB", "--device", "pi5")
    assert tasks[0].files == (str(folder / "model.gguf"), str(folder / "words.txt"))
    assert tasks[0].runs_on is None


def test_a_measurement_runs_on_each_device(folder: Path) -> None:
    _, tasks = sweep.read(written(folder, MEASURE + 'devices = ["pi5", "pi4"]\n'))
    assert [(task.verb, task.runs_on) for task in tasks] == [("compare", "pi5"), ("compare", "pi4")]
    assert tasks[0].words == ("{0}", "{1}", "--text", "{2}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "asks for nothing"),
        ("[fit]\nmodel = 'model.gguf'", r"must be tables, \[\[fit\]\]"),
        (FIT.replace("model =", "modell ="), "did you mean 'model'"),
        (FIT.replace("model.gguf", "gone.gguf"), "names gone.gguf, which is not there"),
        (FIT.replace("calibration", "# "), "has no calibration"),
        (FIT + "sizes = '3MB'", "sizes must be a list of texts"),
        (FIT + 'devices = ["pi6"]', "no device profile 'pi6'"),
        (MEASURE.replace("reference", "# "), "names no reference"),
        ("= =", "is no sweep file"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_a_sentence(folder: Path, text: str, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        sweep.read(written(folder, text))


def test_a_scheduler_that_is_not_there_is_named(folder: Path) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed (pip install glasspath[sweep])")
    with pytest.raises(ToolError, match="no Dask scheduler"):
        sweep.sweep(written(folder, FIT), "tcp://127.0.0.1:1", connect_s=0.2)


def test_fits_and_measurements_run_and_what_does_not_fit_is_an_answer(tmp_path: Path) -> None:
    """Through the real program: an answer, an answer that nothing fits, and an error, each in one line."""
    pytest.importorskip("gguf", reason="gguf is not installed (pip install glasspath[quantize])")
    # Rows that no type of blocks of 256 takes: llama.cpp needs seconds to prepare those.
    make(tmp_path / "tiny.gguf", Shape(width=96, layers=1, hidden=96, heads=3, kv_heads=1, vocabulary=288))
    (tmp_path / "words.txt").write_text("to be or not to be that is the question " * 60)
    calibration, model = str(tmp_path / "words.txt"), str(tmp_path / "tiny.gguf")
    words = ("{0}", "--calibration", "{1}", "--out", "{out}", "--device", "pi5", "--size")
    fits = sweep.run(sweep.Task("a", "fit", (*words, "100KB"), (model, calibration), None), str(tmp_path / "a"), None)
    assert fits["result"]["feasible"] and Path(fits["result"]["out"]).stat().st_size <= 100_000
    sent = {model: Path(model).read_bytes(), calibration: Path(calibration).read_bytes()}
    little = sweep.run(sweep.Task("b", "fit", (*words, "9KB"), (model, calibration), "pi5"), None, sent)
    assert little["result"]["feasible"] is False and little["result"]["why"]
    wrong = sweep.run(
        sweep.Task("c", "fit", (*words, "9 parsecs"), (model, calibration), None), str(tmp_path / "c"), None
    )
    assert wrong["error"].startswith("quantize: '9 parsecs' is no size")

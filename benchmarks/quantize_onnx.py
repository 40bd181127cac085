"""What `quantize fit` makes of real ONNX models, beside the peers: `python -m benchmarks.quantize_onnx [--quick]`.

Each model is fitted with calibration data that the results are not measured on (`quantize_inputs.py`), and so are the
peers: onnxruntime.quantization with its defaults, and NNCF with accuracy control (`peer_nncf.py`, in its own
environment). SQNR, speed: see `quantize/onnx/measure.py`; of held-out samples, one thread, all files in turns with the float
one. Task metrics: mAP@0.5 of 54 COCO pictures (detectors), words found end to end (both OCR models together), letters and
digits understood (SpellingCNN). Fits are journalled in out/quantize_onnx and go on there; what is compared is measured
anew in each run. A model that stays float loses nothing and counts with the noise of zero.
--quick: one model, a few hundred hostile files, two kills.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks import peer_nncf, quantize_hard, quantize_inputs
from benchmarks.claims import DATA, Claim, main

WORK: Final = Path(__file__).parent.parent / "out" / "quantize_onnx"
SECONDS: Final = 1.5
EXACT_DB: Final = 200.0
"""what counts for outputs without any noise"""
NNCF_S: Final = 300
"""of patience for one model"""


@dataclass(frozen=True, slots=True)
class Case:
    """One model, its data, and the noise that it bears."""

    name: str
    model: Path
    preset: str
    data: Path
    min_sqnr_db: float


@dataclass(frozen=True, slots=True)
class Row:
    """One model's outcome."""

    name: str
    sqnr_db: float
    speed: float
    low: float
    peer_sqnr_db: float | None
    """None: onnxruntime's defaults gave no file that loads"""
    peer_speed: float | None
    nncf: tuple[float, float] | None
    """SQNR and speed beside float; None: not run, or nothing that loads"""
    why: str
    out: Path | None


def cases(quick: bool) -> list[Case]:
    from edge.perception.text_models import packaged_model

    WORK.mkdir(parents=True, exist_ok=True)
    faces, coco = DATA / "vision/face", quantize_inputs.PICTURES
    found = [Case("RFB-320", faces / "version-RFB-320.onnx", "rfb", coco, 25)]
    if quick:
        return found
    detect, speech = DATA / "vision/detect", DATA / "speech"
    pages, lines = quantize_inputs.pages(WORK / "pages", 96), quantize_inputs.lines(WORK / "lines", 240)
    spelling, silero = WORK / "spelling.npz", speech / "vad/silero_vad.onnx"
    features, _, _ = quantize_inputs.spoken()
    np.savez(spelling, log_mel=features[::2])
    found += [
        Case("YOLOX-nano", detect / "yolox_nano.onnx", "yolox", coco, 22),
        Case("FastestDet", detect / "FastestDet.onnx", "fastestdet", coco, 20),
        Case("YuNet", faces / "yunet_n_dynamic.onnx", "yunet", coco, 20),
        Case("PP-OCRv6 detector", packaged_model("*_det_*.onnx"), "ppocr_det", pages, 20),
        Case("PP-OCRv6 recogniser", packaged_model("*_rec_*.onnx"), "ppocr_rec", lines, 15),
        Case("PP-OCRv3 detector", DATA / "ocr/ch_PP-OCRv3_det_infer.onnx", "ppocr_det", pages, 20),
        Case("SpellingCNN", speech / "spelling_cnn/spelling_cnn_mel.onnx", "unit", spelling, 20),
        Case("Silero VAD", silero, "unit", quantize_inputs.silero(WORK / "silero.npz", silero, 400), 20),
    ]
    return found


def measure(quick: bool) -> list[Claim]:
    """The claims, measured now."""
    if not (DATA / "vision").exists():
        return [Claim(f"quantize_onnx: {DATA} is not there (set GLASSPATH_DATA)", None, "", "")]
    rows = [_row(case, quick) for case in cases(quick)]
    for row in rows:
        peer = "does not load" if row.peer_sqnr_db is None else f"{row.peer_speed:.2f}x {row.peer_sqnr_db:.1f} dB"
        peer += "" if row.nncf is None else f", NNCF {row.nncf[1]:.2f}x {row.nncf[0]:.1f} dB"
        print(f"{row.name:20} {row.speed:5.2f}x (from {row.low:.2f}) {row.sqnr_db:6.1f} dB  defaults {peer}  {row.why}")
    return [*_model_claims(rows), *_task_claims(rows), *_tool_claims(quick)]


def _row(case: Case, quick: bool) -> Row:
    from quantize.onnx.fit import FitRequest, fit
    from quantize.onnx.inputs import samples_of
    from quantize.onnx.measure import Reference, compared
    from quantize.onnx.preprocessing import preset
    from quantize.onnx.session import open_session

    how = preset(case.preset)
    folder = WORK / case.name
    request = FitRequest(case.model, folder, case.data, min_sqnr_db=case.min_sqnr_db, preprocessing=how)
    if quick:
        request = FitRequest(
            case.model, folder, case.data, min_sqnr_db=case.min_sqnr_db, preprocessing=how, trials=2, seconds=0.1,
            calibration_samples=4,
        )  # fmt: skip
    found = fit(request, folder)
    assert found.out is not None or not found.feasible
    session = open_session(case.model)
    samples = samples_of(case.data, session.inputs, how)
    right = Reference(session, samples.part(lambda i: i % 4 == 3, 12))
    ours = open_session(found.out or case.model)
    noise, speed = right.noise(ours), compared(session, ours, right.samples, SECONDS, 1)
    peer = _defaults(case, list(samples.part(lambda i: i % 4 < 2, 4 if quick else 24)), folder / "defaults.onnx")
    peer_sqnr = peer_speed = None
    if peer is not None:
        other = open_session(peer)
        peer_sqnr = right.noise(other).sqnr_db
        peer_speed = compared(session, other, right.samples, SECONDS / 2, 1).ratio
    nncf = (
        None
        if quick or not isinstance(python := peer_nncf.python(), Path)
        else _nncf(python, case, right, samples, folder)
    )
    is_float = "float stays" in found.why
    low = 1.0 if is_float else speed.low  # the same file: what is measured is chance
    return Row(case.name, noise.sqnr_db, speed.ratio, low, peer_sqnr, peer_speed, nncf, found.why, found.out)


def _defaults(case: Case, samples: Sequence[Any], out: Path) -> Path | None:
    """onnxruntime.quantization.quantize_static as it comes; None where its file does not load."""
    import logging

    from onnxruntime.quantization import CalibrationDataReader, quantize_static

    from quantize.errors import InputError
    from quantize.onnx.session import open_session

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
        def __init__(self) -> None:
            self.left = iter(samples)

        def get_next(self) -> Any:
            found = next(self.left, None)
            return None if found is None else dict(found)

    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantize_static(str(case.model), str(out), Reader())
        open_session(out)
    except InputError:
        return None
    except Exception as error:  # the peer's own failure is its result
        print(f"onnxruntime's defaults failed on {case.name}: {str(error).splitlines()[0][:120]}")
        return None
    finally:
        logging.disable(logging.NOTSET)
    return out


def _nncf(python: Path, case: Case, right: Any, samples: Any, folder: Path) -> tuple[float, float] | None:
    """SQNR and speed beside float of what NNCF gives; None where it gives nothing that runs."""
    from quantize.errors import InputError
    from quantize.onnx.measure import compared
    from quantize.onnx.session import open_session

    with tempfile.TemporaryDirectory() as place:
        given = list(samples.part(lambda i: i % 4 < 3, 32))
        for index, sample in enumerate(given):
            np.savez(Path(place) / f"{index:03}.npz", **sample)
        out = folder / "nncf.onnx"
        command = [str(python), str(Path(__file__).with_name("peer_nncf.py")), str(case.model), place, str(out)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=NNCF_S)
        except subprocess.TimeoutExpired:
            print(f"NNCF was not done with {case.name} after {NNCF_S} s")
            return None
    if done.returncode:
        print(f"NNCF failed on {case.name}: {done.stderr.strip().splitlines()[-1][:120]}")
        return None
    try:
        other = open_session(out)
        return right.noise(other).sqnr_db, compared(
            open_session(case.model), other, right.samples, SECONDS / 2, 1
        ).ratio
    except InputError:
        return None


def _model_claims(rows: Sequence[Row]) -> list[Claim]:
    slowest = min(rows, key=lambda row: row.low)
    # Where the defaults change nothing (Silero's layers are within an If) there is nothing to be better than.
    changed = [row for row in rows if row.peer_sqnr_db is not None and row.peer_sqnr_db < EXACT_DB]
    gains = [min(EXACT_DB, row.sqnr_db) - (row.peer_sqnr_db or 0.0) for row in changed]
    peers = [row.peer_speed for row in rows if row.peer_speed is not None]
    unloadable = sum(row.peer_sqnr_db is None for row in rows)
    pair = [row.speed for row in rows if row.name.startswith("PP-OCRv6")]
    nncf = [
        (min(EXACT_DB, row.sqnr_db) - row.nncf[0], row.nncf[1])
        for row in rows
        if row.nncf is not None and row.nncf[0] < EXACT_DB
    ]
    said = f"NNCF with accuracy control gave {len(nncf)} files"
    if nncf:
        gains_over, speeds = zip(*nncf, strict=True)
        said += (
            f": we are {statistics.median(gains_over):+.1f} dB in the median, {min(gains_over):+.1f} at worst; "
            f"its speed is {statistics.median(speeds):.2f} in the median, {min(speeds):.2f} at worst"
        )
    peer = f"onnxruntime's defaults {min(peers, default=0):.2f} at worst, median {statistics.median(peers or [0]):.2f}"
    claims = [
        Claim(
            f"slowest of {len(rows)} models beside float, lower bound ({slowest.name})", slowest.low, "x", ">= 0.98", peer,
        ),
        Claim("SQNR above onnxruntime's defaults, least of all models", min(gains, default=0.0), "dB", ">= 3", said),
        Claim("files that do not load", float(sum(row.out is None for row in rows)), "", "= 0", f"defaults {unloadable}"),
        Claim("models that stay float", float(sum("float stays" in row.why for row in rows)), "", ""),
    ]  # fmt: skip
    if len(pair) == 2:
        claims.append(Claim("slower of the OCR pair beside float", min(pair), "x", ""))
    return claims


def _task_claims(rows: Sequence[Row]) -> list[Claim]:
    """Float and quantized model on the same task, in percentage points."""
    from benchmarks import quantize_tasks as tasks

    out = {row.name: row.out for row in rows}
    claims = []
    for name, metric in (
        ("YOLOX-nano", tasks.yolox_map), ("FastestDet", tasks.fastestdet_map), ("SpellingCNN", tasks.commands),
    ):  # fmt: skip
        path = out.get(name)
        if path is not None:
            before, after = metric(None), metric(path)
            claims.append(
                Claim(f"{name}: points lost", (before - after) * 100, "points", "<= 0.5", f"float {before * 100:.1f}")
            )
    detector, recogniser = out.get("PP-OCRv6 detector"), out.get("PP-OCRv6 recogniser")
    if detector is not None and recogniser is not None:
        before, after = tasks.words(None, None), tasks.words(detector, recogniser)
        lost = (before["found"] - after["found"]) / before["words"] * 100
        misread = f"misread {before['misread']} and {after['misread']}"
        claims += [
            Claim("OCR pair: points of words lost", lost, "points", "<= 0.5", f"float {before['found']} found, {misread}"),
            Claim("OCR pair together, a picture", before["median_ms"] / after["median_ms"], "x", ">= 1.5",
                  f"float {before['median_ms']:.0f} ms of processor time"),
        ]  # fmt: skip
    return claims


def _tool_claims(quick: bool) -> list[Claim]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        few, many, more = (10, 60, 20) if quick else (10, 1000, 30)
        ours = quantize_hard.memory_mb("ours", many) / quantize_hard.memory_mb("ours", few)
        other = quantize_hard.memory_mb("onnxruntime", more) / quantize_hard.memory_mb("onnxruntime", few)
        seeds = quantize_hard.seeds(folder)
        files = 300 if quick else 10_000
        hostile = quantize_hard.fuzz(files, folder)
        times = 2 if quick else 20
        resumed = quantize_hard.kills(times, seeds[0], quantize_hard.inputs(folder), folder)
    contained = hostile.get("contained crash", 0)
    return [
        Claim(f"memory of a calibration with {many} pictures of 640x640, over {few}", ours, "x", "<= 1.3",
              f"onnxruntime with {more}: {other:.2f}"),
        Claim(f"hostile files of {files} that ended our process", hostile["ended"], "", "= 0",
              f"{contained:.0f} ended the process that tries, {hostile.get('too long', 0):.0f} took too long there"),
        Claim("longest answer about a hostile file", hostile["longest_s"], "s", "<= 1"),
        Claim("memory of the process that tries, peak", hostile["peak_mb"], "MB", "<= 300"),
        Claim(f"same file after {resumed['kills']} kills", float(resumed["same"]), "", "= 1"),
        Claim("work done twice after a kill", resumed["redone"] * 100, "%", "<= 5",
              f"after all of them together {resumed['redone'] * times * 100:.1f}"),
    ]  # fmt: skip


if __name__ == "__main__":
    main("quantize_onnx", __doc__, measure)

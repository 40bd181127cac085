"""What `quantize_onnx` does to the tool rather than to a model: memory of a calibration, hostile files, kills.

Run in processes of their own: `python -m benchmarks.quantize_hard memory ours|onnxruntime COUNT` and
`… fit FOLDER` print one JSON line.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.claims import DATA

ROOT: Final = Path(__file__).parent.parent
FACES: Final = DATA / "vision/face/yunet_n_dynamic.onnx"
SIDE: Final = 640


def memory_mb(which: str, count: int) -> float:
    """Peak memory of a process that finds ranges on so many pictures of 640 × 640."""
    return float(_child("memory", which, str(count))["peak_mb"])


def fuzz(count: int, folder: Path) -> dict[str, float]:
    """Opens mutated models as `fit` would, in a process of its own. `ended`: 1 if that process did not come through."""
    done = subprocess.run(_command("fuzz", str(count), str(folder)), cwd=ROOT, capture_output=True, text=True)
    lines = done.stdout.strip().splitlines()
    found: dict[str, float] = json.loads(lines[-1]) if done.returncode == 0 and lines else {}
    return {"ended": float(not found), "longest_s": float("inf"), "peak_mb": float("inf"), **found}


def _fuzz(count: int, folder: Path) -> None:
    """Seconds on the clock for a file, memory of the largest process."""
    made = seeds(folder)
    from quantize.errors import InputError
    from quantize.onnx.trial import Trial

    dice = random.Random(7)
    originals = [path.read_bytes() for path in made]
    found: Counter[str] = Counter()
    longest, path = 0.0, folder / "mutated.onnx"
    with Trial() as trial:
        trial.open(made[0])  # the libraries are loaded before the clock runs
        for index in range(count):
            path.write_bytes(mutated(originals[index % len(originals)], dice))
            before = time.monotonic()
            try:
                trial.open(path)
                found["opened"] += 1
            except InputError as error:
                text = str(error)
                found[
                    "contained crash" if "crashes" in text else "too long" if " s to open" in text else "refused"
                ] += 1
            longest = max(longest, time.monotonic() - before)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({**found, "longest_s": longest, "peak_mb": peak}))


def mutated(data: bytes, dice: random.Random) -> bytes:
    """A few bytes changed, a piece cut out, doubled or set to 255, or the end cut off."""
    made = bytearray(data)
    start, length = dice.randrange(len(made)), dice.randrange(1, 64)
    way = dice.randrange(5)
    if way == 0:
        for _ in range(dice.randrange(1, 9)):
            made[dice.randrange(len(made))] = dice.randrange(256)
    elif way == 1:
        del made[start : start + length]
    elif way == 2:
        made[start:start] = made[start : start + length]
    elif way == 3:
        made[start : start + length] = b"\xff" * length
    else:
        del made[start:]
    return bytes(made)


def seeds(folder: Path) -> list[Path]:
    """A small model of the usual operators, and a real one whose names and sizes are worth breaking."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    dice = np.random.default_rng(1)
    sizes = {"w1": (16, 3, 3, 3), "w2": (16, 1, 3, 3), "w3": (24, 16, 1, 1), "w4": (24, 1, 3, 3), "w5": (8, 24, 1, 1)}
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "w2"], ["c"], pads=[1, 1, 1, 1], group=16),
        helper.make_node("Sigmoid", ["c"], ["d"]),
        helper.make_node("Mul", ["c", "d"], ["e"]),
        helper.make_node("Conv", ["e", "w3"], ["f"]),
        helper.make_node("Conv", ["f", "w4"], ["g"], pads=[1, 1, 1, 1], group=24),
        helper.make_node("Add", ["f", "g"], ["h"]),
        helper.make_node("Conv", ["h", "w5"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "seed",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8, 64, 64])],
        [numpy_helper.from_array(dice.normal(0, 0.3, s).astype(np.float32), n) for n, s in sizes.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, folder / "seed.onnx")
    real = DATA / "vision/hand/keypoint_classifier.onnx"
    return [folder / "seed.onnx", *([real] if real.exists() else [])]


def inputs(folder: Path) -> Path:
    """Samples for the first seed."""
    np.savez(folder / "x.npz", x=np.random.default_rng(2).normal(0, 1, (24, 1, 3, 64, 64)).astype(np.float32))
    return folder / "x.npz"


def kills(count: int, model: Path, samples: Path, folder: Path) -> dict[str, Any]:
    """A fit that is killed so many times at random and goes on; the same fit in one go; work that was done twice."""
    whole = folder / "whole"
    _prepare(whole, model, samples)
    straight = _child("fit", str(whole))
    times = _pieces(whole)
    total = sum(seconds for seconds, _ in times.values())
    cut = folder / "cut"
    _prepare(cut, model, samples)
    # what was decided by the clock in the one is decided by the same times in the other
    for journal in whole.glob("journal-*.jsonl"):
        keep = [
            line for line in journal.read_text().splitlines(keepends=True) if '["time ' in line or '["final ' in line
        ]
        (cut / "times.jsonl").write_text("".join(keep))
    dice = random.Random(11)
    survived = 0
    for _ in range(count):
        process = subprocess.Popen(
            _command("fit", str(cut)), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        begun = len(_lines(cut))
        wanted = begun + dice.randrange(1, max(2, len(times) * 2 // count))
        while process.poll() is None and len(_lines(cut)) < wanted:
            time.sleep(0.002)  # another process is waited for
        time.sleep(dice.uniform(0, 0.05))  # the kill comes at any moment of the work
        survived += process.poll() is not None
        process.kill()
        process.wait()
    done = _child("fit", str(cut))
    twice = sum((n - 1) * seconds for seconds, n in _pieces(cut).values())
    return {
        "same": straight["sha256"] == done["sha256"] and done["sha256"] is not None,
        "kills": count - survived,
        "redone": twice / total / count if total else 0.0,
    }


def _prepare(folder: Path, model: Path, samples: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copy(model, folder / "model.onnx")
    shutil.copy(samples, folder / "samples.npz")


def _lines(folder: Path) -> list[str]:
    path = folder / "pieces.log"
    return path.read_text().splitlines() if path.exists() else []


def _pieces(folder: Path) -> dict[str, tuple[float, int]]:
    """Piece of work → processor seconds when it was done, how often it was begun."""
    seconds: dict[str, float] = {}
    begun: Counter[str] = Counter()
    for line in _lines(folder):
        what, _, key = line.partition(" ")
        if what == "begin":
            begun[key] += 1
        else:
            seconds[key] = float(what)
    return {key: (seconds.get(key, 0.0), count) for key, count in begun.items()}


def _child(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(_command(*arguments), cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed: {done.stderr.strip().splitlines()[-1]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.quantize_hard", *arguments]


def _pictures(count: int) -> Iterator[dict[str, np.ndarray]]:
    dice = np.random.default_rng(0)
    ground = dice.integers(0, 256, (3, SIDE + 64, SIDE + 64)).astype(np.float32)
    for index in range(count):
        x, y = index % 64, index * 7 % 64
        yield {"input": np.ascontiguousarray(ground[None, :, y : y + SIDE, x : x + SIDE])}


def _memory(which: str, count: int) -> None:
    if which == "ours":
        from quantize.onnx import guard
        from quantize.onnx.calibrate import calibrate
        from quantize.onnx.form import Form, tensors_of
        from quantize.onnx.prepare import prepare

        form = Form(prepare(guard.load(FACES), FACES))
        calibrate(form.graph.model, tensors_of(form), _pictures(count))
    else:
        from onnxruntime.quantization.calibrate import CalibrationDataReader, CalibrationMethod, create_calibrator

        class Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
            def __init__(self) -> None:
                self.samples = _pictures(count)

            def get_next(self) -> Any:
                return next(self.samples, None)

        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "augmented.onnx")
            calibrator = create_calibrator(str(FACES), ["Conv", "MaxPool", "Add"], path, CalibrationMethod.Percentile)
            calibrator.collect_data(Reader())
            calibrator.compute_data()
    print(json.dumps({"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def _fit(folder: Path) -> None:
    """A fit whose pieces of work are written down when they begin and when they are done."""
    from quantize.files import sha256
    from quantize.onnx import lab
    from quantize.onnx.fit import FitRequest, fit

    log = (folder / "pieces.log").open("a", buffering=1)
    given = {}
    if (folder / "times.jsonl").exists():
        given = dict(json.loads(line.partition(" ")[2]) for line in (folder / "times.jsonl").read_text().splitlines())
    piece, calibrate = lab.Lab.piece, lab.calibrate

    def logged(self: lab.Lab, key: str, work: Callable[[], Any]) -> Any:
        def noted() -> Any:
            log.write(f"begin {key}\n")
            before = time.process_time()
            value = work()
            log.write(f"{time.process_time() - before:.6f} {key}\n")
            return given.get(key, value)

        return piece(self, key, noted)

    def sliced(*arguments: Any, **named: Any) -> Any:
        key = f"slice {arguments[2]._keys[0]}"
        log.write(f"begin {key}\n")
        before = time.process_time()
        value = calibrate(*arguments, **named)
        log.write(f"{time.process_time() - before:.6f} {key}\n")
        return value

    lab.Lab.piece, lab.calibrate = logged, sliced  # type: ignore[method-assign,assignment]  # to log what is redone
    request = FitRequest(
        folder / "model.onnx", folder / "out", folder / "samples.npz", speed=0.01, trials=6, seconds=0.02
    )
    found = fit(request, folder)
    print(json.dumps({"sha256": None if found.out is None else sha256(found.out)}))


if __name__ == "__main__":
    if sys.argv[1] == "memory":
        _memory(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "fuzz":
        _fuzz(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        _fit(Path(sys.argv[2]))

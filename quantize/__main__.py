"""`python -m quantize fit|imatrix|compare|inspect|replay|convert|devices|sweep`: the best model that fits a device, proven.

fit       the best file within a size, a speed and a quality      compare   how far files are from the float model
imatrix   the importance matrix and what the text reached         inspect   what is in a file, tensor by tensor
replay    makes a file again from its manifest, bit by bit        convert   a Hugging Face directory to a float GGUF
devices   device profiles; `devices measure` makes one            sweep     many fits, here or on a Dask cluster
worker    offers this machine to sweeps

Exit code 0: done; 1: nothing fits what was asked; 2: the request or a file is wrong; 130: interrupted.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from quantize import arguments, console
from quantize.arguments import size
from quantize.errors import InputError, OptionError, QuantizeError
from quantize.results import Fit

_GGUF_ONLY: Final = ("tok_s", "max_kl", "memory", "context", "eval", "device")
"""an ONNX model is timed where it is fitted: fit it on the device"""
_ONNX_ONLY: Final = (
    "speed",
    "min_sqnr",
    "preset",
    "picture_size",
    "layout",
    "order",
    "scale",
    "mean",
    "spread",
    "rate_hz",
)


def main(argv: list[str] | None = None) -> int:
    """Parses, runs one command, and says what went wrong in a sentence."""
    given = arguments.parser(__doc__ or "").parse_args(argv)
    try:
        return _COMMANDS[given.command](given)
    except QuantizeError as error:
        print(f"quantize: {error}", file=sys.stderr)
        return 2
    except MemoryError:
        print("quantize: the memory of this machine is too small for this model", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("quantize: interrupted; the same command goes on where it was", file=sys.stderr)
        return 130


def kind_of(path: Path) -> str:
    """gguf or onnx, by how the file begins.

    Raises:
        InputError: it is neither, or cannot be read.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: make a GGUF of it first with python -m quantize convert {path}")
    try:
        with path.open("rb") as file:
            begins = file.read(4)
    except OSError as error:
        raise InputError(f"{path} could not be read ({error.strerror or error}): check the path") from error
    if begins == b"GGUF":
        return "gguf"
    if len(begins) == 4 and begins[0] == 0x08 and 0 < begins[1] < 0x20:  # ir_version, the first field of a ModelProto
        return "onnx"
    raise InputError(f"{path} is neither GGUF nor ONNX: give a float model in one of these forms")


def _fit(given: argparse.Namespace) -> int:
    kind = kind_of(given.model)
    wrong = _GGUF_ONLY if kind == "onnx" else _ONNX_ONLY
    for name in wrong:
        if getattr(given, name) is not None:
            raise OptionError(f"--{name.replace('_', '-')} is not for {kind.upper()} models: leave it out")
    for name in ("tok_s", "max_kl", "speed", "context", "threads"):
        if getattr(given, name) is not None and getattr(given, name) <= 0:
            raise OptionError(f"--{name.replace('_', '-')} must be above 0")
    fitted = _fit_gguf(given) if kind == "gguf" else _fit_onnx(given)
    if not given.no_report:
        from quantize import report

        path = given.out / f"{given.model.stem}.html"
        report.write(path, fitted)
        fitted = replace(fitted, report=path)
    console.answer(fitted)
    if given.json:
        print(json.dumps(fitted.to_json()))
    return 0 if fitted.feasible else 1


def _fit_gguf(given: argparse.Namespace) -> Fit:
    from quantize.gguf import fit

    request = fit.FitRequest(
        model=given.model,
        out=given.out,
        calibration=tuple(given.calibration),
        evaluation=given.eval,
        size_bytes=None if given.size is None else size(given.size),
        tok_s=given.tok_s,
        max_kl=given.max_kl,
        memory_bytes=None if given.memory is None else size(given.memory),
        context=given.context,
        device=_device(given.device),
        threads=given.threads,
    )
    return fit.fit(request)


def _fit_onnx(given: argparse.Namespace) -> Fit:
    from quantize.onnx import fit

    if len(given.calibration) != 1:
        raise OptionError("--calibration takes one folder or one .npz for an ONNX model")
    request = fit.FitRequest(
        model=given.model,
        out=given.out,
        calibration=given.calibration[0],
        size_bytes=None if given.size is None else size(given.size),
        speed=given.speed,
        min_sqnr_db=given.min_sqnr,
        preprocessing=_how(given),
        threads=given.threads,
    )
    fitted: Fit = fit.fit(request, given.out)
    return fitted


def _device(name: str | None) -> Any:
    """The profile; None for this machine."""
    if name is None:
        return None
    from quantize import device

    return device.load(name)


def _how(given: argparse.Namespace) -> Any:
    """The preprocessing that was asked for: a preset, and what is changed of it."""
    from quantize.onnx import preprocessing

    how = preprocessing.preset(given.preset) if given.preset else preprocessing.Preprocessing()
    changes: dict[str, Any] = {n: getattr(given, n) for n in ("order", "scale", "rate_hz")} | {"fit": given.layout}
    if given.picture_size is not None:
        found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", given.picture_size)
        if not found:
            raise OptionError(f"--picture-size {given.picture_size}: write it as 640x480")
        changes["size"] = (int(found[1]), int(found[2]))
    changes |= {n: None if getattr(given, n) is None else tuple(getattr(given, n)) for n in ("mean", "spread")}
    return replace(how, **{name: value for name, value in changes.items() if value is not None})


def _imatrix(given: argparse.Namespace) -> int:
    from quantize.gguf import imatrix_command

    answer = imatrix_command.run(given.model, given.calibration, given.out, given.tokens, given.threads)
    print(answer["says"])
    if given.json:
        print(json.dumps(answer))
    return 0


def _compare(given: argparse.Namespace) -> int:
    kinds = {kind_of(path) for path in (given.reference, *given.others)}
    if len(kinds) != 1:
        raise OptionError("GGUF and ONNX files cannot be compared with one another: give files of one kind")
    (kind,) = kinds
    if kind == "gguf":
        if given.text is None or given.inputs is not None:
            raise OptionError("GGUF files are compared on a text: give --text FILE, and no --inputs")
        from quantize.gguf import compare

        answer = compare.compare(given.reference, given.others, given.text, given.tokens, given.threads)
    else:
        if given.inputs is None or given.text is not None:
            raise OptionError("ONNX files are compared on inputs: give --inputs PATH, and no --text")
        from quantize.onnx import compare as compare_onnx

        answer = compare_onnx.compare(given.reference, given.others, given.inputs, _how(given), given.threads)
    console.table(answer["models"])
    if given.json:
        print(json.dumps(answer))
    return 0


def _inspect(given: argparse.Namespace) -> int:
    answer: dict[str, Any]
    if kind_of(given.model) == "gguf":
        from quantize.gguf import inspect

        answer = inspect.inspect(given.model)
    else:
        from quantize.onnx import inspect as inspect_onnx

        answer = inspect_onnx.inspect(given.model)
    for key, value in answer.items():
        if not isinstance(value, list):
            print(f"{key}: {value}")
    for value in answer.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            console.table(value)
    if given.json:
        print(json.dumps(answer))
    return 0


def _replay(given: argparse.Namespace) -> int:
    from quantize import manifest

    found = manifest.read(given.manifest)
    out = given.out or given.manifest.parent / f"replayed-{Path(found.out).name}"
    if found.kind == "gguf":
        from quantize.gguf import replay

        made = replay.replay(found, given.manifest, out, given.threads)
    else:
        from quantize.onnx import replay as replay_onnx

        made = replay_onnx.replay(found, given.manifest, out)
    same = made == found.out_sha256
    print(f"{out}: sha256 {made}, {'the same' if same else f'not the {found.out_sha256} of the manifest'}")
    return 0 if same else 1


def _convert(given: argparse.Namespace) -> int:
    from quantize.gguf import convert

    print(convert.convert(given.folder, given.out, given.type))
    return 0


def _devices(given: argparse.Namespace) -> int:
    from quantize import device, progress

    if given.action == "list":
        for name in device.names():
            print(f"{name:<14}{device.load(name).title}")
        return 0
    if given.out is None:
        raise OptionError("devices measure needs --out FILE.toml")
    from quantize.gguf import device_speed

    with progress.bar("measuring this machine", None) as bar:
        profile = device_speed.measure(given.name, bar)
    device.save(profile, given.out)
    print(f"{given.out}: give it as --device {given.out}")
    return 0


def _worker(given: argparse.Namespace) -> int:
    from quantize import sweep

    sweep.work(given.scheduler, given.device)
    return 0


def _sweep(given: argparse.Namespace) -> int:
    from quantize import sweep

    answer = sweep.sweep(given.sweep, given.scheduler)
    for task in answer["tasks"]:
        print(f"{task['task']}: {task.get('error') or task['result'].get('why', 'done')}")
    print(f"{answer['out']}: {len(answer['tasks'])} tasks, {answer['failed']} failed")
    if given.json:
        print(json.dumps(answer))
    return 1 if answer["failed"] else 0


_COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "fit": _fit, "imatrix": _imatrix, "compare": _compare, "inspect": _inspect, "replay": _replay, "convert": _convert,
    "devices": _devices, "sweep": _sweep, "worker": _worker,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())

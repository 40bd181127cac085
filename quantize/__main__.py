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

from quantize.errors import InputError, OptionError, QuantizeError
from quantize.results import Fit

_UNITS: Final = {
    "": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30,
}  # fmt: skip
_SIZE: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
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
    given = _parser().parse_args(argv)
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


def size(text: str) -> int:
    """Bytes of "60MB", "512 KiB", "1.5GB", "4000"; MB is a million, MiB is 2²⁰.

    Raises:
        OptionError: it is no size.
    """
    found = _SIZE.fullmatch(text)
    unit = _UNITS.get(found[2].upper()) if found else None
    if found is None or unit is None or not 0 < float(found[1]) * unit < 2**60:
        raise OptionError(f"{text!r} is no size: write it as 60MB, 512KiB or 1.5GB")
    return int(float(found[1]) * unit)


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


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m quantize", description=__doc__, formatter_class=plain)
    commands = parser.add_subparsers(dest="command", required=True)

    fit = commands.add_parser("fit", help="the best file within a size, a speed and a quality")
    fit.add_argument("model", type=Path, metavar="MODEL", help="float GGUF or ONNX")
    fit.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="file, manifest, report and journal go there"
    )
    fit.add_argument(
        "--calibration", type=Path, required=True, nargs="+", metavar="PATH",
        help="GGUF: text, or .jsonl with a document a line; ONNX: a folder of pictures or WAV files, or an .npz",
    )  # fmt: skip
    fit.add_argument("--size", metavar="60MB", help="of the file at most")
    fit.add_argument("--device", metavar="PROFILE", help="name or .toml; see devices (default: this machine)")
    fit.add_argument(
        "--threads", type=int, default=1, help="to work and to time with (default 1); the bytes do not depend on it"
    )
    fit.add_argument("--no-report", action="store_true", help="write no HTML report")
    fit.add_argument("--json", action="store_true", help="one JSON object as the last line of the output")
    gguf = fit.add_argument_group("GGUF")
    gguf.add_argument("--tok-s", type=float, metavar="N", help="tokens a second of decode at least")
    gguf.add_argument("--max-kl", type=float, metavar="NATS", help="mean KL divergence from the float model at most")
    gguf.add_argument("--memory", metavar="500MB", help="of weights and KV cache at most")
    gguf.add_argument("--context", type=int, metavar="TOKENS", help="of the KV cache (default: the model's)")
    gguf.add_argument("--eval", type=Path, metavar="FILE", help="text that judges (default: a part of the calibration)")
    onnx = fit.add_argument_group("ONNX")
    onnx.add_argument("--speed", type=float, metavar="RATIO", help="times as fast as float at least")
    onnx.add_argument("--min-sqnr", type=float, metavar="DB", help="signal over quantization noise at least")
    _preprocessing(onnx)

    imatrix = commands.add_parser("imatrix", help="the importance matrix and what the text reached")
    imatrix.add_argument("model", type=Path, metavar="MODEL")
    imatrix.add_argument("--calibration", type=Path, required=True, nargs="+", metavar="FILE")
    imatrix.add_argument("--out", type=Path, required=True, metavar="FILE.gguf")
    imatrix.add_argument("--tokens", type=int, default=65536, help="at most (default 65536)")
    imatrix.add_argument("--threads", type=int, default=1)
    imatrix.add_argument("--json", action="store_true")

    compare = commands.add_parser("compare", help="how far files are from the float model")
    compare.add_argument("reference", type=Path, metavar="REF")
    compare.add_argument("others", type=Path, nargs="+", metavar="FILE")
    compare.add_argument("--text", type=Path, nargs="+", metavar="FILE", help="for GGUF")
    compare.add_argument("--inputs", type=Path, metavar="PATH", help="for ONNX")
    compare.add_argument("--tokens", type=int, default=16384, help="of the text at most (default 16384)")
    compare.add_argument("--threads", type=int, default=1)
    compare.add_argument("--json", action="store_true")
    _preprocessing(compare)

    inspect = commands.add_parser("inspect", help="what is in a file, tensor by tensor")
    inspect.add_argument("model", type=Path, metavar="FILE")
    inspect.add_argument("--json", action="store_true")

    replay = commands.add_parser("replay", help="makes a file again from its manifest, bit by bit")
    replay.add_argument("manifest", type=Path, metavar="MANIFEST.json")
    replay.add_argument("--out", type=Path, metavar="FILE", help="default: beside the manifest, as replayed-…")
    replay.add_argument("--threads", type=int, default=1)

    convert = commands.add_parser("convert", help="a Hugging Face directory (safetensors) to a float GGUF")
    convert.add_argument("folder", type=Path, metavar="DIR")
    convert.add_argument("--out", type=Path, required=True, metavar="FILE.gguf")
    convert.add_argument("--type", default="f32", help="f32, f16 or bf16 (default f32)")

    devices = commands.add_parser("devices", help="device profiles")
    devices.add_argument("action", nargs="?", choices=("list", "measure"), default="list")
    devices.add_argument("--name", default="this", help="of the profile that is measured")
    devices.add_argument("--out", type=Path, metavar="FILE.toml", help="where the measured profile goes")

    sweep = commands.add_parser("sweep", help="many fits, here or on a Dask cluster")
    sweep.add_argument("sweep", type=Path, metavar="SWEEP.toml")
    sweep.add_argument("--scheduler", metavar="tcp://…", help="of a cluster (default: this machine)")
    sweep.add_argument("--json", action="store_true")

    worker = commands.add_parser("worker", help="offers this machine to sweeps, until it is interrupted")
    worker.add_argument("scheduler", metavar="tcp://…")
    worker.add_argument("--device", required=True, metavar="PROFILE", help="what this machine is; see devices")
    return parser


def _preprocessing(group: Any) -> None:
    group.add_argument("--preset", metavar="NAME", help="preprocessing of a known model")
    group.add_argument("--picture-size", metavar="WxH", help="where the model leaves it free")
    group.add_argument("--layout", metavar="FIT", help="stretch, letterbox, corner, within or line")
    group.add_argument("--order", choices=("rgb", "bgr"), help="of the channels")
    group.add_argument("--scale", type=float, help="each number of a picture is multiplied by it")
    group.add_argument("--mean", type=float, nargs="+", help="taken off before the scale, of 0..255")
    group.add_argument("--spread", type=float, nargs="+", help="each channel is divided by it, after the scale")
    group.add_argument("--rate-hz", type=int, help="of sound")


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
    _show(fitted)
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


def _show(fitted: Fit) -> None:
    """The answer, for people."""
    from rich.console import Console

    console = Console()
    console.print(fitted.why)
    if fitted.out is not None and fitted.measured is not None:
        speed = "" if fitted.measured.speed is None else f", {fitted.measured.speed:.4g} tokens a second"
        if fitted.kind == "onnx" and fitted.measured.speed is not None:
            speed = f", {fitted.measured.speed:.3g} times as fast as float"
        told = " (predicted for the device)" if fitted.speed_is_predicted else ""
        console.print(f"{fitted.out}: {fitted.measured.bytes:,} bytes, loss {fitted.measured.loss:.3g}{speed}{told}")
    for name, path in (("manifest", fitted.manifest), ("report", fitted.report)):
        if path is not None:
            console.print(f"{name}: {path}")


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
    _table(answer["models"])
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
            _table(value)
    if given.json:
        print(json.dumps(answer))
    return 0


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(f"{v:.5g}" if isinstance(v, float) else "–" if v is None else str(v) for v in row.values()))
    Console().print(table)


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

"""The command line of `python -m quantize`: every command, every option, and how sizes are written."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any, Final

from quantize.errors import OptionError

_UNITS: Final = {
    "": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30,
}  # fmt: skip
_SIZE: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")


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


def parser(description: str) -> argparse.ArgumentParser:
    """All commands; `description` is the first page of the help."""
    plain = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="python -m quantize", description=description, formatter_class=plain)
    commands = made.add_subparsers(dest="command", required=True)

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
    return made


def _preprocessing(group: Any) -> None:
    group.add_argument("--preset", metavar="NAME", help="preprocessing of a known model")
    group.add_argument("--picture-size", metavar="WxH", help="where the model leaves it free")
    group.add_argument("--layout", metavar="FIT", help="stretch, letterbox, corner, within or line")
    group.add_argument("--order", choices=("rgb", "bgr"), help="of the channels")
    group.add_argument("--scale", type=float, help="each number of a picture is multiplied by it")
    group.add_argument("--mean", type=float, nargs="+", help="taken off before the scale, of 0..255")
    group.add_argument("--spread", type=float, nargs="+", help="each channel is divided by it, after the scale")
    group.add_argument("--rate-hz", type=int, help="of sound")

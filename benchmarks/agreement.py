"""Do two processors see, hear and answer the same? `python -m benchmarks.agreement FILE.json`, on each; then both files.

One file: the bundled recording on a virtual clock, shared pictures and speech where they are there, the local model's
scores, and weights quantized by ggml are put through the real stages, and what came out is written down.
Two files: one row per item with how much is equal and by how much numbers differ; --markdown prints it for the docs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from benchmarks.claims import DATA

DEMO: Final = Path(__file__).parent.parent / "edge/assets/demo.mp4"
OCR_PICTURES: Final = ("ocr/clova/demo_10.jpg", "ocr/clova/demo_7.png", "ocr/mmocr/demo/demo_text_ocr.jpg",
                       "ocr/mmocr/det_toy_dataset/imgs/test/img_6.jpg")  # fmt: skip
SPEECH: Final = ("audio/lhotse/2412-153948-0000.flac", "audio/lhotse/2412-153948-0001.flac")
COCO: Final = "vision/coco128_val/images/val2017"


@dataclass(frozen=True, slots=True)
class Item:
    """What came out of one stage: words that must be equal, numbers that may differ a little."""

    name: str
    words: list[str]
    numbers: list[float] = field(default_factory=list)


def observe(*, quick: bool) -> Iterator[Item]:
    """Everything, stage by stage; `quick`: each native library once."""
    if quick:
        yield from speech(DEMO)
    else:
        yield from demo()
        for name in SPEECH:
            yield from speech(DATA / name)
    yield from pictures(quick=quick)
    yield local_model()
    yield from quantized()


def replay(*arguments: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Results and events of a replay, or of the demo, on the virtual clock at the costs of a Pi 4."""
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.jsonl"
        run = ["replay", *arguments] if arguments else ["demo", "--speed", "max"]
        command = [sys.executable, "-m", "edge", *run, "--as", "pi4", "--json", "--events", str(events)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"the replay failed: {done.stderr.strip().splitlines()[-1:]}")
        result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return result, [json.loads(line) for line in events.read_text().splitlines()]


def demo() -> Iterator[Item]:
    """Transcripts, text seen, answers and the order of all events of the bundled recording."""
    result, events = replay()
    yield Item("demo: transcripts", [t["text"] for t in result["transcripts"]],
               [t[k] for t in result["transcripts"] for k in ("t_start_s", "t_end_s")])  # fmt: skip
    seen = [s for s in result["seen"] if s["kind"] == "text"]
    yield Item("demo: text seen", [s["label"] for s in seen], [n for s in seen for n in (s["score"], *s["box_xyxy"])])
    answers = [e for e in events if e["event"] == "Answer"]
    yield Item("demo: answers", [e["text"] for e in answers], [e["confidence"] for e in answers])
    yield Item("demo: order of events", [e["event"] for e in events], [e["at_ns"] / 1e6 for e in events])


def pictures(*, quick: bool) -> Iterator[Item]:
    """Objects, faces and words in shared pictures."""
    if not (DATA / COCO).is_dir():
        print(f"pictures are left out: {DATA} is not there (set GLASSPATH_DATA)")
        return
    from edge.perception import faces_yunet, objects_fastestdet, objects_yolox, ocr_ppocr

    coco = sorted((DATA / COCO).glob("*.jpg"))[:: 54 if quick else 9]
    printed = [DATA / name for name in OCR_PICTURES[: 1 if quick else None]]
    eight_bit = ocr_ppocr.Options(detector="8-bit", recogniser="8-bit")
    for name, plugin, options, paths in (
        ("objects: YOLOX-nano", objects_yolox, objects_yolox.Options(str(DATA / "vision/detect/yolox_nano.onnx")), coco),
        ("objects: FastestDet", objects_fastestdet,
         objects_fastestdet.Options(str(DATA / "vision/detect/FastestDet.onnx")), coco),
        ("faces: YuNet", faces_yunet, faces_yunet.Options(str(DATA / "vision/face/yunet_n_dynamic.onnx")), coco),
        ("words: PP-OCRv6", ocr_ppocr, ocr_ppocr.Options(), printed),
        ("words: PP-OCRv6 in 8 bits", ocr_ppocr, eight_bit, printed),
    ):  # fmt: skip
        detector: Any = plugin.build(options)
        seen = [s for path in paths for s in look(detector, path)]
        yield Item(name, [s.label for s in seen], [n for s in seen for n in (s.score, *s.box_xyxy)])


def look(detector: Any, path: Path) -> tuple[Any, ...]:
    """What a detector sees in a picture."""
    from edge.types import Frame, Keyframe

    *_, looked = detector.process(Keyframe(0, Frame(0, np.asarray(cv2.imread(str(path)), np.uint8), 0), 1.0))
    return tuple(looked.seen)


def speech(path: Path) -> Iterator[Item]:
    """Speech through hearing and PocketSphinx, without pictures."""
    if not path.is_file():
        print(f"speech is left out: {path} is not there (set GLASSPATH_DATA)")
        return
    said = replay("--microphone", str(path))[0]["transcripts"]
    yield Item(
        f"speech: {path.stem}", [t["text"] for t in said], [t[k] for t in said for k in ("t_start_s", "t_end_s")]
    )


def local_model() -> Item:
    """The scores of Glance after each of 64 tokens, and which token is best."""
    from edge.reasoning.llama import Llama

    llama = Llama(DEMO.parent / "glance.gguf", context=256, batch=64, threads=1)
    draw = np.random.default_rng(7)
    best, scores = [], []
    for token in draw.integers(300, 2000, 64):
        llama.decode([int(token)])
        logits = llama.logits()
        best.append(str(int(logits.argmax())))
        scores += [float(logits.max()), float(logits.mean())]
    llama.close()
    return Item("local model: scores of Glance", best, scores)


def quantized() -> Iterator[Item]:
    """Bytes that ggml makes of the same weights, and how well they keep them."""
    from quantize.gguf.weights import dequantize, quantize

    rows = np.random.default_rng(5).standard_normal((16, 512)).astype(np.float32)
    for name in ("Q8_0", "Q4_0", "Q4_K", "Q6_K", "IQ4_NL"):
        data = quantize(rows, name)
        noise = np.square(rows - dequantize(data, name, *rows.shape)).mean() / np.square(rows).mean()
        yield Item(f"quantized: {name}", [hashlib.sha256(data.tobytes()).hexdigest()[:16]], [float(noise)])


def row(one: Item, other: Item) -> tuple[str, ...]:
    """Name; how many words on each side; how many are on both; the largest difference of numbers where all words agree."""
    counts = f"{len(one.words)}" if len(one.words) == len(other.words) else f"{len(one.words)}, {len(other.words)}"
    both = (Counter(one.words) & Counter(other.words)).total()
    share = f"{both} ({100 * both / max(len(one.words), len(other.words), 1):.0f} %)"
    if one.words != other.words or not one.numbers:
        return (one.name, counts, share, "-")
    apart = max(abs(a - b) for a, b in zip(one.numbers, other.numbers, strict=True))
    return (one.name, counts, share, f"{apart:.2g}")


def compare(first: dict[str, Any], second: dict[str, Any], *, markdown: bool) -> int:
    """Prints the table; 1 if transcripts or answers of the demo differ."""
    from rich.console import Console
    from rich.table import Table

    one, other = ({i["name"]: Item(**i) for i in file["items"]} for file in (first, second))
    rows = [row(one[name], other[name]) for name in one if name in other]
    heads = ("item", "n", "on both", "largest difference")
    title = f"{first['machine']} and {second['machine']}"
    if markdown:
        print("\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *rows)))
    else:
        table = Table(*heads, title=title)
        for cells in rows:
            table.add_row(*cells)
        Console().print(table)
    turns = ("demo: transcripts", "demo: answers")
    return int(any(one[name].words != other[name].words for name in turns))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=__doc__)
    parser.add_argument("file", type=Path, help="written; or, with --with, read")
    parser.add_argument("--with", dest="other", type=Path, metavar="FILE.json", help="compare with this one")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--quick", action="store_true", help="each native library once")
    args = parser.parse_args()
    if args.other:
        return compare(json.loads(args.file.read_text()), json.loads(args.other.read_text()), markdown=args.markdown)
    cv2.setNumThreads(1)
    found = {"machine": platform.machine(), "items": [asdict(item) for item in observe(quick=args.quick)]}
    args.file.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps({"machine": found["machine"], "items": len(found["items"])}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

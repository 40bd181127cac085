"""`python -m quantize.glance generate|train|export|evaluate`: the recipe of the embedded model, step by step.

generate   tokenizer and packed rows       train      from scratch, or on from the last checkpoint
export     float GGUF, then the shipped    evaluate   the table of scores
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from edge.errors import ConfigError, EdgeError

# Threads that spin beside a busy neighbour made a step fifteen times slower; the libraries read this at import.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

_QUESTIONS: Final = [
    Path(f"tests/data/{name}.jsonl") for name in ("glance_questions", "glance_questions_blind", "glance_tools")
]


def main(argv: list[str] | None = None) -> int:
    """Parses and runs one step."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m quantize.glance", description=__doc__, formatter_class=plain)
    parser.add_argument("--folder", type=Path, default=Path("build/glance"), help="where rows and checkpoints are kept")
    data = Path(os.environ.get("GLASSPATH_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data, help="human questions, read in place (GLASSPATH_DATA)")
    parser.add_argument("--seed", type=int, default=1)
    steps = parser.add_subparsers(dest="step", required=True)
    generate = steps.add_parser("generate", help="make the tokenizer and the packed rows")
    generate.add_argument("--shards", type=int, default=40)
    generate.add_argument("--rows", type=int, default=1000, help="rows per shard")
    generate.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    train = steps.add_parser("train", help="train, or go on")
    train.add_argument("--steps", type=int, default=4000)
    train.add_argument("--cooldown", type=float, default=0.4, help="last part of the steps, in which the rate falls")
    train.add_argument("--start", type=Path, help="a checkpoint whose weights to begin with")
    train.add_argument("--no-compile", action="store_true", help="start at once, a fifth slower")
    export = steps.add_parser("export", help="write the GGUF files and the manifest")
    export.add_argument("--out", type=Path, default=Path("edge/assets/glance.gguf"))
    evaluate = steps.add_parser("evaluate", help="print the table of scores")
    evaluate.add_argument("--model", type=Path, default=Path("edge/assets/glance.gguf"))
    evaluate.add_argument("--questions", type=Path, nargs="+", metavar="FILE.jsonl", default=_QUESTIONS)
    evaluate.add_argument(
        "--float", type=Path, dest="floating", help="float GGUF (default: the folder's glance_f32.gguf)"
    )
    evaluate.add_argument("--each", type=int, default=400, help="held-out generated questions")
    evaluate.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    evaluate.add_argument("--quick", action="store_true", help="a tenth of the questions")
    evaluate.add_argument("--json", action="store_true", help="also one JSON object as the last line")
    evaluate.add_argument("--keep", action="store_true", help="write the scores into the manifest and the model card")
    evaluate.add_argument("--wrong", action="store_true", help="print what went wrong, the blind questions left out")
    evaluate.add_argument("--wrong-blind", action="store_true", help="of the blind questions: they are spent then")
    given = parser.parse_args(argv)
    if given.step != "evaluate":
        given.folder.mkdir(parents=True, exist_ok=True)
    return _STEPS[given.step](given)


def _generate(given: argparse.Namespace) -> int:
    from rich.progress import track

    from quantize.glance.dialogue.dialogues import plain_texts
    from quantize.glance.network import pack, tokenizer

    vocabulary = given.folder / "tokenizer.json"
    if not vocabulary.exists():
        tokenizer.train(plain_texts(given.seed, given.data), vocabulary)
    work = pack.Shards(given.folder, vocabulary, given.data, given.seed, given.rows)
    for _ in track(work.write(given.shards, given.workers), "packing", total=given.shards):
        pass
    return 0


def _train(given: argparse.Namespace) -> int:
    from quantize.glance.network import train

    compiled = not given.no_compile
    plan = train.Plan(given.folder, given.steps, given.cooldown, seed=given.seed, compiled=compiled, start=given.start)
    train.train(plan)
    return 0


def _export(given: argparse.Namespace) -> int:
    from quantize.glance.network import export

    print(export.export(given.folder, given.out, given.seed))
    return 0


def _evaluate(given: argparse.Namespace) -> int:
    from quantize.glance.scoring import evaluate

    plan = evaluate.Plan(
        model=given.model,
        questions=tuple(given.questions),
        data=given.data,
        floating=given.floating or given.folder / "glance_f32.gguf",
        generated=given.each,
        workers=given.workers,
        is_quick=given.quick,
        is_json=given.json,
        is_kept=given.keep,
        shows_wrong=given.wrong,
        shows_wrong_blind=given.wrong_blind,
    )
    try:
        if given.floating is not None and not given.floating.is_file():
            raise ConfigError(f"{given.floating} is not there: check the path, or leave --float out")
        evaluate.evaluate(plan)
    except EdgeError as error:
        print(f"quantize.glance: {error}", file=sys.stderr)
        return 2
    return 0


_STEPS = {"generate": _generate, "train": _train, "export": _export, "evaluate": _evaluate}

if __name__ == "__main__":
    sys.exit(main())

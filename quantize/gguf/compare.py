"""`quantize compare`: how far files are from the float model, and how fast they are, on the same text, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quantize import progress
from quantize.errors import InputError
from quantize.gguf import header, llama, measure, speed, texts, trial
from quantize.gguf.network import Network
from quantize.gguf.passage import room


def compare(reference: Path, others: Sequence[Path], text: Sequence[Path], tokens: int, threads: int) -> dict[str, Any]:
    """The object that `--json` prints; the reference stands first.

    Args:
        reference: usually the float file.
        others: files of the same model.
        text: to read, see `texts`.
        tokens: of it at most.
        threads: to decode with.

    Raises:
        InputError: a file or the text is unfit, or the vocabularies differ.
        ToolError: llama-cpp-python is missing or another version.
    """
    llama.library()
    files = [reference, *others]
    for path in files:
        header.read(path)
    repacked = {path: trial.run(path) for path in files}
    with progress.bar("comparing", len(files) + 1) as bar:
        with Network(reference, repacked=repacked[reference]) as network:
            most = min(tokens, measure.most_tokens(network.vocabulary))
            passages = texts.spread([p for path in text for p in texts.passages(network, path)], most)
            if not passages:
                raise InputError(f"{', '.join(map(str, text))}: no text to compare on: give some thousand words")
            space, vocabulary = room(passages), network.vocabulary
            with network.session(space.tokens, threads, sequences=space.branches) as session:
                known = measure.refer(session, passages)
        rows = []
        for path in files:
            with Network(path, repacked=repacked[path]) as network:
                if network.vocabulary != vocabulary:
                    told = f"{network.vocabulary} tokens, {reference} {vocabulary}"
                    raise InputError(f"{path} is another model: its vocabulary has {told}; compare files of one model")
                with network.session(space.tokens, threads, sequences=space.branches) as session:
                    rows.append(measure.diverge(session, known).figures())
            bar(1)
        speeds = speed.measure(files, threads, repacked=repacked)
        bar(1)
    return {
        "models": [
            {
                "file": str(path),
                "bytes": path.stat().st_size,
                **row,
                "prefill_tok_s": s.prefill_tok_s,
                "decode_tok_s": s.decode_tok_s,
            }
            for path, row, s in zip(files, rows, speeds, strict=True)
        ]
    }

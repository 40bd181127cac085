"""Calibration and evaluation text as passages of tokens, cut so that the two never share one.

A `.jsonl` file has one document a line, each a passage of its own, as a runtime that builds prompts would decode it:
`{"text": …}`, `{"tokens": […]}`, a string or a list of token numbers. `"from": N` says that only what the model predicts
from position N on counts: the answer, not the prompt. `"branches": [{"tokens": …, "from": …}, …]` are questions that follow
the same prompt, each blind to the others; the prompt is decoded once for all. Any other file is running text, in windows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from quantize.errors import InputError
from quantize.gguf.network import Network
from quantize.gguf.passage import Passage, Tokens, plain

WINDOW: Final = 512
"""tokens of one window of running text, as in llama.cpp's tools"""
DOCUMENT: Final = 1024
"""tokens of one document at most, its branches together"""
_MAX_BYTES: Final = 256 * 1024 * 1024
MAX_BRANCHES: Final = 63
_SHORTEST: Final = 8
"""a sequence with fewer tokens says nothing about a model"""


@dataclass(frozen=True, slots=True)
class Texts:
    """What is read by the model, and what judges it."""

    calibration: tuple[Passage, ...]
    evaluation: tuple[Passage, ...]

    @property
    def checksum(self) -> str:
        """Of all tokens, in hex."""
        digest = hashlib.sha256()
        for part in (self.calibration, self.evaluation):
            for passage in part:
                for row in (passage.tokens, passage.branch, passage.counts):
                    digest.update(row.astype("<i4").tobytes())
            digest.update(b"|")
        return digest.hexdigest()


def read(network: Network, calibration: Sequence[Path], evaluation: Path | None, *, tokens: int, judged: int) -> Texts:
    """Both texts; without a file for evaluation every fourth passage of the calibration is kept for it.

    Args:
        network: whose tokenizer reads them.
        calibration: files.
        evaluation: a file; None: a part of the calibration.
        tokens: of calibration at most; taken evenly over the files.
        judged: tokens of evaluation at most.

    Raises:
        InputError: a file cannot be read, or both together are too short.
    """
    found = [s for path in calibration for s in passages(network, path)]
    if evaluation is None:
        kept, judging = [s for n, s in enumerate(found) if n % 4 != 3], found[3::4]
    else:
        seen = {p.tokens.tobytes() for p in found}
        kept, judging = found, [p for p in passages(network, evaluation) if p.tokens.tobytes() not in seen]
    texts = Texts(tuple(spread(kept, tokens)), tuple(spread(judging, judged)))
    if not texts.calibration or not texts.evaluation:
        names = ", ".join(str(p) for p in [*calibration, *([evaluation] if evaluation else [])])
        raise InputError(f"{names}: too little text to calibrate with one part and judge by another: give more")
    return texts


def passages(network: Network, path: Path) -> list[Passage]:
    """The passages of one file.

    Raises:
        InputError: it cannot be read, or a line is none of the forms.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(
                f"{path} is larger than {_MAX_BYTES >> 20} MiB: a few megabytes of typical text are enough"
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} could not be read as text ({error}): check the path") from error
    if path.suffix == ".jsonl":
        return [p for p in _documents(network, path, text) if len(p) >= _SHORTEST]
    window = min(WINDOW, network.longest or WINDOW)
    return list(_windows(network.tokens(text, with_start=False), window, network.start_token))


def spread(found: Sequence[Passage], most: int) -> list[Passage]:
    """Passages taken evenly over all, until there are so many tokens."""
    total = sum(len(s) for s in found)
    if total <= most:
        return list(found)
    kept: list[Passage] = []
    due = 0.0
    for passage in found:
        due += len(passage) * most / total
        if due >= len(passage):
            due -= len(passage)
            kept.append(passage)
    return kept or list(found[:1])


def _windows(tokens: Tokens, window: int, start: int | None) -> Iterator[Passage]:
    step = window - (start is not None)
    for at in range(0, len(tokens), step):
        piece = tokens[at : at + step]
        if len(piece) >= _SHORTEST:
            yield plain(piece if start is None else np.concatenate(([np.int32(start)], piece)).astype(np.int32))


def _documents(network: Network, path: Path, text: str) -> Iterator[Passage]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            passage = _document(network, json.loads(line))
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InputError(
                f"{path}, line {number}: no document ({error}): write text or tokens, see --help"
            ) from error
        longest = min(DOCUMENT, network.longest or DOCUMENT)
        if len(passage) <= longest:
            yield passage
        elif passage.counts.all():
            yield from (plain(passage.tokens[at : at + longest]) for at in range(0, len(passage), longest))


def _document(network: Network, document: Any) -> Passage:
    if not isinstance(document, dict):
        document = {"tokens" if isinstance(document, list) else "text": document}
    trunk, start = _part(network, document, with_start=True)
    if "branches" not in document:
        return Passage(trunk, np.zeros(len(trunk), np.int32), np.arange(len(trunk)) >= start)
    tokens, branch, counts = [trunk], [np.zeros(len(trunk), np.int32)], [np.zeros(len(trunk), np.bool_)]
    for number, part in enumerate(document["branches"][:MAX_BRANCHES], 1):
        own, start = _part(network, part, with_start=False)
        tokens.append(own)
        branch.append(np.full(len(own), number, np.int32))
        counts.append(np.arange(len(own)) >= start)
    return Passage(np.concatenate(tokens), np.concatenate(branch), np.concatenate(counts))


def _part(network: Network, part: Any, *, with_start: bool) -> tuple[Tokens, int]:
    found, start = part.get("tokens", part.get("text")) if isinstance(part, dict) else None, 0
    if isinstance(found, str):
        tokens = network.tokens(found, with_start=with_start)
    elif isinstance(found, list):
        tokens = np.array(found, np.int32)
    else:
        raise ValueError("neither text nor tokens")
    if tokens.ndim != 1 or (len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < network.vocabulary):
        raise ValueError(f"token numbers go from 0 to {network.vocabulary - 1}")
    start = part.get("from", 0)
    if not isinstance(start, int) or not 0 <= start < max(len(tokens), 1):
        raise ValueError(f'"from" is {start}, and there are {len(tokens)} tokens')
    return tokens, start

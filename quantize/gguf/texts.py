"""Calibration and evaluation text as sequences of tokens, cut so that the two never share one.

A `.jsonl` file has one document a line: `{"text": …}`, `{"tokens": […]}`, a string or a list of numbers; each document is
a passage of its own, as a runtime that builds prompts would decode it. With `"from": N` only what the model says from token
N on counts: the answer, not the prompt. Any other file is running text, cut into windows.
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
from quantize.gguf.network import Network, Tokens

WINDOW: Final = 512
"""tokens of one sequence at most, as in llama.cpp's tools"""
_MAX_BYTES: Final = 256 * 1024 * 1024
_SHORTEST: Final = 8
"""a sequence with fewer tokens says nothing about a model"""


@dataclass(frozen=True, slots=True)
class Passage:
    """Tokens that are read from the first on."""

    tokens: Tokens
    start: int = 0
    """the first position whose prediction counts"""

    @property
    def counted(self) -> int:
        """Predictions that count."""
        return len(self.tokens) - self.start

    def __len__(self) -> int:
        return len(self.tokens)


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
                digest.update(np.array([len(passage), passage.start], "<i4").tobytes())
                digest.update(passage.tokens.astype("<i4").tobytes())
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
    window = min(WINDOW, network.longest or WINDOW)
    if path.suffix == ".jsonl":
        return [p for p in _documents(network, path, text, window) if len(p) >= _SHORTEST]
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
            yield Passage(piece if start is None else np.concatenate(([np.int32(start)], piece)).astype(np.int32))


def _documents(network: Network, path: Path, text: str, window: int) -> Iterator[Passage]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            passage = _document(network, json.loads(line))
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(
                f"{path}, line {number}: no document ({error}): write text or tokens, see --help"
            ) from error
        if len(passage) > window and passage.start:
            continue  # its answer would be cut from its prompt
        yield from (
            Passage(passage.tokens[at : at + window], passage.start) for at in range(0, len(passage.tokens), window)
        )


def _document(network: Network, document: Any) -> Passage:
    start = 0
    if isinstance(document, dict):
        start = document.get("from", 0)
        document = document.get("tokens", document.get("text"))
    if isinstance(document, str):
        tokens = network.tokens(document, with_start=True)
    elif isinstance(document, list):
        tokens = np.array(document, np.int32)
    else:
        raise ValueError("neither text nor tokens")
    if tokens.ndim != 1 or (len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < network.vocabulary):
        raise ValueError(f"token numbers go from 0 to {network.vocabulary - 1}")
    if not isinstance(start, int) or not 0 <= start < max(len(tokens), 1):
        raise ValueError(f'"from" is {start}, and there are {len(tokens)} tokens')
    return Passage(tokens, start)

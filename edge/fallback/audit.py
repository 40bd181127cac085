"""The record of everything that left: appended, each line holding the hash of the one before, so that a change shows.

A line says when, to which row and address, which classes of data, how many bytes, and the hash of the body; never the words
or a key. The last hash is kept in a second file, so that lines cut off at the end show too.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from edge.errors import PrivacyRefused

START: Final = "0" * 64
_LINE_MAX: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that left."""

    time: str
    """wall time, ISO 8601 with zone"""
    row: str
    host: str
    classes: tuple[str, ...]
    """of the data in it"""
    bytes: int
    body_sha256: str
    purpose: str
    """answer, refine, queue, bakeoff, judge; again: a retry, a race or another row for the same question"""


class Audit:
    """The log of one installation; several threads may write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._end_path = path.with_suffix(".end")
        self._lock = Lock()

    def write(self, sent: Sent) -> None:
        """Appends a line, on the disk when this returns: before the bytes leave.

        Raises:
            PrivacyRefused: it cannot be written, so nothing may leave.
        """
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                before = self._last()
                body = json.dumps(asdict(sent), sort_keys=True, ensure_ascii=False)
                mark = hashlib.sha256(f"{before}{body}".encode()).hexdigest()
                descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                    file.write(f"{mark} {body}\n")
                    file.flush()
                    os.fsync(file.fileno())
                part = self._end_path.with_suffix(".part")
                part.write_text(mark)
                part.replace(self._end_path)
            except OSError as error:
                raise PrivacyRefused(
                    f"the audit log {self._path} cannot be written ({error.strerror or error}), so nothing is sent"
                ) from error

    def read(self) -> Iterator[Sent]:
        """Every line that is whole, oldest first."""
        for _, body in self._lines():
            given = json.loads(body)
            yield Sent(**given | {"classes": tuple(given["classes"])})

    def broken(self) -> str:
        """What is wrong with the chain, in one sentence; empty when it is whole."""
        before = START
        for number, (mark, body) in enumerate(self._lines(), 1):
            if hashlib.sha256(f"{before}{body}".encode()).hexdigest() != mark:
                return f"{self._path}, line {number}: it, or a line before it, was changed"
            before = mark
        try:
            end = self._end_path.read_text()
        except OSError:
            end = START
        if end != before:
            return f"{self._path}: lines are missing at its end"
        return ""

    def bytes_by_row(self) -> Mapping[str, int]:
        """What each row was sent in all."""
        totals: Counter[str] = Counter()
        for sent in self.read():
            totals[sent.row] += sent.bytes
        return totals

    def _last(self) -> str:
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LINE_MAX))
                lines = file.read().rstrip(b"\n").split(b"\n")
        except FileNotFoundError:
            return START
        return lines[-1][:64].decode(errors="replace") or START

    def _lines(self) -> Sequence[tuple[str, str]]:
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        return [(line[:64], line[65:]) for line in text.split("\n") if line]

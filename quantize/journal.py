"""The append-only record of finished measurements: an interrupted run goes on where it was.

One line of JSON for each finished piece of work, with its key and a checksum. A line that was torn by a kill or a full disk
is dropped at the next start, together with what follows it. The first line names the request (checksums of the inputs, the
options, the versions); another request has another file.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from quantize.errors import OutputError


class Journal:
    """What was measured for one request, by key. Values are what JSON can hold; floats come back bit by bit."""

    def __init__(self, folder: Path, request: Mapping[str, Any]) -> None:
        """Opens or begins `folder/journal-….jsonl`.

        Args:
            folder: where the results go; made if it is not there.
            request: everything that the measurements depend on.

        Raises:
            OutputError: it cannot be written.
        """
        text = json.dumps(request, sort_keys=True)
        self.request_id = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.path = folder / f"journal-{self.request_id}.jsonl"
        self._values: dict[str, Any] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            end = self._read()
            self._file = self.path.open("r+b" if self.path.exists() else "w+b")
            self._file.truncate(end)
            self._file.seek(end)
        except OSError as error:
            raise OutputError(f"{self.path} could not be written ({error.strerror or error})") from error
        self.resumed = len(self._values)
        """pieces of work that were found done"""
        if end == 0:
            self.put("request", dict(request))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def get(self, key: str, otherwise: Any = None) -> Any:
        return self._values.get(key, otherwise)

    def __iter__(self) -> Iterator[str]:
        """The keys of all finished pieces, in the order in which they were finished."""
        return iter(list(self._values))

    def put(self, key: str, value: Any) -> None:
        """Keeps a finished piece of work; on the disk when this returns.

        Raises:
            OutputError: the disk is full.
        """
        body = json.dumps([key, value])
        try:
            self._file.write(f"{zlib.crc32(body.encode()):08x} {body}\n".encode())
            self._file.flush()
            os.fdatasync(self._file.fileno())
        except OSError as error:
            raise OutputError(f"{self.path} could not be written ({error.strerror or error}): free the disk") from error
        self._values[key] = value

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> int:
        """Fills the values; the length in bytes of what is whole."""
        end = 0
        if not self.path.exists():
            return 0
        for line in self.path.read_bytes().splitlines(keepends=True):
            mark, _, body = line.rstrip(b"\n").partition(b" ")
            if not line.endswith(b"\n") or f"{zlib.crc32(body):08x}".encode() != mark:
                break
            key, value = json.loads(body)
            self._values[key] = value
            end += len(line)
        return end

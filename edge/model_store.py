"""Models by name, path or address: a catalogue, resumable downloads, checksums, licences. No network at start, ever.

A model given by path or address is locked by the checksum of its first use: when the file changes later, that is said
before it is loaded.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.errors import ModelError

CATALOGUE: Final = Path(__file__).parent / "assets" / "models.toml"
BLOCK_BYTES: Final = 1 << 18
TIMEOUT_S: Final = 30.0

Step = Callable[[int, int], None]
"""called with (bytes so far, bytes in all or 0)"""


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the catalogue."""

    name: str
    url: str
    sha256: str
    """empty: locked by the first download"""
    bytes: int
    licence: str
    source: str
    setting: str
    """the configuration key that takes its path"""
    note: str = ""


def catalogue(path: Path = CATALOGUE) -> dict[str, Model]:
    """The known models by name.

    Raises:
        ModelError: the file is not what it should be.
    """
    try:
        rows = tomllib.loads(path.read_text())
        return {name: Model(name=name, **row) for name, row in rows.items()}
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ModelError(f"the model catalogue {path} could not be read ({error})") from error


class ModelStore:
    """A folder of model files and a lock file with their checksums."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock_file = folder / "models.lock.json"

    def path_of(self, model: Model) -> Path:
        """Where a model lies or will lie."""
        return self.folder / model.name / (model.url.rpartition("/")[2] or "model")

    def locked(self) -> dict[str, str]:
        """sha256 by path or address, of what was used before."""
        try:
            rows = json.loads(self._lock_file.read_text("utf-8"))
            return {str(k): str(v) for k, v in rows.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as error:
            raise ModelError(f"{self._lock_file} is corrupt ({error}): delete it to lock the models anew") from error

    def lock(self, key: str, digest: str) -> None:
        """Remember a checksum; the first one stays.

        Raises:
            ModelError: another one is remembered.
        """
        rows = self.locked()
        known = rows.setdefault(key, digest)
        if known != digest:
            raise ModelError(f"{key} has changed since its first use (sha256 {digest[:12]}…, was {known[:12]}…): "
                             f"if that is meant, remove its line from {self._lock_file}")  # fmt: skip
        self._write(rows)

    def pull(self, model: Model, step: Step = lambda done, total: None) -> Path:
        """Download, or go on with a download that was cut; verify; only then the file gets its name.

        Raises:
            ModelError: unreachable, or not the file that the catalogue means.
        """
        path = self.path_of(model)
        if path.is_file():
            self.verify(model)
            return path
        partial = path.with_name(path.name + ".partial")
        with _writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _download(model.url, partial, step)
        digest = sha256(partial)
        if model.sha256 and digest != model.sha256:
            partial.unlink()
            raise ModelError(f"{model.name} from {model.url} is not the file it should be (sha256 {digest[:12]}…, not "
                             f"{model.sha256[:12]}…): the download was thrown away, try again")  # fmt: skip
        self.lock(model.url, digest)
        with _writing(path):
            partial.replace(path)
        return path

    def verify(self, model: Model) -> None:
        """Compare a pulled file with its checksum.

        Raises:
            ModelError: missing or changed.
        """
        path = self.path_of(model)
        if not path.is_file():
            raise ModelError(f"{model.name} is not there: edge models pull {model.name}")
        wanted = model.sha256 or self.locked().get(model.url, "")
        digest = sha256(path)
        if wanted and digest != wanted:
            raise ModelError(
                f"{path} is damaged (sha256 {digest[:12]}… instead of {wanted[:12]}…): delete it and pull again"
            )

    def check_path(self, path: Path) -> None:
        """Lock a model that was given by path, or compare it with its lock. Read again only when the file was touched.

        Raises:
            ModelError: missing, or changed since its first use.
        """
        try:
            state = path.stat()
        except OSError as error:
            raise ModelError(f"model {path} could not be read ({error.strerror}): check the path") from error
        key, seen = str(path.resolve()), f"{state.st_size} {state.st_mtime_ns}"
        if self.locked().get(f"state of {key}") == seen:
            return
        self.lock(key, sha256(path))
        self._write(self.locked() | {f"state of {key}": seen})

    def resolve(self, value: str) -> Path:
        """The file of a model given by a name of the catalogue, an address that was pulled, or a path; locked.

        Raises:
            ModelError: it is not there, or has changed since its first use. Nothing is fetched.
        """
        model = catalogue().get(value) or (at_address(value) if "://" in value else None)
        path = Path(value) if model is None else self.path_of(model)
        if model is not None and not path.is_file():
            raise ModelError(f"{value} is not here yet: edge models pull {value}")
        self.check_path(path)
        return path

    def _write(self, rows: dict[str, str]) -> None:
        with _writing(self._lock_file):
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = self._lock_file.with_suffix(".partial")
            partial.write_text(json.dumps(rows, indent=1, sort_keys=True), "utf-8")
            partial.replace(self._lock_file)


def at_address(url: str) -> Model:
    """A model that the catalogue does not know; each address has a folder of its own, file names repeat."""
    name = "address-" + hashlib.sha256(url.encode()).hexdigest()[:12]
    return Model(name, url, "", 0, "unknown: see the address", url, "")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(f"{path} could not be written ({error.strerror}): check the folder and its space") from error


def sha256(path: Path) -> str:
    """Hex digest of a file.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"model {path} could not be read ({error.strerror}): check the path") from error


def _download(url: str, partial: Path, step: Step) -> None:
    import http.client
    import urllib.error  # with TLS it is 8 MB that a running session has no use for
    import urllib.request

    have = partial.stat().st_size if partial.exists() else 0
    try:
        request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            resumed = answer.status == 206
            have = have if resumed else 0
            total = have + int(answer.headers.get("Content-Length") or 0)
            with partial.open("ab" if resumed else "wb") as file:
                for block in _blocks(answer):
                    file.write(block)
                    have += len(block)
                    step(have, total)
        if total and have < total:
            raise ModelError(f"{url} stopped at {have} of {total} bytes: run the same command again, it goes on there")
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # the server has nothing behind what is here: it is whole
            return
        raise ModelError(f"{url} could not be pulled (HTTP {error.code} {error.reason}): check the address") from error
    except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException, ValueError) as error:
        why = " ".join(str(getattr(error, "reason", error)).split())
        raise ModelError(f"{url} could not be pulled ({why}): check the network, then run the same command again; "
                         "what has come is kept") from error  # fmt: skip


def _blocks(answer: Any) -> Iterator[bytes]:
    while block := answer.read(BLOCK_BYTES):
        yield block

"""Calibration data, one sample at a time: a folder of pictures or of WAV files, or an .npz with the model's inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from quantize.errors import InputError
from quantize.onnx.arrays import arrays_of
from quantize.onnx.preprocessing import Preprocessing, free_sizes, picture, sound
from quantize.onnx.session import Port

Sample = Mapping[str, NDArray[Any]]
"""input name → array, with the batch axis"""
PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
WINDOW: Final = 16000
"""samples of sound in one input whose length the model leaves free"""
FILES: Final = 100_000


class Samples:
    """A sequence of samples that are made when they are asked for; only names are kept in memory."""

    def __init__(self, keys: Sequence[Any], make: Callable[[Any], Sample], digest: str) -> None:
        self._keys, self._make = list(keys), make
        self.digest = digest
        """sha256 of what the samples are made of"""

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Sample]:
        return (self._make(key) for key in self._keys)

    def shuffled(self) -> Samples:
        """The same in another order, always the same one: folders have their rhythm, and parts dealt out must not."""
        order = np.random.default_rng(len(self._keys)).permutation(len(self._keys))
        return Samples([self._keys[n] for n in order], self._make, self.digest)

    def part(self, keep: Callable[[int], bool], limit: int | None = None) -> Samples:
        """Those whose index is kept, spread evenly over all where there are more than the limit."""
        keys = [key for index, key in enumerate(self._keys) if keep(index)]
        if limit is not None and len(keys) > limit:
            keys = [keys[index * len(keys) // limit] for index in range(limit)]
        return Samples(keys, self._make, self.digest)


def samples_of(path: Path, ports: Sequence[Port], how: Preprocessing) -> Samples:
    """The samples of a folder or an .npz for a model with these inputs.

    Raises:
        InputError: there are none, or they do not fit the model.
    """
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in PICTURES | {".wav"} and p.is_file())[:FILES]
        if not found:
            raise InputError(f"{path} has no pictures and no WAV files: name a folder that has, or an .npz")
        sounds = [p for p in found if p.suffix.lower() == ".wav"]
        if len(ports) != 1:
            raise InputError(f"{path}: the model takes {_ports(ports)}: give them all in an .npz, one array for each")
        if sounds and len(sounds) < len(found):
            raise InputError(
                f"{path} has pictures and WAV files: keep those that the model takes in a folder of their own"
            )
        return _sounds(found, ports[0], how) if sounds else _pictures(found, ports[0], how)
    if path.suffix == ".npz":
        return _arrays(path, ports)
    raise InputError(f"{path} is no folder of pictures or WAV files and no .npz: check the path")


def _pictures(found: list[Path], port: Port, how: Preprocessing) -> Samples:
    if port.dtype != "float32":
        raise InputError(
            f"{found[0].parent}: the model takes {port.dtype}, not float pictures: give its inputs as an .npz"
        )
    return Samples(found, lambda path: {port.name: picture(path, port.shape, how)}, _digest(found))


def _sounds(found: list[Path], port: Port, how: Preprocessing) -> Samples:
    shape = free_sizes(port.shape, WINDOW)
    if len(port.shape) > 2 or port.dtype != "float32" or shape[0] != 1:
        what = f"{port.name} {list(port.shape)} of {port.dtype}"
        raise InputError(f"{found[0].parent}: the model takes {what}, no sound: give its inputs as an .npz")
    length = shape[-1]
    keys: list[tuple[Path, int]] = []
    for path in found:
        windows = len(sound(path, how.rate_hz)) // length
        keys += [(path, index * length) for index in range(windows)]
    if not keys:
        raise InputError(
            f"{found[0].parent}: no WAV file has the {length} samples that the model takes: use longer ones"
        )

    def make(key: tuple[Path, int]) -> Sample:
        path, start = key
        return {port.name: sound(path, how.rate_hz)[start : start + length].reshape(shape)}

    return Samples(keys, make, _digest(found))


def _arrays(path: Path, ports: Sequence[Port]) -> Samples:
    arrays = arrays_of(path)
    wanted = {port.name for port in ports}
    if set(arrays) != wanted:
        raise InputError(f"{path} has {', '.join(sorted(arrays))}: the model takes {_ports(ports)}, one array for each")
    counts = {array.shape[0] if array.ndim else 0 for array in arrays.values()}
    if len(counts) != 1 or 0 in counts:
        raise InputError(f"{path}: every array needs the same number of samples, at least one, along its first axis")
    for port in ports:
        shape, dtype = arrays[port.name].shape[1:], arrays[port.name].dtype.name
        fits = len(shape) == len(port.shape) and all(p in (None, s) for s, p in zip(shape, port.shape, strict=True))
        if not fits or dtype != port.dtype:
            text = f"{path}: a sample of {port.name} is {list(shape)} of {dtype}, the model takes {list(port.shape)}"
            raise InputError(f"{text} of {port.dtype}: the first axis counts the samples")
    digest = _digest([path])
    return Samples(
        range(counts.pop()), lambda index: {n: np.array(array[index]) for n, array in arrays.items()}, digest
    )


def _digest(found: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in found:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def _ports(ports: Sequence[Port]) -> str:
    return ", ".join(f"{port.name} {list(port.shape)}" for port in ports)

"""An .npz that is opened without being read: arrays that `numpy.savez` stored are mapped, so that memory holds a sample."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from quantize.errors import InputError

HEADER: Final = struct.Struct("<26xHH")
"""of a member of a zip file: 26 bytes that are known from its directory, lengths of its name and its extra field"""


def arrays_of(path: Path) -> dict[str, NDArray[Any]]:
    """Name → array. Those that are compressed are read whole.

    Raises:
        InputError: it is no .npz of plain arrays.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            return {info.filename.removesuffix(".npy"): _array(path, archive, info) for info in members}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError, NotImplementedError) as error:
        raise InputError(f"{path} is no .npz of plain arrays ({error}): write it with numpy.savez") from error


def _array(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    if info.compress_type != zipfile.ZIP_STORED:
        with archive.open(info) as member:
            return np.asarray(np.lib.format.read_array(member, allow_pickle=False))
    with path.open("rb") as file:
        file.seek(info.header_offset)
        name, extra = HEADER.unpack(file.read(HEADER.size))
        file.seek(name + extra, 1)
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"array format {version}")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, is_fortran, kind = read(file)
        if kind.hasobject:
            raise ValueError("an array of Python objects")
        start = file.tell()
    order: Any = "F" if is_fortran else "C"
    if 0 in shape:
        return np.zeros(shape, kind)
    return np.memmap(path, kind, "r", start, shape, order)
